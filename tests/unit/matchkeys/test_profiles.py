"""The table: which profile defines which field, how it is asked for, and what an answer looks like."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from services.normalizer.matchkeys import (
    ALL_PROFILES,
    FIRST_VERSIONS,
    NEWEST_VERSIONS,
    PROFILES,
    MatchKey,
    UndefinedField,
    UnknownCountry,
    UnknownProfile,
    match_key,
    match_keys,
    profile_of,
    profile_under,
    rule_of,
)

NAMES = {"first_name", "last_name"}
ADDRESS = {"city", "state", "zip", "country"}
FIELDS = {
    "plain": {"email", "phone", "date_of_birth", "gender"} | NAMES | ADDRESS,
    "amazon": {"email", "phone", "street"} | NAMES | ADDRESS,
    "entity-resolution": {"email", "phone", "street"} | NAMES | ADDRESS,
    "google": {"email", "phone"} | NAMES,
    "meta": {"email", "phone", "date_of_birth", "gender"} | NAMES | ADDRESS,
    "uid2": {"email", "phone"},
    "entity-resolution-service": {"email", "phone", "street"} | NAMES | ADDRESS,
    "euid": {"email", "phone"},
    "the-trade-desk": {"email", "phone"},
    "liveramp": {"email", "phone"},
    "reddit": {"email"},
}
STANDARDS = ("plain", "amazon", "entity-resolution", "google", "meta", "uid2")
VERSIONS = {name: [1, 2] if name in STANDARDS else [1] for name in FIELDS}


def test_each_profile_defines_the_fields_that_its_standard_hashes() -> None:
    assert {name: set(profile_of(name).rules) for name in PROFILES} == FIELDS


def test_version_1_has_no_street() -> None:
    assert {name: set(profile_of(f"{name}@1").rules) for name in STANDARDS} == {
        name: FIELDS[name] - {"street"} for name in STANDARDS
    }


def test_every_version_of_every_profile_is_kept() -> None:
    assert {name: list(versions) for name, versions in PROFILES.items()} == VERSIONS
    assert set(ALL_PROFILES) == {f"{name}@{version}" for name in FIELDS for version in VERSIONS[name]}
    assert all(id_ == profile.id for id_, profile in ALL_PROFILES.items())


def test_a_key_depends_on_profile_and_version_and_for_phones_on_the_library() -> None:
    assert rule_of("plain@1", "email").fingerprint == "plain@1"
    assert rule_of("plain", "email").fingerprint == "plain@2"
    assert re.fullmatch(
        r"uid2@2 \(rphonenumbers [\d.]+, metadata [\d.]+\)", rule_of("uid2", "phone").fingerprint
    )


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("entity-resolution", 2),
        ("entity-resolution@1", 1),
        (" Entity_Resolution ", 2),
        ("ENTITY_RESOLUTION@2", 2),
    ],
)
def test_a_profile_without_its_version_is_the_newest(name: str, version: int) -> None:
    assert profile_of(name) is PROFILES["entity-resolution"][version]


@pytest.mark.parametrize(
    ("name", "id_"), [("plain", "plain@1"), ("plain@2", "plain@2"), ("uid2", "uid2@2"), ("Meta@1", "meta@1")]
)
def test_a_name_without_version_is_the_version_that_a_mapping_gives_it(name: str, id_: str) -> None:
    assert profile_under(name, {"plain": 1}).id == id_


def test_a_version_in_a_mapping_must_exist() -> None:
    with pytest.raises(UnknownProfile, match="there is no profile 'plain@7'"):
        profile_under("plain", {"plain": 7})


def test_first_and_newest_versions() -> None:
    assert {name: versions[0] for name, versions in VERSIONS.items()} == FIRST_VERSIONS
    assert {name: versions[-1] for name, versions in VERSIONS.items()} == NEWEST_VERSIONS


@pytest.mark.parametrize("name", ["facebook", "", "plain@3", "plain@1@1", "@1", "plain@"])
def test_an_unknown_profile_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(UnknownProfile, match=r"the profiles are plain@1, plain@2, amazon@1, .*uid2@2"):
        profile_of(name)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("first-name", "first_name"),
        ("First Name", "first_name"),
        ("dob", "date_of_birth"),
        ("Postal-Code", "zip"),
    ],
)
def test_a_field_is_found_by_its_other_names(asked: str, meant: str) -> None:
    assert rule_of("meta", asked) is rule_of("meta", meant)


@pytest.mark.parametrize(
    ("profile", "field"), [("google", "zip"), ("uid2", "first_name"), ("plain", "shoe_size")]
)
def test_an_undefined_field_is_refused_with_the_defined_ones(profile: str, field: str) -> None:
    fields = ", ".join(sorted(FIELDS[profile]))
    with pytest.raises(UndefinedField, match=f"{profile}@2 .* '{field}'; its fields are {fields}$"):
        rule_of(profile, field)


@pytest.mark.parametrize("field", ["email", "phone"])
@pytest.mark.parametrize("country", ["", "ZZ", "Freedonia"])
def test_a_default_country_that_is_none_is_refused_for_every_field(field: str, country: str) -> None:
    with pytest.raises(UnknownCountry):
        match_keys("plain", field, ["jane@example.com"], default_country=country)


def test_countries_must_be_as_many_as_values() -> None:
    with pytest.raises(ValueError, match="zip"):
        match_keys("plain", "phone", ["+442070313000", "+442070313000"], ["GB"])


def test_only_fields_that_differ_by_country_ask_for_one() -> None:
    needing = {
        (name, field)
        for name in PROFILES
        for field, rule in profile_of(name).rules.items()
        if rule.needs_country
    }
    assert needing == {(name, "phone") for name, fields in FIELDS.items() if "phone" in fields} | {
        ("amazon", "state"),
        ("amazon", "street"),
        ("amazon", "zip"),
        ("entity-resolution", "state"),
        ("entity-resolution", "street"),
        ("entity-resolution-service", "state"),
        ("entity-resolution-service", "street"),
        ("meta", "state"),
        ("meta", "zip"),
    }


@pytest.mark.parametrize("profile", FIELDS)
def test_digests_are_lower_case_hexadecimal_and_for_uid2_and_its_like_base64(profile: str) -> None:
    digest = hashlib.sha256(b"jane@example.com")
    in_base64 = profile in ("uid2", "euid", "the-trade-desk")
    expected = base64.b64encode(digest.digest()).decode() if in_base64 else digest.hexdigest()
    assert match_key(profile, "email", "Jane@example.com").match_key == expected


@pytest.mark.parametrize("profile", FIELDS)
def test_a_missing_value_has_no_key(profile: str) -> None:
    for field in FIELDS[profile]:
        assert match_key(profile, field, None) == MatchKey(None, None)
        assert match_keys(profile, field, [None, None], ["US", None], "US") == [None, None]
