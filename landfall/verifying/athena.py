"""The guidance's own check, on AWS: Athena's count, its latest ingest date and five rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import boto3

from landfall.errors import OperatorError
from landfall.verifying.report import EngineAnswer, Sample
from landfall.waiting import wait_until

_ROWS = 5
_WITHIN_SECONDS = 300.0
_POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Athena:
    """A work group, and the s3:// folder for its results where the work group has none of its own."""

    workgroup: str
    output: str | None

    def ask(self, database: str, table: str, *, by_ingest_date: bool) -> EngineAnswer:
        """Count the whole table and read a few rows.

        Raises:
            OperatorError: a query failed or took too long.
        """
        name = f'"{database}"."{table}"'
        latest = 'max("ingest_date")' if by_ingest_date else "CAST(NULL AS VARCHAR)"
        counted = self._run(f"SELECT count(*), {latest} FROM {name}")  # noqa: S608 - names by Glue
        rows = self._run(f"SELECT * FROM {name} LIMIT {_ROWS}")  # noqa: S608 - names by Glue
        ((count, date),) = counted.rows
        return EngineAnswer(rows=int(count or 0), latest_ingest_date=date, sample=rows)

    def _run(self, query: str) -> Sample:
        client = cast("Any", boto3.client)("athena")  # the stubs of this project leave Athena out
        request: dict[str, object] = {"QueryString": query, "WorkGroup": self.workgroup}
        if self.output is not None:
            request["ResultConfiguration"] = {"OutputLocation": self.output}
        query_id = client.start_query_execution(**request)["QueryExecutionId"]
        try:
            status = wait_until(
                lambda: _ended(client, query_id), within=_WITHIN_SECONDS, every=_POLL_SECONDS, slowest=5.0
            )
        except TimeoutError:
            raise OperatorError(
                f"Athena's query {query_id} takes too long: see it in the work group {self.workgroup}."
            ) from None
        if status["State"] != "SUCCEEDED":
            reason = status.get("StateChangeReason", "it gives no reason")
            raise OperatorError(
                f"Athena's query {query_id} ended {status['State']} ({reason}): correct that, or leave "
                "Athena out with --no-athena."
            )
        first, *rest = client.get_query_results(QueryExecutionId=query_id)["ResultSet"]["Rows"]
        return Sample(columns=tuple(str(cell) for cell in _cells(first)), rows=tuple(map(_cells, rest)))


def _ended(client: Any, query_id: str) -> dict[str, str] | None:
    answer = client.get_query_execution(QueryExecutionId=query_id)
    status: dict[str, str] = answer["QueryExecution"]["Status"]
    return None if status["State"] in {"QUEUED", "RUNNING"} else status


def _cells(row: dict[str, list[dict[str, str]]]) -> tuple[str | None, ...]:
    return tuple(cell.get("VarCharValue") for cell in row["Data"])
