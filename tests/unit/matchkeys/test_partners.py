"""Profiles of partners: another standard's rules under a name of their own, and what they do otherwise."""

from __future__ import annotations

import hashlib

import pytest

from services.normalizer.matchkeys import match_key, profile_of, rule_of
from tests.unit.normalizer.normalizing import recipe_of, run

EMAILS = ("Jane.Doe+News@Gmail.com", " bob+x@example.com", "nobody", "a@b.example", "o@googlemail.com")
PHONES = ("+1 212-555-0123", "+49 30 12345678", "12", "+33 6 12 34 56 78")


@pytest.mark.parametrize("alias", ["euid", "the-trade-desk"])
@pytest.mark.parametrize(("field", "values"), [("email", EMAILS), ("phone", PHONES)])
def test_an_alias_makes_the_keys_of_uid2(alias: str, field: str, values: tuple[str, ...]) -> None:
    for value in values:
        assert match_key(alias, field, value) == match_key("uid2@2", field, value)


@pytest.mark.parametrize("alias", ["euid", "the-trade-desk"])
def test_an_alias_has_its_own_name_in_fingerprints_and_columns(alias: str) -> None:
    assert profile_of(alias).id == f"{alias}@1"
    assert rule_of(alias, "email").fingerprint == f"{alias}@1"
    assert rule_of(alias, "phone").fingerprint.startswith(f"{alias}@1 (")
    recipe = recipe_of(f"Mail: {{hash: email, profiles: [{alias}], required: true}}")
    assert recipe.arrow_schema.names == [f"email_{alias.replace('-', '_')}"]
    assert recipe.profiles == (f"{alias}@1",)


def test_liveramp_takes_emails_by_sha_256() -> None:
    """The example of LiveRamp's page "Hashing Identifiers"."""
    key = match_key("liveramp", "email", "MyName@liveramp.com ")
    assert key.normalized == "myname@liveramp.com"
    assert key.match_key == hashlib.sha256(b"myname@liveramp.com").hexdigest()


def test_and_phones_by_sha_1_of_their_ten_digits() -> None:
    """The example of the same page; its 555-1234 is no assigned number."""
    key = match_key("liveramp", "phone", "+1 (555) 123-4567")
    assert key.normalized == "5551234567"
    assert key.match_key == hashlib.sha1(b"5551234567", usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("value", ["+49 30 12345678", "+33 6 12 34 56 78", "12"])
def test_a_phone_of_another_country_has_no_key_for_liveramp(value: str) -> None:
    assert match_key("liveramp", "phone", value).match_key is None


def test_a_national_number_needs_its_country() -> None:
    assert match_key("liveramp", "phone", "(212) 555-0123", "US").normalized == "2125550123"
    assert match_key("liveramp", "phone", "030 12345678", "DE").normalized is None


def test_reddit_drops_aliases_and_signs_for_every_domain() -> None:
    """The example of Reddit's page "Manual Advanced Matching", with its digest."""
    key = match_key("reddit", "email", "Al.ice$+Apple@Example.Com")
    assert key.normalized == "alice@example.com"
    assert key.match_key == "ff8d9819fc0e12bf0d24892e45987e249a28dce836a85cad60e28eaaa8c6d976"


@pytest.mark.parametrize("value", ["+x@example.com", "$@example.com", "a b@example.com", "'A' <a@b>"])
def test_an_address_of_which_nothing_is_left_has_no_key_for_reddit(value: str) -> None:
    assert match_key("reddit", "email", value).match_key is None


@pytest.mark.parametrize(
    ("value", "normalized"),
    [
        ("Jane.Doe+News@Example.com", "janedoe@example.com"),
        ("jane_doe@example.com", "janedoe@example.com"),
        ("J\u00f6rg.M@example.com", "jorgm@example.com"),
        ("jane@mail.example.com", "jane@mail.example.com"),
        ("jane.doe@googlemail.com", None),
        ("+x@example.com", None),
    ],
)
def test_the_services_own_guide_drops_dots_and_suffixes(value: str, normalized: str | None) -> None:
    assert match_key("entity-resolution-service", "email", value).normalized == normalized


def test_the_service_writes_all_else_as_the_library() -> None:
    service, library = profile_of("entity-resolution-service"), profile_of("entity-resolution@2")
    assert service.rules.keys() == library.rules.keys()
    for field, value in (("last_name", "O'Brien"), ("zip", "90210-1234"), ("city", "New York")):
        assert match_key(service.id, field, value) == match_key(library.id, field, value)


@pytest.mark.parametrize(
    ("profile", "field", "digest", "taken"),
    [
        ("liveramp", "phone", "A" * 40, "a" * 40),
        ("liveramp", "phone", "a" * 64, None),
        ("liveramp", "email", "A" * 64, "a" * 64),
        ("euid", "email", "A" * 43 + "=", "A" * 43 + "="),
        ("euid", "email", "a" * 64, None),
        ("the-trade-desk", "phone", "a" * 43 + "=", "a" * 43 + "="),
        ("uid2", "email", "b" * 43 + "=", "b" * 43 + "="),
        ("plain", "email", "b" * 43 + "=", None),
    ],
)
def test_what_is_already_hashed_must_be_written_as_the_profile_writes_the_field(
    profile: str, field: str, digest: str, taken: str | None
) -> None:
    recipe = recipe_of(f"""
        Id: {{type: string, required: true}}
        Key: {{hash: {field}, already_hashed: {profile}}}
    """)
    column = recipe.arrow_schema.names[1]
    assert run(f"Id,Key\n1,{digest}\n", recipe).column(column) == [taken]
