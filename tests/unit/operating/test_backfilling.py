"""A backfill sends what nobody knows of, at a pace, and goes on where it was killed."""

from __future__ import annotations

import pytest

from landfall.errors import OperatorError
from landfall.operating.backfilling import Backfill, candidates
from landfall.operating.replaying import Pace, Requests
from shared.stages import Stage
from tests.doubles.queues import QUEUES, InMemoryQueues
from tests.doubles.s3 import InMemoryS3
from tests.histories import REPLAY, History


def backfill(s3: InMemoryS3, queues: InMemoryQueues, most_waiting: int = 1000) -> Backfill:
    return Backfill(Requests(s3.store(), queues.asynchronous(), "ingest", QUEUES, REPLAY), most_waiting)


async def test_only_files_without_any_record_are_sent_the_oldest_first() -> None:
    s3 = InMemoryS3()
    fresh = [History(s3, f"landing/{name}.zip") for name in ("b", "a")]
    History(s3, "landing/done.zip").through(Stage.ARCHIVE)
    History(s3, "landing/failed.zip").fail(Stage.DECRYPT)
    found = await candidates(s3.store(), "ingest", "landing/")
    assert found.to_send == [each.file for each in fresh]
    assert found.known == 1  # the failed one; the archived one lies in landing/ no more


async def test_overwritten_versions_are_sent_only_where_asked_for() -> None:
    s3 = InMemoryS3()
    old, new = (History(s3, "landing/a.zip").file for _ in range(2))
    assert (await candidates(s3.store(), "ingest", "landing/")).to_send == [new]
    every = await candidates(s3.store(), "ingest", "landing/", all_versions=True)
    assert every.to_send == [old, new]


async def test_nothing_that_landed_without_versioning_is_sent() -> None:
    s3 = InMemoryS3()
    s3.change_newest("ingest", History(s3).file.key, version_id="null")
    with pytest.raises(OperatorError, match="versioning was off"):
        await candidates(s3.store(), "ingest", "landing/")


async def test_a_backfill_that_was_killed_goes_on_where_it_was() -> None:
    s3, queues = InMemoryS3(), InMemoryQueues()
    for n in range(25):
        History(s3, f"landing/{n:02}.zip")
    found = await candidates(s3.store(), "ingest", "landing/")

    def die(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await backfill(s3, queues).run(found.to_send, Pace(0), die)
    rest = await candidates(s3.store(), "ingest", "landing/")
    assert (len(queues.bodies(Stage.DECRYPT)), len(rest.to_send), rest.known) == (10, 15, 10)
    await backfill(s3, queues).run(rest.to_send, Pace(0), lambda _: None)
    assert len(set(queues.bodies(Stage.DECRYPT))) == 25
    assert (await candidates(s3.store(), "ingest", "landing/")).to_send == []


async def test_a_backfill_waits_while_the_queue_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    s3, queues = InMemoryS3(), InMemoryQueues()
    file = History(s3).file
    for _ in range(3):
        queues.put(QUEUES[Stage.DECRYPT].url, "waiting")
    waits: list[float] = []

    async def work_meanwhile(seconds: float) -> None:
        waits.append(seconds)
        queues.queues[QUEUES[Stage.DECRYPT].url].pop()

    monkeypatch.setattr("landfall.operating.backfilling.asyncio.sleep", work_meanwhile)
    await backfill(s3, queues, most_waiting=2).run([file], Pace(0), lambda _: None)
    assert len(waits) == 2
