"""Which of two extracts is the newer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.cataloger.ordering import order_of
from tests.builders import LANDED_AT, landed


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("20260130_Extract.zip", "20260130"),
        ("2026-01-30 Subscribers.csv", "20260130"),
        ("Extract_20260130T050302.zip", "20260130"),
        ("Extract_202601300503.zip", "20260130"),
        ("Extract_20260130_0503.zip", "20260130"),
        ("Extract_20260130_20260131.zip", "20260130"),
        ("Subscribers.csv", "20260131"),
        ("120260130.csv", "20260131"),
        ("20261331.csv", "20260131"),
        ("20260130/Subscribers.csv", "20260131"),
    ],
)
def test_the_date_is_that_in_the_name_or_else_that_of_landing(name: str, date: str) -> None:
    assert order_of(landed(f"landing/{name}")).partition(" ")[0] == date


def test_the_extracts_date_decides_before_the_time_of_landing() -> None:
    newer = landed("landing/20260131_Extract.zip", "v1", LANDED_AT)
    older = landed("landing/20260130_Extract.zip", "v2", LANDED_AT + timedelta(days=1))
    assert order_of(older) < order_of(newer)


def test_of_the_same_date_the_later_landing_is_the_newer() -> None:
    files = [landed("landing/20260131.zip", f"v{n}", LANDED_AT + timedelta(seconds=n)) for n in range(12)]
    assert sorted(files, key=order_of) == files


def test_no_two_files_are_equal() -> None:
    assert order_of(landed(version="v1")) != order_of(landed(version="v2"))
