"""Status, backfill, replay and sweep by the command line, over a real bucket that nobody works on."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

import boto3
import pytest

from landfall import cli
from landfall.deployment import Deployment
from shared.events import ReplayRequested
from shared.identity import LandedFile
from shared.layout import manifest_prefix
from shared.messages import parse_message
from shared.stages import Stage
from tests.commands import Command
from tests.integration.operating.conftest import bodies

Land = Callable[..., LandedFile]


@pytest.fixture
def folder() -> str:
    return f"landing/{uuid.uuid4().hex[:8]}/"


@pytest.fixture
def land(deployment: Deployment, folder: str) -> Land:
    """Puts a file whose notification nobody gets."""

    def put(name: str = "a.zip") -> LandedFile:
        s3, bucket, key = boto3.client("s3"), deployment.ingest_bucket, folder + name
        version = s3.put_object(Bucket=bucket, Key=key, Body=b"x")["VersionId"]
        info = s3.head_object(Bucket=bucket, Key=key, VersionId=version)
        return LandedFile(bucket=bucket, key=key, version_id=version, size=1, landed_at=info["LastModified"])

    return put


def requested(deployment: Deployment, stage: Stage) -> list[LandedFile]:
    """The files of all replays that a stage's queue holds."""
    taken = [parse_message(body)[0] for body in bodies(deployment, stage)]
    return [each.file for each in taken if isinstance(each, ReplayRequested)]


def test_a_backfill_sends_each_file_once_however_often_it_is_run(
    deployment: Deployment, landfall: Command, land: Land, folder: str
) -> None:
    files = [land(f"{n}.zip") for n in range(12)]
    boto3.client("sqs").purge_queue(QueueUrl=deployment.queues[Stage.DECRYPT].url)
    told = landfall("backfill", folder, "--rate", "0", "--yes")
    assert len(told["sent"]) == 12
    assert landfall("backfill", folder, "--yes")["known"] == 12
    sent = requested(deployment, Stage.DECRYPT)
    assert {file.file_id for file in sent} == {file.file_id for file in files}
    assert len(sent) == 12


def test_a_file_that_nobody_began_is_found_announced_and_sent_on_its_way(
    deployment: Deployment, landfall: Command, land: Land
) -> None:
    file = land()
    boto3.client("sqs").purge_queue(QueueUrl=deployment.queues[Stage.DECRYPT].url)
    looked = landfall("sweep", "--older-than", "0m")
    assert [each["done"] for each in looked["findings"] if each["file_id"] == file.file_id] == [None]
    fixed = landfall("sweep", "--older-than", "0m", "--fix")
    assert [each["kind"] for each in fixed["findings"] if each["file_id"] == file.file_id] == ["NOT_STARTED"]
    assert file.file_id in {each.file_id for each in requested(deployment, Stage.DECRYPT)}
    reports = [json.loads(body)["detail"] for body in bodies(deployment, Stage.ARCHIVE)]
    assert [(each["code"], each["failed_stage"]) for each in reports if each["file"]["key"] == file.key] == [
        ("STALLED", "decrypt")
    ]
    told = landfall("status", file.file_id)["files"][0]
    assert (told["status"], told["failure"]["replay_command"]) == (
        "failed",
        f"landfall replay {file.file_id}",
    )
    again = landfall("sweep", "--older-than", "0m", "--fix")
    assert [each for each in again["findings"] if each["file_id"] == file.file_id] == []


def test_a_full_sweep_aborts_what_was_left_open(deployment: Deployment, landfall: Command) -> None:
    s3, key = boto3.client("s3"), f"raw/{uuid.uuid4()}"
    s3.create_multipart_upload(Bucket=deployment.ingest_bucket, Key=key)
    landfall("sweep", "--full", "--fix", "--older-than", "30d", "--left-for", "0m", "--since", "1d")
    assert s3.list_multipart_uploads(Bucket=deployment.ingest_bucket, Prefix=key).get("Uploads", []) == []


def test_status_counts_what_landed_and_what_waits(
    deployment: Deployment, landfall: Command, land: Land
) -> None:
    before = landfall("status", "--since", "1d")["counts"]["landed"]
    land("one.zip")
    land("two.zip")
    told = landfall("status", "--since", "1d")
    assert told["counts"]["landed"] == before + 2
    assert [stage["stage"] for stage in told["stages"]] == list(Stage)
    assert told["stages"][0]["messages"] >= 2


def test_a_replay_by_address_carries_the_exact_identity(
    deployment: Deployment, landfall: Command, land: Land
) -> None:
    file = land()
    boto3.client("sqs").purge_queue(QueueUrl=deployment.queues[Stage.DECRYPT].url)
    told = landfall("replay", f"s3://{file.bucket}/{file.key}")
    assert [(each["file_id"], each["from"], each["generation"]) for each in told["replayed"]] == [
        (file.file_id, "decrypt", 0)
    ]
    (asked,) = requested(deployment, Stage.DECRYPT)
    assert (asked.file_id, asked.key, asked.version_id) == (file.file_id, file.key, file.version_id)
    assert told["requested_by"]


def test_replaying_a_prefix_asks_and_a_dry_run_sends_nothing(
    deployment: Deployment, landfall: Command, land: Land, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    land("a.zip")
    land("b.zip")
    boto3.client("sqs").purge_queue(QueueUrl=deployment.queues[Stage.DECRYPT].url)
    assert len(landfall("replay", folder, "--dry-run")["replayed"]) == 2
    assert cli.main(["replay", folder]) == 1
    assert "Replay 2 files? Nobody is here to be asked" in capsys.readouterr().err
    assert requested(deployment, Stage.DECRYPT) == []


def test_a_replay_that_cannot_be_is_said_in_a_sentence(
    deployment: Deployment, land: Land, capsys: pytest.CaptureFixture[str]
) -> None:
    file = land()
    assert cli.main(["replay", file.file_id, "--from", "catalog"]) == 1
    assert "it was never decrypted: replay it --from decrypt." in capsys.readouterr().err
    listed = boto3.client("s3").list_objects_v2(
        Bucket=deployment.ingest_bucket, Prefix=manifest_prefix(file.file_id)
    )
    assert "Contents" not in listed
