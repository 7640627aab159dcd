"""What people and programs write where they have no value has no key; what only looks like it has one."""

from __future__ import annotations

import pytest

from services.normalizer.matchkeys import NEWEST_VERSIONS, match_key, profile_of
from services.normalizer.matchkeys.phone_text import (
    EVERYDAY_FILLER_ENDS,
    FILLER_ENDS,
    is_all_ten_in_order,
    is_in_order,
    is_made_up,
)

WORDS = [
    *("", " ", "\u3000", "\u200b", "nan", "NULL", "None", "N/A", "n.a.", "<NA>", "(null)", "[null]"),
    *("{null}", "{}", "[]", "()", '""', "''", '"null"', "[NA]", "(empty)", "\\N", "undefined", "Unknown"),
    *("UNKNOWN", "not available", "Not Provided", "no name", "unspecified", "#N/A", "#REF!", "#NAME?"),
    *("#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA", "#BEZUG!"),
    *("#\xa1REF!", "#NOM?", "#NV", "Err:502", "%%FirstName%%", "%%=v(@name)=%%", "Dear %%FirstName%%"),
    *("{{Contact.FirstName}}", "${name}", "*|FNAME|*", "-", "--", "...", "?", "???", "*", "#", "_"),
    *("\u2013", "\u2764\ufe0f", "\u0301", "0", "000", "00000", "99999", "9999999999", "1111111"),
    *("1234567890", "0123456789", "1231231234", "12345678", "987654321", "0.0", "1234567890.0"),
]
TEXTS = [
    (f"{name}@{version}", field)
    for name, version in NEWEST_VERSIONS.items()
    for field in profile_of(name).rules
    if field not in {"phone", "email", "country", "date_of_birth", "gender"}
]
NAMES = [(profile, field) for profile, field in TEXTS if field in {"first_name", "last_name", "city"}]


@pytest.mark.parametrize("value", WORDS)
@pytest.mark.parametrize(("profile", "field"), TEXTS)
def test_a_filler_has_no_key(profile: str, field: str, value: str) -> None:
    assert match_key(profile, field, value, "US").match_key is None
    assert match_key(profile, field, f" {value}\t", "DE").match_key is None


@pytest.mark.parametrize("value", WORDS)
def test_a_filler_is_no_day_no_gender_and_no_country(value: str) -> None:
    assert {
        match_key("plain", field, value).match_key
        for field in ("date_of_birth", "gender", "country", "email")
    } == {None}


@pytest.mark.parametrize(
    "value",
    ["Na", "Nil", "Test", "Null Island", "Nan Goldin", "Noname Jr", "Xx", "Ref", "O", "E"],
)
@pytest.mark.parametrize(("profile", "field"), NAMES)
def test_names_that_only_look_like_fillers_have_keys(profile: str, field: str, value: str) -> None:
    assert match_key(profile, field, value).match_key is not None


@pytest.mark.parametrize("value", ["12345", "02134", "99950", "00501", "11111"])
@pytest.mark.parametrize("profile", ["plain", "amazon", "entity-resolution", "meta"])
def test_postal_codes_that_are_assigned_have_keys(profile: str, value: str) -> None:
    assert match_key(profile, "zip", value, "US").normalized == value


@pytest.mark.parametrize("value", ["2.5", "2134.5", "1,234.0", "+5.0", "-5.0", "2.134E+03", "5E+5"])
@pytest.mark.parametrize(("profile", "field"), TEXTS)
def test_other_decimals_are_no_names_and_no_places(profile: str, field: str, value: str) -> None:
    assert match_key(profile, field, value, "US").match_key is None


def test_the_float_of_a_date_of_birth_is_read() -> None:
    assert match_key("plain", "date_of_birth", "19800229.0").normalized == "19800229"
    assert match_key("meta", "date_of_birth", "29.02.1980").normalized == "19800229"


def test_every_filler_of_a_phone_ends_as_the_quick_tests_ask() -> None:
    lines = ["0123456789" * 3, "9876543210" * 3, "123" * 6, "123123" + "4567", "1231234567", "12345678910"]
    lines += [digit * 15 for digit in "0123456789"]
    numbers = {
        line[at:to] for line in lines for at in range(len(line) - 3) for to in range(at + 4, len(line) + 1)
    }
    fillers = {each for each in numbers if is_made_up(each) or is_in_order(each) or is_all_ten_in_order(each)}

    assert len(fillers) > 200
    assert {each for each in fillers if each[-4:] not in EVERYDAY_FILLER_ENDS} == set()
    assert {each for each in fillers if each[-3:] not in FILLER_ENDS} == set()
