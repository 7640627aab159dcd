"""ListCrawls: filters, pages and the fields of a run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.local.glue.crawl import Crawl, CrawlState
from landfall.local.glue.errors import GlueError
from landfall.local.glue.history import ListCrawlsRequest, list_crawls, parse_request


def run(number: int, state: CrawlState = "COMPLETED") -> Crawl:
    ended = None if state == "RUNNING" else 1000.0 + number + 0.5
    return Crawl("c", id=f"run-{number}", state=state, started=1000.0 + number, ended=ended)


RUNS = [run(3, "RUNNING"), run(2, "FAILED"), run(1), run(0, "STOPPED")]  # the newest first


def listed(runs: list[Crawl], **request: Any) -> list[str]:
    answer = list_crawls(ListCrawlsRequest(CrawlerName="c", **request), runs)
    crawls = answer["Crawls"]
    assert isinstance(crawls, list)
    return [crawl["CrawlId"] for crawl in crawls]


def filtered(field: str, operator: str, value: str) -> list[str]:
    return listed(RUNS, Filters=[{"FieldName": field, "FilterOperator": operator, "FieldValue": value}])


@pytest.mark.parametrize(
    ("field", "operator", "value", "expected"),
    [
        ("STATE", "EQ", "COMPLETED", ["run-1"]),
        ("STATE", "NE", "COMPLETED", ["run-3", "run-2", "run-0"]),
        ("CRAWL_ID", "EQ", "run-2", ["run-2"]),
        ("START_TIME", "GT", "1001", ["run-3", "run-2"]),
        ("START_TIME", "GE", "1001", ["run-3", "run-2", "run-1"]),
        ("START_TIME", "LT", "1970-01-01T00:16:41+00:00", ["run-0"]),
        ("END_TIME", "LE", "1001.5", ["run-1", "run-0"]),
        ("DPU_HOUR", "GT", "0.1", ["run-2", "run-1", "run-0"]),
    ],
)
def test_filters(field: str, operator: str, value: str, expected: list[str]) -> None:
    assert filtered(field, operator, value) == expected


def test_all_filters_must_hold() -> None:
    assert listed(
        RUNS,
        Filters=[
            {"FieldName": "STATE", "FilterOperator": "NE", "FieldValue": "RUNNING"},
            {"FieldName": "START_TIME", "FilterOperator": "GE", "FieldValue": "1001"},
        ],
    ) == ["run-2", "run-1"]


def test_a_value_that_does_not_fit_its_field_is_refused() -> None:
    with pytest.raises(GlueError) as refused:
        filtered("START_TIME", "GT", "yesterday")
    assert refused.value.code == "InvalidInputException"


@given(st.integers(min_value=0, max_value=50), st.integers(min_value=1, max_value=20))
def test_pages_hold_every_run_once_in_order(count: int, size: int) -> None:
    runs = [run(number) for number in reversed(range(count))]
    seen: list[str] = []
    token: dict[str, str] = {}
    while True:
        request = ListCrawlsRequest.model_validate({"CrawlerName": "c", "MaxResults": size, **token})
        page = list_crawls(request, runs)
        crawls = page["Crawls"]
        assert isinstance(crawls, list)
        seen += [crawl["CrawlId"] for crawl in crawls]
        if "NextToken" not in page:
            break
        token = {"NextToken": str(page["NextToken"])}
    assert seen == [crawl.id for crawl in runs]


def test_a_run_that_begins_between_two_pages_shifts_nothing() -> None:
    runs = [run(number) for number in (2, 1, 0)]
    first = list_crawls(ListCrawlsRequest(CrawlerName="c", MaxResults=2), runs)
    assert listed([run(3), *runs], MaxResults=2, NextToken=str(first["NextToken"])) == ["run-0"]


def test_twenty_runs_a_page_unless_told() -> None:
    assert len(listed([run(number) for number in range(30)])) == 20


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"CrawlerName": "c", "MaxResults": 0},
        {"CrawlerName": "c", "NextToken": "nonsense"},
        {"CrawlerName": "c", "Filters": [{"FieldName": "COLOUR", "FilterOperator": "EQ", "FieldValue": "x"}]},
    ],
    ids=str,
)
def test_a_request_that_the_api_does_not_document_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(GlueError) as refused:
        parse_request(json.dumps(body).encode())
    assert refused.value.code == "InvalidInputException"


def test_a_running_crawl_has_no_end_and_no_price_yet() -> None:
    assert {"EndTime", "DPUHour"}.isdisjoint(run(1, "RUNNING").history())


def test_a_short_crawl_is_billed_as_ten_minutes_of_two_dpus() -> None:
    assert run(1).history()["DPUHour"] == pytest.approx(2 * 10 / 60, abs=0.001)


@pytest.mark.parametrize(
    ("state", "status"), [("COMPLETED", "SUCCEEDED"), ("STOPPED", "CANCELLED"), ("FAILED", "FAILED")]
)
def test_the_last_crawl_uses_other_words_than_the_history(state: CrawlState, status: str) -> None:
    assert run(1, state).last_crawl()["Status"] == status
