"""Phones without ``+``: how version 2 of the profiles reads them, and what it takes for no number at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from services.normalizer.matchkeys import Digits, PhoneRule, rule_of
from tests.unit.matchkeys.phone_samples import assigned, calling_code

PROFILES = ("plain", "amazon", "entity-resolution", "google", "meta", "uid2")
NUMBERS = 3_000


def phones(profile: str = "plain@2", digits: Digits | None = None) -> PhoneRule:
    rule = rule_of(profile, "phone")
    assert isinstance(rule, PhoneRule)
    return rule.reading_digits_as(digits)


def in_row(value: str, country: str | None, digits: Digits | None = None) -> str | None:
    """The number of a row that names its country; the default is US."""
    return phones(digits=digits).normalise_many([value], [country], "US")[0]


def by_default(value: str, country: str, digits: Digits | None = None) -> str | None:
    """The number of a row without a country."""
    return phones(digits=digits).normalise_many([value], [" "], country)[0]


@pytest.mark.parametrize(
    ("value", "country", "number"),
    [
        ("4915112345678", "DE", "+4915112345678"),
        ("(49) 151 12345678", "DE", "+4915112345678"),
        ("49 (0) 151 12345678", "DE", "+4915112345678"),
        ('="4915112345678"', "DE", "+4915112345678"),
        ("4792813113", "NO", "+4792813113"),
        ("33612345678", "FR", "+33612345678"),
        ("38343123456", "XK", "+38343123456"),
        ("6281234567890", "ID", "+6281234567890"),
        ("16502530000", "US", "+16502530000"),
    ],
)
def test_valid_digits_that_begin_with_the_rows_own_code_are_international(
    value: str, country: str, number: str
) -> None:
    assert in_row(value, country) == number


@pytest.mark.parametrize(
    ("value", "country", "number"),
    [
        ("4792813113", "US", "+14792813113"),
        ("47012345", "NO", "+4747012345"),
        ("15112345678", "DE", "+4915112345678"),
        ("015112345678", "DE", "+4915112345678"),
        ("0811234567", "NA", "+264811234567"),
    ],
)
def test_other_digits_that_are_valid_in_the_rows_country_are_national(
    value: str, country: str, number: str
) -> None:
    assert in_row(value, country) == number


@pytest.mark.parametrize("country", ["US", "NO", "Freedonia"])
def test_digits_that_are_valid_abroad_alone_are_international(country: str) -> None:
    assert in_row("4915112345678", country) == "+4915112345678"


@pytest.mark.parametrize(
    ("value", "default", "number"),
    [
        ("4792813113", "US", None),
        ("4915112345678", "DE", None),
        ("6502530000", "US", "+16502530000"),
        ("16502530000", "US", "+16502530000"),
        ("4915112345678", "US", "+4915112345678"),
        ("015112345678", "DE", "+4915112345678"),
    ],
)
def test_where_the_default_alone_speaks_a_number_with_two_readings_is_none(
    value: str, default: str, number: str | None
) -> None:
    assert by_default(value, default) == number


@pytest.mark.parametrize("text", ["(479) 281-3113", "479-281-3113", "479.281.3113"])
def test_a_number_in_north_american_groups_has_one_reading(text: str) -> None:
    assert by_default(text, "US") == "+14792813113"
    assert by_default(text, "US", "strict") is None


@pytest.mark.parametrize(
    ("digits", "numbers"),
    [
        ("own_code", ["+4915112345678", "+4915112345678", "+14792813113", "+16502530000"]),
        ("international", ["+4915112345678", None, "+4792813113", None]),
        ("national", ["+494915112345678", "+4915112345678", "+14792813113", "+16502530000"]),
        ("strict", [None, "+4915112345678", None, "+16502530000"]),
    ],
)
@pytest.mark.parametrize("version", [1, 2])
def test_a_recipe_may_say_how_digits_are_read_in_every_version(
    version: int, digits: Digits, numbers: Sequence[str | None]
) -> None:
    values, countries = (
        ["4915112345678", "15112345678", "4792813113", "6502530000"],
        ["DE", "DE", "US", "US"],
    )
    assert phones(f"plain@{version}", digits).normalise_many(values, countries) == numbers


@pytest.mark.parametrize("digits", [None, "own_code", "international", "national", "strict"])
@pytest.mark.parametrize("value", ["+4792813113", "004792813113", "0047 928 13 113", "tel:+47-92813113"])
@pytest.mark.parametrize("country", ["US", "NO", "DE", None])
def test_a_plus_or_00_leaves_no_doubt(value: str, country: str | None, digits: Digits | None) -> None:
    assert in_row(value, country, digits) == "+4792813113"


@pytest.mark.parametrize("digits", [None, "own_code", "international", "national", "strict"])
def test_a_leading_zero_is_dialled_at_home(digits: Digits | None) -> None:
    assert in_row("030 901820", "DE", digits) == by_default("030 901820", "DE", digits) == "+4930901820"


def test_an_unknown_country_has_no_national_numbers() -> None:
    assert in_row("(650) 253-0000", "Freedonia") is None


def as_stored(code: str, number: str) -> str:
    """As Marketing Cloud's import guidelines ask: the country code, and no plus."""
    return code + number


