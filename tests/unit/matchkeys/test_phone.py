"""Phone numbers: national and international notation, what is no number, and what each profile writes."""

from __future__ import annotations

import pytest

from services.normalizer.matchkeys import match_key, match_keys
from services.normalizer.matchkeys.phone_library import LIBRARY

PUBLISHERS = ("amazon", "entity-resolution", "google", "meta", "uid2")


def plain(value: str, country: str | None = None) -> str | None:
    return match_key("plain", "phone", value, country).normalized


@pytest.mark.parametrize(
    ("value", "country", "expected"),
    [
        ("(650) 253-0000", "US", "+16502530000"),
        ("1 650 253 0000", "US", "+16502530000"),
        ("020 7031 3000", "GB", "+442070313000"),
        ("01 40 20 50 50", "FR", "+33140205050"),
        ("030/123456", "DE", "+4930123456"),
        ("06 6982", "IT", "+39066982"),
        ("03-3224-9999", "JP", "+81332249999"),
    ],
)
def test_a_national_number_is_read_in_its_country(value: str, country: str, expected: str) -> None:
    assert plain(value, country) == expected


@pytest.mark.parametrize(
    "value",
    [
        "+44 7911 123456",
        "+44 (0) 7911 123456",
        "+44 (0)7911-123456",
        "+44(0)7911123456",
        "0044 7911 123456",
        "00 44 (0) 7911 123456",
        "tel:+44-7911-123456",
        "＋４４　７９１１　１２３４５６",
        "+44 7911 123456 ext. 12",
        "+44 7911 123456 x12",
        "+44 7911 123456;ext=12",
    ],
)
@pytest.mark.parametrize("country", [None, "GB", "US", "JP", "BR"])
def test_international_notation_means_the_same_from_every_country(value: str, country: str | None) -> None:
    assert plain(value, country) == "+447911123456"


def test_a_countrys_own_prefix_abroad_is_understood_too() -> None:
    assert plain("011 44 7911 123456", "US") == "+447911123456"


def test_without_a_country_a_national_number_is_none() -> None:
    assert plain("(650) 253-0000") is None


@pytest.mark.parametrize("country", ["GB", "FR"])
def test_a_national_number_of_another_country_is_none(country: str) -> None:
    assert plain("(650) 253-0000", country) is None


@pytest.mark.parametrize("value", ["+6502530000", "+(650) 253-0000", "+07911 123456", "+020 7031 3000"])
@pytest.mark.parametrize("country", [None, "US", "GB"])
def test_a_plus_before_a_national_number_does_not_make_a_country_code_of_it(
    value: str, country: str | None
) -> None:
    assert plain(value, country) is None


@pytest.mark.parametrize("profile", ["plain", *PUBLISHERS])
@pytest.mark.parametrize(
    "value",
    [
        "",
        "  ",
        "nan",
        "n/a",
        "unknown",
        "jane@example.com",
        "+",
        "00",
        "+1",
        "12",
        "555-1234",
        "0000000000",
        "1111111111",
        "9999999999",
        "00000000000000001",
        "6.50253E+09",
        "+1 650 253 000\ufffd",
        "1" * 300,
    ],
)
def test_what_is_no_number_has_no_key(profile: str, value: str) -> None:
    assert match_key(profile, "phone", value, "US").match_key is None


@pytest.mark.parametrize("profile", PUBLISHERS)
@pytest.mark.parametrize(
    ("value", "country"), [("000000000000000004", "DE"), ("0000000000000", "DE"), ("+1 (555) 555-5555", None)]
)
def test_filler_is_no_number_although_it_is_as_long_as_one(
    profile: str, value: str, country: str | None
) -> None:
    assert match_key(profile, "phone", value, country).match_key is None


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("plain", "+442070313000"),
        ("google", "+442070313000"),
        ("uid2", "+442070313000"),
        ("amazon", "442070313000"),
        ("entity-resolution", "442070313000"),
        ("meta", "442070313000"),
    ],
)
def test_what_each_profile_writes(profile: str, expected: str) -> None:
    assert match_key(profile, "phone", "020 7031 3000", "GB").normalized == expected


def test_plain_asks_for_an_assigned_range() -> None:
    assert plain("+1 (555) 123-4567") is None


@pytest.mark.parametrize("profile", PUBLISHERS)
def test_the_publishers_take_every_possible_number(profile: str) -> None:
    normalized = match_key(profile, "phone", "+1 (555) 123-4567").normalized
    assert normalized is not None
    assert normalized.removeprefix("+") == "15551234567"


def test_a_valid_reading_goes_before_a_merely_possible_one() -> None:
    """In Japan the digits after 00 could be a number of their own, of a range that is not assigned."""
    assert match_key("amazon", "phone", "0044 7911 123456", "JP").normalized == "447911123456"


@pytest.mark.parametrize(
    ("value", "country", "expected"),
    [("+298 201234", None, None), ("+49 30 1234567", None, "+49301234567")],
)
def test_uid2_wants_ten_to_fifteen_digits(value: str, country: str | None, expected: str | None) -> None:
    assert plain(value) is not None
    assert match_key("uid2", "phone", value, country).normalized == expected


def test_every_row_has_its_own_country_and_a_blank_one_the_default() -> None:
    values = ["020 7031 3000", "01 40 20 50 50", "(650) 253-0000", "(650) 253-0001", "(650) 253-0002"]
    countries = ["GB", "France", " ", None, "Freedonia"]
    alone = [
        match_key("plain", "phone", value, country).match_key
        for value, country in zip(values, ["GB", "FR", "US", "US", None], strict=True)
    ]
    assert match_keys("plain", "phone", values, countries, "US") == alone
    assert [key is None for key in alone] == [False, False, False, False, True]


def test_the_library_and_its_metadata_are_named_for_the_record() -> None:
    assert LIBRARY == "rphonenumbers 0.1.0, metadata 9.0.41"
