"""The model behind docs/scaling.md; tests/unit/test_docs.py holds its table against the page."""

from __future__ import annotations

from tests.cost_model import VOLUMES, Volume, compute, crawls


def test_more_costs_more() -> None:
    amounts = [compute(volume) for volume in VOLUMES]
    assert amounts == sorted(amounts)


def test_a_crawl_serves_all_files_that_wait_for_it() -> None:
    assert crawls(Volume(100_000, 1), 900) == crawls(Volume(96, 1), 900)
