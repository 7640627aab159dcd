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


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    "value",
    [
        "jane doe@example.com",
        "jane @example.com",
        "jane\u00a0doe@example.com",
        "jane@exam ple.com",
        "jane,doe@example.com",
        "jane;doe@example.com",
        "smtp:jane@example.com",
        "jane.doe(home)@example.com",
        '"jane"@example.com',
        '"jane doe"@example.com',
        "jane\\@example.com",
        "jane\x00@example.com",
        "jane\u200d@example.com",
        "jane\u00ad@example.com",
        "jane\u202e@example.com",
        "mailto:jane%40example.com",
        "mailto:jane%2Bdoe@example.com",
        "mailto:jane@example.com,joe@example.com",
        "joe@example.com <jane@example.com>",
        "Jane <jane@example.com> <joe@example.com>",
        "Jane <jane@example.com",
        "jane@example.com>",
        "Jane <jane doe@example.com>",
        "jane@example.com/joe",
        "jane@exam!ple.com",
        "jane@example.com?subject=hi",
        "jane@example\u3002com",
        "jane@example\u2026com",
        "jane\uff20joe@example.com",
    ],
)
def test_no_standard_makes_an_address_of_a_text_that_is_none(profile: str, value: str) -> None:
    assert normalized(profile, value) is None


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    "value",
    [
        "<jane@example.com>",
        "Jane Doe <jane@example.com>",
        '"Doe, Jane" <Jane@Example.com>',
        "jane@example.com <jane@example.com>",
        "'jane@example.com' <jane@example.com>",
        "mailto:jane@example.com",
        "MAILTO:jane@example.com?subject=Hello",
        "<mailto:jane@example.com>",
        "jane@example.com,",
        "jane@example.com ; ",
        "<jane@example.com>;",
        '"jane@example.com"',
        "'jane@example.com'",
        "jane\u200b@example.com",
        "\ufeffjane@example.com",
        "jane@example\u2060.com",
        "jane\uff20example.com",
        "jane\ufe6bexample.com",
        "\uff4a\uff41\uff4e\uff45\uff20\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45\uff0e\uff43\uff4f\uff4d",
    ],
)
def test_what_is_certainly_no_part_of_an_address_is_cleaned_away(profile: str, value: str) -> None:
    assert normalized(profile, value) == "jane@example.com"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    "value",
    [
        ".@example.com",
        "--@example.com",
        "_@example.com",
        "\u2764@example.com",
        "%%emailaddr%%@example.com",
        "{{email}}@example.com",
        "jane@-.-",
        "jane@example.--",
        "#REF!@example.com",
    ],
)
def test_a_filler_is_no_address(profile: str, value: str) -> None:
    assert normalized(profile, value) is None


@pytest.mark.parametrize("profile", ["plain", "google", "meta", "uid2"])
@pytest.mark.parametrize("local", ["o'neill", "jane+news", "a&b", "x=y", "1234567890", "jane_", "джейн"])
def test_unusual_addresses_are_addresses(profile: str, local: str) -> None:
    assert normalized(profile, f"{local}@example.com") == f"{local}@example.com"


@pytest.mark.parametrize("profile", ["plain", "google", "meta", "uid2"])
@pytest.mark.parametrize(
    "domain", ["bücher.example", "उदाहरण.परीक्षा", "a_b.example", "xn--bcher-kva.example"]
)
def test_domains_have_letters_and_digits_of_every_script(profile: str, domain: str) -> None:
    assert normalized(profile, f"jane@{domain}") == f"jane@{domain}"


def test_no_standard_makes_another_domain_of_one() -> None:
    assert normalized("amazon", "jane@उदाहरण.परीक्षा") is None
    assert normalized("entity-resolution", "jane@bücher.example") is None


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
        ("google", "J.a.ne+News@Gmail.com", "jane@gmail.com"),
        ("google", "J.a.ne+News@GoogleMail.com", "jane@googlemail.com"),
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


@pytest.mark.parametrize("profile", ["google", "uid2"])
@pytest.mark.parametrize("value", ["...@gmail.com", "+news@gmail.com", ".+.@gmail.com", "-+a@gmail.com"])
def test_something_must_be_left_before_gmail(profile: str, value: str) -> None:
    assert normalized(profile, value) is None


def test_amazon_drops_signs_of_an_address_and_keeps_letters_of_every_script() -> None:
    assert normalized("amazon", "Jürgen'_-O+x@Example.com") == "jürgen_-ox@example.com"
    assert normalized("amazon", "+@example.com") is None


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
