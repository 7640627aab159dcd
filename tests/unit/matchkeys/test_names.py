"""First and last names under each profile."""

from __future__ import annotations

import pytest

from services.normalizer.matchkeys import match_key

NAMES = ("first_name", "last_name")


@pytest.mark.parametrize("field", NAMES)
@pytest.mark.parametrize(
    ("profile", "value", "expected"),
    [
        ("plain", " Anne-Marie O'Neill ", "anne-marie o'neill"),
        ("plain", "ÉLODIE", "élodie"),
        ("plain", "ΝΊΚΟΣ", "νίκος"),
        ("plain", "İpek", "i\u0307pek"),
        ("amazon", "Jörg Müßig", "joergmuessig"),
        ("amazon", "Søren Ægir", "sorenaegir"),
        ("amazon", "O'Neill 3rd", "oneill3rd"),
        ("amazon", "Élodie", "lodie"),
        ("entity-resolution", "Élodie Ñandú", "elodienandu"),
        ("entity-resolution", "Jörg Müßig 3", "jorgmuig"),
        ("entity-resolution", "Ångström", "aangstrom"),
        ("entity-resolution", "A\u030angstro\u0308m", "aangstrom"),
        ("meta", "Anne-Marie O\u2019Neill", "annemarieoneill"),
        ("meta", "गौरव सिंह", "गौरवसिंह"),
    ],
)
def test_first_and_last_names_are_written_alike(field: str, profile: str, value: str, expected: str) -> None:
    assert match_key(profile, field, value).normalized == expected


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("first_name", " Mary  Ann ", "mary  ann"),
        ("first_name", "Anne-Marie", "anne-marie"),
        ("first_name", "Élodie 2", "élodie 2"),
        ("first_name", "Dr. Jane", "jane"),
        ("first_name", "MR. Mrs. Jane", "jane"),
        ("first_name", "Dr.Jane", "dr.jane"),
        ("first_name", "Dr Jane", "dr jane"),
        ("first_name", "Mrs.", None),
        ("last_name", "O'Neill-Smith, Jr.", "o'neill-smith"),
        ("last_name", "Quinn, Jr.", "quinn"),
        ("last_name", "Quinn Sr.", "quinn"),
        ("last_name", "Quinn III", "quinn"),
        ("last_name", "Quinn, Jr., DDS", "quinn"),
        ("last_name", "Quinn,PhD", "quinn"),
        ("last_name", "Quinn Jr", "quinn jr"),
        ("last_name", "de la Cruz", "de la cruz"),
        ("last_name", "D\u2019Arcy", "d\u2019arcy"),
        ("last_name", "Vi", "vi"),
        ("last_name", "Jr.", None),
        ("last_name", ", Jr.", None),
    ],
)
def test_google_cuts_honorifics_and_suffixes_only(field: str, value: str, expected: str | None) -> None:
    assert match_key("google", field, value).normalized == expected


@pytest.mark.parametrize("field", NAMES)
@pytest.mark.parametrize("profile", ["plain", "amazon", "entity-resolution", "google", "meta"])
@pytest.mark.parametrize(
    "value", ["", " ", "\u3000\t", "nan", "NaN", "NULL", "None", "N/A", "<NA>", "Jos\ufffd", "\ud800"]
)
def test_nothing_has_no_key(profile: str, field: str, value: str) -> None:
    assert match_key(profile, field, value).match_key is None


@pytest.mark.parametrize(
    ("profile", "field", "value"),
    [
        ("amazon", "last_name", "정"),
        ("entity-resolution", "last_name", "42"),
        ("google", "last_name", "--"),
        ("meta", "last_name", "n.u.l.l"),
        ("meta", "first_name", "..."),
    ],
)
def test_a_name_of_which_nothing_is_left_has_no_key(profile: str, field: str, value: str) -> None:
    assert match_key(profile, field, value).match_key is None


def test_names_that_only_look_like_nothing_are_names() -> None:
    assert match_key("plain", "last_name", "Na").normalized == "na"
