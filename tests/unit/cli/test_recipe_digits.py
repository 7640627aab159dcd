"""What ``landfall recipe check --sample`` says of phones without a plus."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landfall import cli
from landfall.recipes.digits import suggest
from services.normalizer.matchkeys import Digits, Readings
from tests.unit.matchkeys.phone_samples import assigned

RECIPE = """
dataset: contacts
version: 1
mode: append
match: [contacts]
columns:
  Phone: {hash: phone, required: true, country: [Country, Locale], default_country: US%s}
"""
GERMAN = ["49" + number for number in assigned("DE", "mobile", 300)]
AMERICAN = assigned("US", "mobile", 300)


def checked(folder: Path, rows: list[str], *more: str, option: str = "") -> list[str]:
    recipe, sample = folder / "contacts.yaml", folder / "Contacts.csv"
    recipe.write_text(RECIPE % option)
    sample.write_text("\n".join(["Phone,Country,Locale", *rows, ""]))
    return ["recipe", "check", str(recipe), "--sample", str(sample), *more]


@pytest.mark.parametrize(
    ("rows", "suggested"),
    [
        ([f"{number},DE," for number in GERMAN], "international"),
        ([f"{number},," for number in GERMAN], "international"),
        ([f"{number},,de-DE" for number in GERMAN], "international"),
        ([f"{number},US," for number in AMERICAN], "own_code"),
        ([f"{number},," for number in AMERICAN], "national"),
        ([f"{number},," for number in (*GERMAN, *AMERICAN)], "own_code"),
        ([f"{number},DE," for number in GERMAN] + [f"{number},US," for number in AMERICAN], "own_code"),
        (["+4915112345678,,", "015112345678,DE,", "no number,,"], None),
    ],
)
def test_it_suggests_how_to_read_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: list[str], suggested: str | None
) -> None:
    assert cli.main(checked(tmp_path, rows, "--json")) == 0

    (phones,) = json.loads(capsys.readouterr().out)["sample"]["phones"]
    assert (phones["source"], phones["suggested"]) == ("Phone", suggested)
    assert phones["digits"] == sum(row[0] in "123456789" for row in rows)
    assert sum(phones["shares"].values()) == pytest.approx(1 if phones["digits"] else 0, abs=0.001)


def test_it_says_so_with_shares_and_without_a_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{number},DE," for number in GERMAN]

    assert cli.main(checked(tmp_path, rows, option=", digits: national")) == 0

    shown = capsys.readouterr().out
    assert "100.0% with the row's own country code" in shown
    assert "this suggests `digits: international`, while the recipe reads them as national" in shown
    assert not any(number in shown for number in GERMAN)


def test_a_column_without_such_digits_is_not_mentioned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(checked(tmp_path, ["+4915112345678,DE,"])) == 0

    assert "`digits:" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("readings", "named", "suggested"),
    [
        ({"own_code": 60, "national": 30, "both": 5, "abroad": 5}, True, "strict"),
        ({"own_code": 60, "national": 40}, True, "own_code"),
        ({"own_code": 99, "national": 1}, True, "international"),
        ({"national": 89, "both": 11}, False, "national"),
        ({"none": 5}, True, None),
        ({}, True, None),
    ],
)
def test_the_suggestion_follows_the_counts(
    readings: dict[Readings, int], named: bool, suggested: Digits | None
) -> None:
    assert suggest(readings, named=named) == suggested
