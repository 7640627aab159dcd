"""Full refreshes of several units arrive in any order: the newest of each shows, what it outran is told."""

from __future__ import annotations

import boto3

from shared.outcomes import SuccessOutcome
from tests.e2e.conftest import Chain
from tests.extracts import subscribers, zipped


def test_an_older_extract_that_comes_late_is_archived_and_reported_but_not_shown(chain: Chain) -> None:
    newer = [
        chain.land(zipped(Subscribers=subscribers(3)), f"refresh-{unit}/20260202_Extract.zip")
        for unit in ("a", "b")
    ]
    assert [chain.outcome(file).status for file in newer] == ["succeeded", "succeeded"]
    late = chain.land(zipped(Subscribers=subscribers(2)), "refresh-a/20260201_Extract.zip")
    outcome = chain.outcome(late)
    assert isinstance(outcome, SuccessOutcome), outcome
    assert [warning.code for warning in outcome.warnings] == ["SNAPSHOT_SUPERSEDED"]
    shown = locations(chain)
    assert [any(file.file_id in each for each in shown) for file in (*newer, late)] == [True, True, False]
    assert list(chain.ingest(f"archive/landing/{late.landed_at:%Y/%m/%d}/{late.file_id}/")) != []


def locations(chain: Chain) -> list[str]:
    """Where the snapshots lie that readers of ``subscribers`` see."""
    pages = (
        boto3.client("glue")
        .get_paginator("get_partitions")
        .paginate(DatabaseName=chain.target.deployment.database, TableName="subscribers")
    )
    return [each["StorageDescriptor"]["Location"] for page in pages for each in page["Partitions"]]
