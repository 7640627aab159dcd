"""Two full refreshes of one second: the newer stands, however and in whichever order they are announced.

The whole chain runs, over AWS in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, cast
from unittest.mock import patch

import pytest

from landfall.deployment import Queue
from landfall.operating.backfilling import Backfill, candidates
from landfall.operating.replay_plans import Plan
from landfall.operating.replaying import Pace, Requests
from landfall.operating.survey import survey
from shared.identity import LandedFile
from shared.stages import Stage
from tests.doubles.aws import CURATED, INGEST, Aws
from tests.doubles.s3 import EPOCH
from tests.faults.model.deployment import Deployment
from tests.histories import REPLAY

RECIPE = """
dataset: lists
version: 1
mode: snapshot
description: A list that is sent whole each time.
match: [Lists]
columns:
  ListID: {type: bigint, required: true}
"""


@dataclass(frozen=True)
class Refreshes:
    """Versions of one key that landed in one second, the oldest first, and the deployment."""

    world: Deployment
    files: list[LandedFile]
    notifications: list[str]

    def notify(self, which: int) -> None:
        self.world.aws.sqs.send(Stage.DECRYPT, self.notifications[which])

    def sweep(self, which: int) -> None:
        """Ask for a file as ``sweep --fix`` does for one that nobody began."""
        aws, wanted = self.world.aws, self.files[which].version_id
        found = self.world.run(survey(aws.s3.store(), INGEST, (EPOCH.date(),)))
        (file,) = (file for file in found.landed if file.version_id == wanted)
        plan = Plan(file, 0, Stage.DECRYPT, opens=False)
        self.world.run(requests(aws).send([plan], Pace(0)))

    def backfill(self, which: int) -> None:
        aws, wanted = self.world.aws, self.files[which].version_id
        found = self.world.run(candidates(aws.s3.store(), INGEST, "landing/", all_versions=True))
        files = [file for file in found.to_send if file.version_id == wanted]
        self.world.run(Backfill(requests(aws), 1000).run(files, Pace(0), lambda _: None))

    def settle(self) -> None:
        """Let everything that is under way end."""
        queues = self.world.aws.sqs.queues.values()
        while self.world.is_busy or any(queue.items for queue in queues):
            for process in list(self.world.processes):
                self.world.step(process)
        assert not any(queue.dead for queue in queues)

    @property
    def shown(self) -> int:
        """Which of the files the table shows."""
        partition = self.world.aws.glue.partitions["lists", ("default",)]
        location = partition["StorageDescriptor"]["Location"]
        return next(n for n, file in enumerate(self.files) if file.file_id in location)


class _Queues:
    """The queues as an operator's command reaches them."""

    def __init__(self, aws: Aws) -> None:
        self._sqs = aws.sqs

    async def get_queue_attributes(self, **_: Any) -> Any:
        return {"Attributes": {"ApproximateNumberOfMessages": "0"}}

    async def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, str]]) -> Any:  # noqa: N803
        for entry in Entries:
            self._sqs.send(Stage(QueueUrl), entry["MessageBody"])
        return {"Successful": [{"Id": entry["Id"]} for entry in Entries]}


def requests(aws: Aws) -> Requests:
    queues = {stage: Queue(stage.value, f"!{stage}") for stage in Stage}
    return Requests(aws.s3.store(), cast("Any", _Queues(aws)), INGEST, queues, REPLAY)


@pytest.fixture
def refreshes(tmp_path: Path) -> Iterator[Refreshes]:
    """Two of which the id, which would break the tie, says the wrong thing."""
    (tmp_path / "lists.yaml").write_text(RECIPE, encoding="utf-8")
    world = Deployment(tmp_path, Random(1))
    aws = world.aws
    with patch("asyncio.run_coroutine_threadsafe", world.loop.run_for_thread):
        for number in count():
            key = f"landing/20260131_Lists_{number}.csv"
            files = [_land(aws, key, f"ListID\r\n{n}\r\n".encode()) for n in (1, 2)]
            if files[1].file_id < files[0].file_id:
                break
            aws.s3.versions.clear()
        aws.sqs.queues[Stage.DECRYPT].items.clear()
        yield Refreshes(world, files, [body for _, body in aws.sqs.sent[-2:]])
        world.close()


def _land(aws: Aws, key: str, body: bytes) -> LandedFile:
    version = aws.land(key.removeprefix("landing/"), body)
    landed_at = aws.s3.versions[INGEST, key][0].last_modified
    aws.s3.change_newest(INGEST, key, last_modified=landed_at)
    return LandedFile(bucket=INGEST, key=key, version_id=version, size=len(body), landed_at=landed_at)


WAYS = ["notify", "sweep", "backfill"]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("way", WAYS)
def test_both_at_once(refreshes: Refreshes, way: str, first: int) -> None:
    for which in (first, 1 - first):
        getattr(refreshes, way)(which)
    refreshes.settle()
    assert refreshes.shown == 1


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("way", WAYS)
def test_the_second_after_the_first_was_archived(refreshes: Refreshes, way: str, first: int) -> None:
    for which in (first, 1 - first):
        getattr(refreshes, way)(which)
        refreshes.settle()
    assert (INGEST, refreshes.files[0].key) not in refreshes.world.aws.s3.objects
    assert refreshes.shown == 1


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("ways", [("notify", "backfill"), ("backfill", "sweep"), ("sweep", "notify")])
def test_each_in_another_way(refreshes: Refreshes, ways: tuple[str, str], first: int) -> None:
    for way, which in zip(ways, (first, 1 - first), strict=True):
        getattr(refreshes, way)(which)
    refreshes.settle()
    assert refreshes.shown == 1


def test_the_curated_objects_of_both_are_kept_until_the_grace_is_over(refreshes: Refreshes) -> None:
    for which in (1, 0):
        refreshes.notify(which)
        refreshes.settle()
    objects = [key for bucket, key in refreshes.world.aws.s3.objects if bucket == CURATED]
    assert [sum(file.file_id in key for key in objects) for file in refreshes.files] == [1, 1]
