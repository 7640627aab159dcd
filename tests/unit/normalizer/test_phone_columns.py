"""Phones through the engine: which country a row has, how a recipe says to read digits, what is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.normalizer.matchkeys import match_key
from services.normalizer.recipes import Recipe
from services.normalizer.recipes.loading import load_recipe
from tests.unit.matchkeys.phone_samples import assigned, calling_code
from tests.unit.normalizer.normalizing import recipe_of, run

ATTRIBUTES = Path(__file__).parents[3] / "recipes" / "attributes.yaml"
HEADER = "ClientID,SubscriberKey,EmailAddress,SubscriberID,FirstName,LastName,MobileNumber,Country"


def phones(profile: str = "plain@2", more: str = "") -> Recipe:
    return recipe_of(
        "Phone: {hash: phone, required: true, country: [Country, Locale], default_country: US, "
        f"name: phone, profiles: [{profile}]{more}}}"
    )


def key(number: str | None) -> str | None:
    return match_key("plain@2", "phone", number).match_key


def test_the_first_column_that_the_row_fills_names_its_country() -> None:
    rows = {
        "NO,de-DE": "+4792813113",
        ",nb-NO": "+4792813113",
        '" ",nb_NO': "+4792813113",
        "Norway,": "+4792813113",
        "Freedonia,US": "+4792813113",
        "US,nb-NO": "+14792813113",
        ",en-US": "+14792813113",
    }
    content = "Phone,Country,Locale\n" + "".join(f"4792813113,{row}\n" for row in rows)

    outcome = run(content, phones())

    assert outcome.column("phone_plain") == [key(number) for number in rows.values()]


def test_a_country_that_is_filled_and_unknown_is_not_looked_for_in_the_next_column() -> None:
    outcome = run("Phone,Country,Locale\n(650) 253-0000,Freedonia,en-US\n", phones())

    assert outcome.column("phone_plain") == [None]


def test_version_1_reads_the_first_column_that_the_file_has() -> None:
    outcome = run("Phone,Country,Locale\n030 901820,,de-DE\n030 901820,DE,\n", phones("plain@1"))

    assert outcome.column("phone_plain") == [None, key("+4930901820")]


def test_a_number_that_only_the_default_could_decide_is_null_and_counted() -> None:
    outcome = run("Phone,Country\n4792813113,\n6502530000,\n", phones())

    assert outcome.column("phone_plain") == [None, key("+16502530000")]
    assert outcome.account.invalid_by_column == {"phone_plain": 1}


@pytest.mark.parametrize(
    ("digits", "number"),
    [("international", "+4792813113"), ("national", "+14792813113"), ("strict", None)],
)
@pytest.mark.parametrize("profile", ["plain@1", "plain@2"])
def test_a_recipe_says_how_digits_are_read(profile: str, digits: str, number: str | None) -> None:
    outcome = run("Phone\n4792813113\n", phones(profile, f", digits: {digits}"))

    assert outcome.column("phone_plain") == [key(number)]


def test_placeholders_of_the_recipe_are_no_phones() -> None:
    recipe = phones("plain@2", ', placeholders: ["(650) 253-0000"]')

    outcome = run("Phone,Country\n(650) 253-0000,US\n(650) 253-0001,US\n", recipe)

    assert outcome.column("phone_plain") == [None, key("+16502530001")]
    assert outcome.account.invalid_by_column == {"phone_plain": 1}


@pytest.mark.parametrize("region", ["DE", "NO", "FR", "SE", "ID", "US"])
def test_the_built_in_recipe_reads_what_marketing_cloud_stores(region: str) -> None:
    numbers = assigned(region, "mobile", 500)
    lines = [
        f"1,K-{at},a{at}@example.com,{at},A,B,{calling_code(region)}{number},{region}"
        for at, number in enumerate(numbers)
    ]

    outcome = run("\r\n".join([HEADER, *lines, ""]), load_recipe(ATTRIBUTES))

    expected = [key(f"+{calling_code(region)}{number}") for number in numbers]
    assert outcome.column("phone_plain") == expected


def test_the_built_in_recipe_reads_numbers_that_a_spreadsheet_has_had() -> None:
    phones = ("491701234567", "491701234567.0", "+491701234567", "+491701234567.0", "4.91701E+11")
    lines = [f"1,K-{at},a@example.com,1,A,B,{phone},DE" for at, phone in enumerate(phones)]

    outcome = run("\r\n".join([HEADER, *lines, ""]), load_recipe(ATTRIBUTES))

    assert outcome.column("phone_plain") == [*[key("+491701234567")] * 4, None]
