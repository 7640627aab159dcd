"""What the types of kept columns accept, and what becomes of everything else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.normalizer.normalizing import Outcome, recipe_of, run


def converted(fate: str, *values: str) -> Outcome:
    """Values of a column with this fate, after a column that keeps empty ones from being blank lines."""
    rows = "".join(f'1,"{value}"\n' for value in values)
    return run("Id,V\n" + rows, recipe_of(f"Id: {{type: bigint, required: true}}\nV: {fate}"))


def values(fate: str, *texts: str) -> list[object]:
    return converted(fate, *texts).column("v")


def test_whole_numbers() -> None:
    assert values("bigint", "0", "-7", "+7", " 12 ", "007", str(2**63 - 1), str(-(2**63))) == [
        *(0, -7, 7, 12, 7, 2**63 - 1, -(2**63))
    ]


@pytest.mark.parametrize("text", ["1.0", "1e3", "0x1F", "1,000", "1 0", "one", "-", "１", str(2**63)])
def test_what_is_no_whole_number_is_null_and_counted(text: str) -> None:
    outcome = converted("bigint", text, "1")

    assert (outcome.column("v"), outcome.account.invalid_by_column) == ([None, 1], {"v": 1})


def test_decimals() -> None:
    assert values("double", "1", "-1.5", ".5", "5.", "1e3", "+2E-1") == [1.0, -1.5, 0.5, 5.0, 1000.0, 0.2]


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "1e999", "1,5", "0x1p3", ".", "1d"])
def test_what_is_no_decimal_is_null_and_counted(text: str) -> None:
    outcome = converted("double", text)

    assert (outcome.column("v"), outcome.account.invalid_by_column) == ([None], {"v": 1})


def test_truth_values() -> None:
    assert values("boolean", "True", "FALSE", "1", "0", "y", "No", "t", "f") == [True, False] * 4


def test_what_is_no_truth_value_is_null_and_counted() -> None:
    outcome = converted("boolean", "2", "maybe", "")

    assert (outcome.column("v"), outcome.account.invalid_by_column) == ([None] * 3, {"v": 2})


def test_text_is_trimmed_and_empty_text_is_null_without_being_invalid() -> None:
    outcome = converted("string", " a b\u00a0", "", "  ")

    assert (outcome.column("v"), outcome.account.invalid_by_column) == (["a b", None, None], {})


def test_sfmc_times_are_utc_minus_6_all_year() -> None:
    assert values("timestamp", "1/31/2026 1:02:03 PM", "7/4/2026 12:00:00 AM", "12/31/2026 11:59:59 PM") == [
        datetime(2026, 1, 31, 19, 2, 3, tzinfo=UTC),
        datetime(2026, 7, 4, 6, 0, 0, tzinfo=UTC),
        datetime(2027, 1, 1, 5, 59, 59, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    "text",
    [
        *("2/30/2026 1:00:00 PM", "2/29/2025 1:00:00 PM", "13/1/2026 1:00:00 PM", "0/1/2026 1:00:00 PM"),
        *("1/31/2026 13:00:00 PM", "1/31/2026 0:00:00 AM", "1/31/2026 1:00:60 PM", "1/31/2026 1:60:00 PM"),
        *("1/31/2026 1:00:00", "1/31/2026", "1/31/26 1:00:00 PM", "2026-01-31 01:00:00 PM", "x"),
        *("1/31/2026 1:00:00 PM x", "1/1/0001 12:00:00 AM", "1/31/2026  1:00:00 PM"),
    ],
)
def test_what_is_no_sfmc_time_is_null_and_counted(text: str) -> None:
    outcome = converted("timestamp", text)

    assert (outcome.column("v"), outcome.account.invalid_by_column) == ([None], {"v": 1})


@settings(deadline=None)
@given(st.datetimes(datetime(1901, 1, 1), datetime(2199, 1, 1)))
def test_every_sfmc_time_comes_back_six_hours_later(local: datetime) -> None:
    local = local.replace(microsecond=0)
    text = f"{local.month}/{local.day}/{local.year} {local:%I:%M:%S %p}".replace(" 0", " ")

    assert values("timestamp", text) == [local.replace(tzinfo=UTC) + timedelta(hours=6)]


def test_time_zones_by_name_know_summer_time_and_its_gap_and_overlap() -> None:
    fate = '{type: timestamp, format: "%Y-%m-%d %H:%M", time_zone: Europe/Berlin}'

    assert values(fate, "2026-01-15 12:00", "2026-07-15 12:00", "2026-10-25 02:30", "2026-03-29 02:30") == [
        datetime(2026, 1, 15, 11, tzinfo=UTC),
        datetime(2026, 7, 15, 10, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 3, 29, 1, tzinfo=UTC),
    ]


def test_several_formats_are_tried_in_order() -> None:
    fate = '{type: timestamp, format: ["%d.%m.%Y", "%Y-%m-%dT%H:%M:%S.%f"], time_zone: UTC}'

    assert values(fate, "31.1.2026", "2026-01-31T10:00:00.25", "1/31/2026") == [
        datetime(2026, 1, 31, tzinfo=UTC),
        datetime(2026, 1, 31, 10, 0, 0, 250_000, tzinfo=UTC),
        None,
    ]


def test_days_have_no_time_zone() -> None:
    assert values("date", "1/31/2026", "1/31/2026 11:00:00 PM", "31/1/2026") == [
        *(date(2026, 1, 31), date(2026, 1, 31), None)
    ]


def test_urls_lose_everything_but_scheme_host_and_path() -> None:
    assert values(
        "url",
        "HTTPS://user:p@ss@Shop.Example:8443/A/b?e=x#f",
        "http://shop.example",
        "https://shop.example?e=x",
        "https://shop.example/a;jsessionid=1/b",
        "https://bücher.example/ä",
    ) == [
        "https://shop.example:8443/A/b",
        "http://shop.example",
        "https://shop.example",
        "https://shop.example/a",
        "https://bücher.example/ä",
    ]


@pytest.mark.parametrize(
    "path", ["/u/jane@x.example/1", "/u/jane%40x.example", "/u/jane%2540x.example", "/u/jane&#64;x.example"]
)
def test_a_path_that_may_hold_an_address_is_cut_off_and_counted(path: str) -> None:
    outcome = converted("url", f"https://shop.example{path}")

    assert outcome.column("v") == ["https://shop.example"]
    assert outcome.account.suppressed_by_column == {"v": 1}


@pytest.mark.parametrize(
    "text",
    [
        "mailto:jane@x.example",
        "tel:+15555550100",
        "javascript:x",
        "//shop.example/a",
        "shop.example",
        "https:///a",
    ],
)
def test_what_is_no_web_address_is_null_and_counted(text: str) -> None:
    outcome = converted("url", text)

    assert (outcome.column("v"), outcome.account.invalid_by_column) == ([None], {"v": 1})


URL_TEXT = st.text(st.sampled_from("ahtps:/?#@;%40.\\ \n"), max_size=30)


@settings(deadline=None)
@given(URL_TEXT.map("http://a".__add__) | URL_TEXT)
def test_no_url_ever_keeps_user_information_query_or_fragment(text: str) -> None:
    (value,) = values("url", text)

    assert value is None or not set(str(value)) & set("@?#; \n")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "jane@x.example",
            "to jane@x",
            "j%40x.example",
            "J%2540X",
            "a＠b",
            "&#64;a",
            "a&#x40;b",
            "a&commat;b",
        ),
        *("jane @ x.example", "@x.example", "jane(at)x.example", "jane [AT] x.example"),
    ],
)
def test_text_that_may_hold_an_address_is_withheld_and_counted(text: str) -> None:
    outcome = converted("string", text, "fine")

    assert outcome.column("v") == [None, "fine"]
    assert (outcome.account.suppressed_by_column, outcome.account.invalid_by_column) == ({"v": 1}, {})


@pytest.mark.parametrize("text", ["Lunch @ noon", "@handle", "50% off, 40% more", "chat", "(attic)"])
def test_other_text_passes_the_guard(text: str) -> None:
    assert values("string", text) == [text]
