"""Replays of finished files through the whole chain: a new generation replaces the old one, row for row."""

from __future__ import annotations

import io
import threading

import boto3
import pyarrow.parquet as pq
import pytest

from shared.identity import LandedFile
from shared.layout import manifest_key
from shared.manifests import NormalizeManifest
from shared.outcomes import SuccessOutcome
from shared.stages import Stage
from tests.commands import Command, json_command
from tests.e2e.conftest import Chain
from tests.extracts import sent, zipped

ROWS = 40


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return json_command(capsys)


def ingested(chain: Chain, key: str) -> LandedFile:
    file = chain.land(zipped(Sent=sent(ROWS)), key)
    assert isinstance(chain.outcome(file), SuccessOutcome)
    chain.outcomes.forget(file.file_id)
    return file


def replayed(chain: Chain, file: LandedFile) -> SuccessOutcome:
    outcome = chain.outcome(file)
    assert isinstance(outcome, SuccessOutcome), outcome
    return outcome


class Reader:
    """Counts a file's rows over and over, as a query would, until it is told to stop."""

    def __init__(self, chain: Chain, file: LandedFile) -> None:
        self.counts: list[int] = []
        self._chain, self._file = chain, file
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Reader:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            objects = self._chain.curated(self._file).values()
            self.counts.append(sum(pq.read_metadata(io.BytesIO(body)).num_rows for body in objects))


def test_normalising_again_reads_the_archived_members_and_never_shows_rows_twice_or_not_at_all(
    chain: Chain, command: Command
) -> None:
    file = ingested(chain, "replays/normalize/20260131_Extract.zip")
    archived = {key: body for key, body in chain.ingest("archive/").items() if file.file_id in key}
    with Reader(chain, file) as reader:
        command("replay", file.file_id, "--from", "normalize", "--force")
        outcome = replayed(chain, file)
    assert set(reader.counts) == {ROWS}
    assert (outcome.generation, outcome.datasets[0].rows.rows_out) == (1, ROWS)
    assert outcome.replay is not None
    assert {key: body for key, body in chain.ingest("archive/").items() if file.file_id in key} == archived
    assert [key for key in chain.ingest("raw/") if file.file_id in key] == []


def test_decrypting_again_reads_the_archived_original(chain: Chain, command: Command) -> None:
    file = ingested(chain, "replays/decrypt/20260131_Extract.zip")
    archived = {key for key in chain.ingest("archive/") if file.file_id in key}
    told = command("replay", f"s3://{file.bucket}/{file.key}", "--force")
    assert [each["from"] for each in told["replayed"]] == ["decrypt"]
    outcome = replayed(chain, file)
    assert (outcome.generation, set(outcome.stage_seconds)) == (1, set(Stage))
    assert {key for key in chain.ingest("archive/") if file.file_id in key} == archived
    ((_, body),) = chain.curated(file).items()
    assert pq.read_metadata(io.BytesIO(body)).num_rows == ROWS
    assert chain.versions("replays/decrypt/20260131_Extract.zip") == set()
    story = command("status", file.file_id)["files"][0]
    assert [replay["requested_by"] for replay in story["replays"]] == [told["requested_by"]]


def test_a_changed_recipe_normalises_its_files_again_and_no_others(chain: Chain, command: Command) -> None:
    old = ingested(chain, "replays/stale/20260131_Extract.zip")
    current = ingested(chain, "replays/current/20260131_Extract.zip")
    as_if_by_another_recipe(old)
    planned = command("replay", "--stale", "sent", "--dry-run")
    assert [each["file_id"] for each in planned["replayed"]] == [old.file_id]
    assert (planned["files"], planned["rows"]) == (1, ROWS)
    command("replay", "--stale", "sent", "--yes")
    assert replayed(chain, old).generation == 1
    assert command("replay", "--stale", "sent", "--dry-run")["files"] == 0
    assert command("status", current.file_id)["files"][0]["generation"] == 0


def as_if_by_another_recipe(file: LandedFile) -> None:
    """Make the file's manifest say so: which recipes the services run is not a test's to change."""
    s3, key = boto3.client("s3"), manifest_key(file.file_id, Stage.NORMALIZE, 0)
    body = s3.get_object(Bucket=file.bucket, Key=key)["Body"].read()
    manifest = NormalizeManifest.model_validate_json(body)
    curated = [each.model_copy(update={"recipe_fingerprint": "another"}) for each in manifest.curated]
    changed = manifest.model_copy(update={"curated": tuple(curated)})
    s3.put_object(Bucket=file.bucket, Key=key, Body=changed.model_dump_json().encode())


def test_a_file_announced_again_has_the_same_outcome_id(chain: Chain, command: Command) -> None:
    file = chain.land(zipped(Sent=sent(3)), "replays/again/20260131_Extract.zip")
    first = replayed(chain, file)
    chain.outcomes.forget(file.file_id)
    command("replay", file.file_id, "--from", "archive")
    assert replayed(chain, file).outcome_id == first.outcome_id
