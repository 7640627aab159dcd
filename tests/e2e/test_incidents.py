"""Incidents as docs/operations.md tells of them, solved with its commands, and the bucket recounted."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import boto3
import pyarrow.parquet as pq
import pytest

from landfall.landing import Encryption, encrypted, land
from landfall.local import services
from landfall.local.stack import LocalStack
from landfall.local.starting import Options
from landfall.target import Target
from landfall.waiting import wait_until
from services.normalizer.settings import BUILT_IN_RECIPES
from shared.identity import LandedFile
from shared.stages import Stage
from tests.commands import Command, json_command
from tests.e2e.conftest import WITHIN
from tests.extracts import sent, zipped
from tests.permissions.guarding import guarded_services
from tests.permissions.recorded import Recorded

ROWS = 7
ALL_BUT_ONE = tuple(name for name in services.ALL if name != "normalizer")


class House:
    """A chain whose normalizer is started and stopped by the test."""

    def __init__(self, recorded: Recorded) -> None:
        self.stack = recorded.stack
        self.target = Target(self.stack.deployment, local=True)
        self._recorded = recorded

    def start(self, recipes: Path = BUILT_IN_RECIPES) -> None:
        self._recorded.start("normalizer", LANDFALL_RECIPES=str(recipes))

    def stop(self) -> None:
        if "normalizer" in self._recorded.processes:
            self._recorded.stop("normalizer")

    def land(self, folder: str, count: int = 3) -> list[LandedFile]:
        landed = []
        for n in range(count):
            body = io.BytesIO(zipped(Sent=sent(ROWS)))
            with encrypted(self.target, body, Encryption.NONE) as sealed:
                landed.append(land(self.target, sealed, f"landing/{folder}/{n}.zip"))
        return landed

    def curated(self, file: LandedFile) -> list[pq.FileMetaData]:
        s3, bucket = boto3.client("s3"), self.stack.deployment.curated_bucket
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        keys = [
            item["Key"] for page in pages for item in page.get("Contents", []) if file.file_id in item["Key"]
        ]
        bodies = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]
        return [pq.read_metadata(io.BytesIO(body)) for body in bodies]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("incidents")
    options = Options(home=home, endpoint=None, glue_endpoint=None, port=0, services=(), crawl_seconds=0.3)
    with LocalStack.up(options) as stack, guarded_services(stack, ALL_BUT_ONE) as recorded:
        yield House(recorded)


@pytest.fixture
def house(running: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    for name, value in running.stack.environment().items():
        monkeypatch.setenv(name, value)
    yield running
    running.stop()


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return json_command(capsys)


def until(command: Command, files: list[LandedFile], status: str, stage: str = "") -> None:
    """Wait until each of the files has come so far."""

    def come() -> bool | None:
        told = [command("status", file.file_id)["files"][0] for file in files]
        return (
            all(each["status"] == status and each["stage"] in (stage or each["stage"]) for each in told)
            or None
        )

    wait_until(come, within=WITHIN, every=0.3)


def codes_of_letters(command: Command) -> list[str]:
    """Of the dead letters of the normalizer; a worker sends one after it has recorded the failure."""
    return [letter["code"] for letter in command("dlq", "ls", "--stage", "normalize")["dead_letters"]]


def test_a_worker_is_down_and_its_queue_was_emptied(house: House, command: Command) -> None:
    files = house.land("down")
    until(command, files, "in progress", "decrypt")
    told = command("status", "--since", "1d")["stages"][1]
    assert (told["stage"], told["files"] >= len(files)) == ("normalize", True)
    boto3.client("sqs").purge_queue(QueueUrl=house.stack.deployment.queues[Stage.NORMALIZE].url)
    house.start()
    found = command("sweep", "--older-than", "0m", "--fix")["findings"]
    assert {each["file_id"] for each in found} >= {file.file_id for file in files}
    until(command, files, "done")
    assert [[part.num_rows for part in house.curated(file)] for file in files] == [[ROWS]] * len(files)
    assert command("sweep", "--full", "--older-than", "0m", "--left-for", "0m")["findings"] == []


def test_a_recipe_was_deployed_that_fails_every_file(house: House, command: Command, tmp_path: Path) -> None:
    house.start(
        changed_recipe(tmp_path, "  SendID:", "  NoSuchColumn: {type: bigint, required: true}\n  SendID:")
    )
    files = house.land("failing")
    until(command, files, "failed")
    wait_until(lambda: codes_of_letters(command) == ["HEADER_MISMATCH"] * len(files) or None, within=WITHIN)
    house.stop()
    house.start()
    assert len(command("dlq", "replay", "--all", "--stage", "normalize", "--yes")["replayed"]) == len(files)
    until(command, files, "done")
    assert command("dlq", "ls")["dead_letters"] == []
    assert [[part.num_rows for part in house.curated(file)] for file in files] == [[ROWS]] * len(files)


def test_a_recipe_was_deployed_that_leaves_a_column_out(
    house: House, command: Command, tmp_path: Path
) -> None:
    house.start(changed_recipe(tmp_path, "  BatchID:", "  Nothing:"))
    files = house.land("lacking")
    until(command, files, "done")
    assert {"batch_id" in part.schema.names for file in files for part in house.curated(file)} == {False}
    house.stop()
    house.start()
    planned = command("replay", "--stale", "sent", "--dry-run")
    assert {each["file_id"] for each in planned["replayed"]} == {file.file_id for file in files}
    assert planned["rows"] == ROWS * len(files)
    command("replay", "--stale", "--yes")
    until(command, files, "done")
    parts = [house.curated(file) for file in files]
    assert [[part.num_rows for part in of_file] for of_file in parts] == [[ROWS]] * len(files)
    assert {"batch_id" in part.schema.names for of_file in parts for part in of_file} == {True}
    assert command("replay", "--stale", "--dry-run")["files"] == 0


def changed_recipe(folder: Path, old: str, new: str) -> Path:
    """The built-in recipes, with one thing wrong in that of ``sent``."""
    recipes = folder / "recipes"
    shutil.copytree(BUILT_IN_RECIPES, recipes)
    recipe = recipes / "sent.yaml"
    text = recipe.read_text(encoding="utf-8")
    assert old in text
    recipe.write_text(text.replace(old, new, 1), encoding="utf-8")
    return recipes
