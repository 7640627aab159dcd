"""The one line about an outcome that a person sees in an inbox."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.identity import LandedFile
from shared.manifests import RowCounts
from shared.outcomes import DatasetOutcome, FailureOutcome, SuccessOutcome
from shared.stages import Stage

NOW = datetime(2026, 2, 1, tzinfo=UTC)


def common(name: str) -> dict[str, object]:
    file = LandedFile(bucket="ingest", key=f"landing/{name}", version_id="1", size=1, landed_at=NOW)
    return {
        "outcome_id": "o",
        "file_id": file.file_id,
        "file": file,
        "generation": 0,
        "trace_id": "t",
        "announced_at": NOW,
    }


def failure(name: str, code: str = "ENCRYPTION_CONTEXT_MISMATCH") -> str:
    told = {
        "stage": Stage.NORMALIZE,
        "code": code,
        "message": "m",
        "advice": "a",
        "attempt": 1,
        "replay_command": "r",
    }
    return FailureOutcome.model_validate({**common(name), **told}).subject


def success(name: str, *rows: RowCounts) -> str:
    datasets = [
        DatasetOutcome(dataset="sent", table="sent", members=1, rows=each, partitions=()) for each in rows
    ]
    told = {
        "datasets": datasets,
        "archived": [],
        "archived_objects": 0,
        "stage_seconds": {},
        "landing_to_outcome_seconds": 1,
    }
    return SuccessOutcome.model_validate({**common(name), **told}).subject


@pytest.mark.parametrize("name", ["a" * 900 + ".zip", "é" * 900, "\n" * 900, "Отчёт" * 200])
def test_a_long_name_leaves_room_for_what_went_wrong_and_where(name: str) -> None:
    subject = failure(name)
    assert subject.endswith(": ENCRYPTION_CONTEXT_MISMATCH in normalize")
    assert len(subject) <= 100
    assert subject.isascii()
    assert subject.isprintable()


def test_letters_with_accents_keep_their_letter() -> None:
    assert failure("Žofie Ágúst.csv", "X") == "Landfall: FAILED Zofie Agust.csv: X in normalize"


def test_the_end_of_a_long_name_is_kept() -> None:
    assert "20260131_Extract_..._of_unit.zip" in failure("20260131_Extract_of_the_business_of_unit.zip")


def test_one_is_singular_and_rejected_rows_are_told() -> None:
    assert (
        success("a.csv", RowCounts(rows_in=1, rows_out=1)) == "Landfall: ingested a.csv: 1 row in 1 dataset"
    )
    two = [RowCounts(rows_in=1000, rows_out=999, rejected=1), RowCounts(rows_in=2, rows_out=1, rejected=1)]
    assert success("a.csv", *two) == "Landfall: ingested a.csv: 1,000 rows in 2 datasets, 2 rejected"
