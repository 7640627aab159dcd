"""The guidance's query: count, latest ingest date, five rows; a failed query says why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from landfall.errors import OperatorError
from landfall.verifying import athena
from landfall.verifying.athena import Athena

Rows = Sequence[Sequence[str | None]]
COUNTED_WITHOUT_DATE: Rows = [["_col0", "_col1"], ["3", None]]


class FakeAthena:
    """Answers each query at its second look, with the rows that the test gave."""

    def __init__(self, *answers: Rows, state: str = "SUCCEEDED") -> None:
        self._answers = list(answers)
        self._state = state
        self._looks = 0
        self.started: list[dict[str, Any]] = []

    def start_query_execution(self, **request: Any) -> dict[str, str]:
        self.started.append(request)
        return {"QueryExecutionId": f"q{len(self.started)}"}

    def get_query_execution(self, **_: str) -> dict[str, Any]:
        self._looks += 1
        state = "RUNNING" if self._looks % 2 else self._state
        return {"QueryExecution": {"Status": {"State": state, "StateChangeReason": "no such table"}}}

    def get_query_results(self, **_: str) -> dict[str, Any]:
        rows = [{"Data": [{"VarCharValue": c} if c else {} for c in row]} for row in self._answers.pop(0)]
        return {"ResultSet": {"Rows": rows}}


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(athena, "_POLL_SECONDS", 0.0)


def use(monkeypatch: pytest.MonkeyPatch, fake: FakeAthena) -> FakeAthena:
    monkeypatch.setattr("boto3.client", lambda _: fake)
    return fake


def test_it_counts_finds_the_latest_date_and_reads_a_few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = [["_col0", "_col1"], ["3", "2026-01-31"]]
    rows: Rows = [["email_plain", "send_id"], ["a", "1"], [None, "2"]]
    fake = use(monkeypatch, FakeAthena(counted, rows))
    answer = Athena("primary", "s3://results/").ask("landfall", "sent", by_ingest_date=True)
    assert (answer.rows, answer.latest_ingest_date) == (3, "2026-01-31")
    assert answer.sample.rows == (("a", "1"), (None, "2"))
    assert [each["QueryString"] for each in fake.started] == [
        'SELECT count(*), max("ingest_date") FROM "landfall"."sent"',
        'SELECT * FROM "landfall"."sent" LIMIT 5',
    ]
    assert fake.started[0]["ResultConfiguration"] == {"OutputLocation": "s3://results/"}


def test_a_table_without_ingest_dates_has_no_latest(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = use(monkeypatch, FakeAthena(COUNTED_WITHOUT_DATE, [["email_plain"]]))
    answer = Athena("primary", None).ask("landfall", "subscribers", by_ingest_date=False)
    assert (answer.rows, answer.latest_ingest_date, answer.sample.rows) == (3, None, ())
    assert "ingest_date" not in fake.started[0]["QueryString"]
    assert "ResultConfiguration" not in fake.started[0]


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_query_that_fails_says_why_and_what_to_do(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    use(monkeypatch, FakeAthena(state=state))
    with pytest.raises(OperatorError, match=f"q1 ended {state} \\(no such table\\).*--no-athena"):
        Athena("primary", None).ask("landfall", "sent", by_ingest_date=True)
