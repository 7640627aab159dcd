"""E-mail addresses under each profile, and what counts as one."""

from __future__ import annotations

import pytest

from services.normalizer.matchkeys import match_key

PROFILES = ("plain", "amazon", "entity-resolution", "google", "meta", "uid2")


def normalized(profile: str, value: str) -> str | None:
    return match_key(profile, "email", value).normalized


@pytest.mark.parametrize("profile", PROFILES)
def test_case_and_white_space_around_an_address_do_not_matter(profile: str) -> None:
    assert normalized(profile, " \t\u00a0Jane@Example.COM\r\n") == "jane@example.com"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    "value",
    [
        "jane",
        "jane@",
        "@example.com",
        "jane@exa@mple.com",
        "a@example.com;b@example.com",
        "a@example.com, b@example.com",
        "jane@example..com",
        "jane@.example.com",
        "jane@example.com.",
        "jane@example.co\ufffd",
        "x" * 243 + "@example.com",
    ],
)
def test_what_is_no_address_has_no_key(profile: str, value: str) -> None:
    assert normalized(profile, value) is None


@pytest.mark.parametrize("profile", ["plain", "google", "meta", "uid2"])
@pytest.mark.parametrize(
    "value",
    [
        "jane doe@example.com",
        "jane@exam ple.com",
        "Jane <jane@example.com>",
        "<jane@example.com>",
        "mailto:jane@example.com",
        '"jane"@example.com',
        "jane\u200b@example.com",
        "jane\x00@example.com",
    ],
)
def test_standards_that_drop_no_characters_refuse_what_an_address_cannot_hold(
    profile: str, value: str
) -> None:
    assert normalized(profile, value) is None


@pytest.mark.parametrize("profile", PROFILES)
def test_the_longest_address_has_254_characters(profile: str) -> None:
    longest = "x" * 242 + "@example.com"
    assert normalized(profile, longest) == longest


def test_length_is_counted_in_bytes() -> None:
    assert normalized("plain", "é" * 200 + "@example.com") is None


@pytest.mark.parametrize("profile", ["plain", "google", "meta"])
def test_a_domain_needs_a_dot(profile: str) -> None:
    assert normalized(profile, "jane@localhost") is None


def test_uid2_asks_for_no_dot_in_the_domain() -> None:
    assert normalized("uid2", "jane@localhost") == "jane@localhost"


@pytest.mark.parametrize(
    ("profile", "value", "expected"),
    [
        ("plain", "J.a.ne+News@Gmail.com", "j.a.ne+news@gmail.com"),
        ("meta", "J.a.ne+News@Gmail.com", "j.a.ne+news@gmail.com"),
        ("amazon", "J.a.ne+News@Gmail.com", "j.a.nenews@gmail.com"),
        ("entity-resolution", "J.a.ne+News@Gmail.com", "j.a.nenews@gmail.com"),
        ("google", "J.a.ne+News@Gmail.com", "jane+news@gmail.com"),
        ("google", "J.a.ne@GoogleMail.com", "jane@googlemail.com"),
        ("uid2", "J.a.ne+News@Gmail.com", "jane@gmail.com"),
        ("uid2", "J.a.ne+News@GoogleMail.com", "j.a.ne+news@googlemail.com"),
    ],
)
def test_gmail_under_each_profile(profile: str, value: str, expected: str) -> None:
    assert normalized(profile, value) == expected


@pytest.mark.parametrize("profile", ["google", "uid2"])
@pytest.mark.parametrize("domain", ["example.com", "gmail.com.example.org", "notgmail.com", "gmail.co.uk"])
def test_dots_stay_everywhere_but_at_gmail(profile: str, domain: str) -> None:
    assert normalized(profile, f"j.a.ne@{domain}") == f"j.a.ne@{domain}"


@pytest.mark.parametrize("value", ["...@gmail.com", "+news@gmail.com", ".+.@gmail.com"])
def test_uid2_needs_something_left_before_gmail(value: str) -> None:
    assert normalized("uid2", value) is None


def test_amazon_drops_what_an_address_cannot_hold_and_keeps_letters_of_every_script() -> None:
    assert normalized("amazon", "Jür gen'_-O+x@Example.com") == "jürgen_-ox@example.com"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Jane Doe <Jane@Example.com>", "jane@example.com"),
        ("jane(at)example.com", "jane@example.com"),
        ("Jane <jane(AT)example.com>", "jane@example.com"),
        ("Zoë.Ñandú@example.com", "zoe.nandu@example.com"),
        ("zoe\u0308@example.com", "zoe@example.com"),
        ("<>", None),
        ("jane(at)doe@example.com", None),
    ],
)
def test_entity_resolution_unwraps_and_drops_accents(value: str, expected: str | None) -> None:
    assert normalized("entity-resolution", value) == expected
