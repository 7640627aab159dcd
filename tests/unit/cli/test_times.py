"""Times as a person gives and reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import typer

from landfall.times import days_since, moment, span

NOW = datetime(2026, 2, 1, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ago"),
    [("90m", timedelta(minutes=90)), ("12h", timedelta(hours=12)), ("7d", timedelta(days=7))],
)
def test_a_span_is_so_long_ago(text: str, ago: timedelta) -> None:
    assert moment(text, NOW) == NOW - ago


def test_a_day_begins_at_midnight_utc() -> None:
    assert moment("2026-01-31") == datetime(2026, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "7", "7w", "yesterday", "-1d", "31.1.2026"])
def test_anything_else_is_wrong_usage(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        moment(text)


def test_days_are_all_that_a_period_touches() -> None:
    assert [f"{day}" for day in days_since(NOW - timedelta(hours=1), NOW)] == ["2026-01-31", "2026-02-01"]


@pytest.mark.parametrize(
    ("seconds", "shown"), [(-3, "0 s"), (59, "59 s"), (90, "2 m"), (7200, "2 h"), (200_000, "2 d")]
)
def test_a_length_of_time_is_shown_in_its_largest_unit(seconds: float, shown: str) -> None:
    assert span(seconds) == shown
