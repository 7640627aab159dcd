"""Date of birth and gender."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.normalizer.matchkeys import match_key

BOTH = ("plain", "meta")


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize(
    "value",
    [
        "19970216",
        "1997-02-16",
        "1997/2/16",
        "1997.02.16",
        "2/16/1997",
        "02/16/1997",
        "16.2.1997",
        " 1997-02-16T00:00:00Z ",
        "1997-02-16 12:30:00.000",
        "2/16/1997 12:00:00 AM",
    ],
)
def test_a_date_is_written_in_eight_digits(profile: str, value: str) -> None:
    assert match_key(profile, "date_of_birth", value).normalized == "19970216"


def test_slashes_mean_month_first_as_marketing_cloud_writes_them() -> None:
    assert match_key("plain", "date_of_birth", "3/4/1990").normalized == "19900304"


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize(
    "value",
    [
        "16/2/1997",
        "16-02-1997",
        "2/30/1997",
        "1997-02",
        "97-02-16",
        "1997-02/16",
        "1899-12-31",
        "2100-01-01",
        "0001-01-01",
        "1/1/1900 12:00:00 AM",
        "nan",
        "",
        "١٩٩٧-٠٢-١٦",
    ],
)
def test_other_notations_impossible_days_and_the_date_for_none_have_no_key(profile: str, value: str) -> None:
    assert match_key(profile, "date_of_birth", value).match_key is None


@given(st.dates(min_value=date(1900, 1, 2), max_value=date(2099, 12, 31)))
def test_all_notations_of_a_day_agree(day: date) -> None:
    written = (f"{day:%Y-%m-%d}", f"{day:%Y%m%d}", f"{day.month}/{day.day}/{day.year}", f"{day:%d.%m.%Y}")
    assert {match_key("plain", "date_of_birth", value).normalized for value in written} == {f"{day:%Y%m%d}"}


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize(
    ("value", "expected"),
    [("F", "f"), (" female ", "f"), ("m", "m"), ("Male", "m"), ("x", None), ("unknown", None), ("", None)],
)
def test_gender_is_f_or_m(profile: str, value: str, expected: str | None) -> None:
    assert match_key(profile, "gender", value).normalized == expected