def bare(_code: str, number: str) -> str:
    return number


def with_zero(_code: str, number: str) -> str:
    return "0" + number


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("region", "written", "share"),
    [
        ("US", bare, 0.995),
        ("US", as_stored, 0.995),
        *((region, as_stored, 0.99) for region in ("DE", "NO", "SE", "FR", "ID", "XK")),
        *((region, bare, 0.99) for region in ("DE", "NO", "SE", "FR", "ID", "XK")),
        *((region, with_zero, 0.99) for region in ("DE", "SE", "FR", "ID", "XK")),
    ],
)
def test_mobiles_with_their_rows_country_get_their_key(
    profile: str, region: str, written: Callable[[str, str], str], share: float
) -> None:
    code, numbers = calling_code(region), assigned(region, "mobile", NUMBERS)
    texts = [written(code, number) for number in numbers]
    rule = phones(profile)

    found = rule.normalise_many(texts, [region] * NUMBERS, "US")
    right = rule.normalise_many([f"+{code}{number}" for number in numbers])

    agreeing = sum(each is not None and each == key for each, key in zip(found, right, strict=True))
    longer_than_uid2 = right.count(None)
    assert agreeing >= share * (NUMBERS - longer_than_uid2)


@pytest.mark.parametrize("region", ["US", "DE", "NO", "SE", "FR", "ID"])
@pytest.mark.parametrize("abroad", ["NO", "DK", "SG", "DE", "FR"])
def test_without_a_country_in_the_row_no_number_becomes_another_ones(region: str, abroad: str) -> None:
    code = calling_code(abroad)
    numbers = [code + number for number in assigned(abroad, "mobile", 500)]

    found = phones().normalise_many(numbers, None, region)

    assert {None, *(f"+{number}" for number in numbers)}.issuperset(found)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    "value",
    [
        "1234567890",
        "0123456789",
        "1231231234",
        "123123123",
        "1234567",
        "12345678910",
        "12345678901",
        "9876543210",
        "0987654321",
        "87654321",
        "2222222222",
        "99999999",
        "+47 99 99 99 99",
        "0999999999",
        "0000000000",
        "(123) 456-7890",
        "+1 (123) 555-0100",
        "+1 055 555 0100",
    ],
)
@pytest.mark.parametrize("country", ["US", "NO", "DE", "IN", "GB", "ID"])
def test_what_people_type_without_a_number_has_no_key(profile: str, value: str, country: str) -> None:
    assert phones(profile).normalise_many([value], [country]) == [None]


@pytest.mark.parametrize(
    "value", ["1 (234) 567-8901", "+65 1234 5678", "(650) 234-5678", "+1 (555) 123-4567"]
)
def test_numbers_that_publishers_print_are_no_filler(value: str) -> None:
    assert rule_of("google@2", "phone").key(value, "US").match_key is not None


@pytest.mark.parametrize("end", [".0", ".00", ",0", ",00", ".000000"])
@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("491701234567", "+491701234567"),
        ("+491701234567", "+491701234567"),
        ("00491701234567", "+491701234567"),
        ("01701234567", "+491701234567"),
        ("1701234567", "+491701234567"),
        ("0170 1234567", "+491701234567"),
        ("49-170-1234567", "+491701234567"),
    ],
)
def test_a_fraction_of_zeros_is_cut(value: str, number: str, end: str) -> None:
    assert in_row(value + end, "DE") == number


@pytest.mark.parametrize(
    "value",
    [
        "4.91701E+11",
        "4.91701234567E+11",
        "4,91701E+11",
        "4.91701e11",
        "+4.91701E11",
        "491701234567.5",
        "491701234567.25",
        "+49.170.1234567.0",
        "4.917.012.345.67,0",
        "2233445.5",
        "223344.00",
    ],
)
@pytest.mark.parametrize("country", ["DE", "NO", "US"])
@pytest.mark.parametrize("digits", [None, "international", "national"])
def test_digits_that_are_or_may_be_lost_make_no_number(
    value: str, country: str, digits: Digits | None
) -> None:
    assert in_row(value, country, digits) is None


@pytest.mark.parametrize(
    ("value", "country", "number"),
    [
        ("01.40.20.50.00", "FR", "+33140205000"),
        ("650.253.0000", "US", "+16502530000"),
        ("650-253-0000 ext.5", "US", "+16502530000"),
        ("650-253-0000 ext. 12", "US", "+16502530000"),
    ],
)
def test_groups_between_dots_are_no_fraction(value: str, country: str, number: str) -> None:
    assert in_row(value, country) == number


@pytest.mark.parametrize("mark", ["\u200b", "\ufeff", "\u2060"])
@pytest.mark.parametrize("value", ["4915112345678", "004915112345678", "015112345678", "+49 151 12345678"])
def test_invisible_characters_change_nothing(value: str, mark: str) -> None:
    assert in_row(f"{mark}{value[:4]}{mark}{value[4:]}{mark}", "DE") == "+4915112345678"


@pytest.mark.parametrize("digits", [None, "international", "strict"])
def test_full_width_digits_are_digits(digits: Digits | None) -> None:
    text = "4915112345678".translate({48 + digit: 0xFF10 + digit for digit in range(10)})

    assert in_row(text, "US", digits) == "+4915112345678"
