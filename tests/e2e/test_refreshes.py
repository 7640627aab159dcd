"""Full refreshes of several units arrive in any order: the newest of each shows, what it outran is told."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from shared.identity import LandedFile
from shared.outcomes import FailureOutcome, SuccessOutcome
from tests.commands import Command, json_command
from tests.e2e.conftest import Chain
from tests.extracts import sent, subscribers, zipped


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


def test_of_two_that_landed_in_one_second_the_one_that_s3_stored_last_is_shown(
    chain: Chain, capsys: pytest.CaptureFixture[str]
) -> None:
    command = json_command(capsys)
    older, newer = two_of_one_second(chain)
    assert [chain.outcome(file).status for file in (older, newer)] == ["succeeded", "succeeded"]
    assert shown_of(chain, older, newer) == [False, True]

    chain.outcomes.forget(older.file_id)
    command("replay", older.file_id, "--from", "catalog", "--force")  # when both are archived
    assert chain.outcome(older).status == "succeeded"
    assert shown_of(chain, older, newer) == [False, True]
    assert command("verify", "subscribers")["discrepancies"] == []


def two_of_one_second(chain: Chain) -> tuple[LandedFile, LandedFile]:
    """Versions of a key, of which the file ids say the opposite of what S3 does."""
    for number in range(100):
        key = f"refresh-tie-{number}/Subscribers.csv"
        older, newer = (chain.land(subscribers(rows), key) for rows in (2, 3))
        if older.landed_at == newer.landed_at and newer.file_id < older.file_id:
            return older, newer
    raise AssertionError("S3 is too slow for two in a second")


def locations(chain: Chain) -> list[str]:
    """Where the snapshots lie that readers of ``subscribers`` see."""
    pages = (
        boto3.client("glue")
        .get_paginator("get_partitions")
        .paginate(DatabaseName=chain.target.deployment.database, TableName="subscribers")
    )
    return [each["StorageDescriptor"]["Location"] for page in pages for each in page["Partitions"]]


def test_an_extract_without_rows_is_held_back_until_an_operator_accepts_it(
    chain: Chain, capsys: pytest.CaptureFixture[str]
) -> None:
    command = json_command(capsys)
    full = chain.land(zipped(Subscribers=subscribers(4)), "refresh-c/20260201_Extract.zip")
    assert chain.outcome(full).status == "succeeded"

    members = {"Subscribers": subscribers(0), "Sent": sent(3)}
    empty = chain.land(zipped(**members), "refresh-c/20260202_Extract.zip")
    outcome = chain.outcome(empty)

    assert isinstance(outcome, FailureOutcome), outcome
    accepts = f"landfall replay {empty.file_id} --accept-shrink --because TEXT"
    assert (outcome.stage, outcome.code, outcome.replay_command) == ("catalog", "SNAPSHOT_SHRUNK", accepts)
    for words in ("subscribers, source refresh-c", "0 rows would replace 4", accepts):
        assert words in outcome.message
    assert shown_of(chain, full, empty) == [True, False]
    for dataset, held_back in (("subscribers", [empty.file_id]), ("sent", [])):
        verified = command("verify", dataset)
        assert (verified["held_back"], verified["discrepancies"]) == (held_back, [])
    swept = command("sweep", "--full")["findings"]
    assert [each for each in swept if each["file_id"] == empty.file_id] == []
    assert story(command, empty)["failure"]["replay_command"] == accepts

    chain.outcomes.forget(empty.file_id)
    command("replay", empty.file_id, "--accept-shrink", "--because", "they moved")
    accepted = chain.outcome(empty)

    assert isinstance(accepted, SuccessOutcome), accepted
    assert [warning.code for warning in accepted.warnings] == ["SHRINK_ACCEPTED"]
    assert shown_of(chain, full, empty) == [False, True]
    (replay,) = story(command, empty)["replays"]
    assert (replay["from_stage"], replay["because"]) == ("catalog", "they moved")
    stages = ["archive.1", "catalog.0.failed-1", "catalog.1", "decrypt.0", "normalize.0", "opened.1"]
    assert sorted(made_by(chain, empty)) == stages


def story(command: Command, file: LandedFile) -> dict[str, Any]:
    (told,) = command("status", file.file_id)["files"]
    found: dict[str, Any] = told
    return found


def made_by(chain: Chain, file: LandedFile) -> list[str]:
    """The names of a file's records."""
    prefix = f"manifests/{file.landed_at:%Y/%m/%d}/{file.file_id}/"
    return [key.removeprefix(prefix).removesuffix(".json") for key in chain.ingest(prefix)]


def shown_of(chain: Chain, *files: LandedFile) -> list[bool]:
    """Whether the snapshot of each is one that readers see."""
    shown = locations(chain)
    return [any(file.file_id in each for each in shown) for file in files]
