"""How everything stands: files by stage, queues, dead letters, crawls, rejected rows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

from landfall.operating.overview import Overview, overview
from landfall.operating.survey import survey
from shared.aws.clients import Clients
from shared.layout import quarantine_key
from shared.stages import Stage
from tests.doubles.glue import InMemoryGlue
from tests.doubles.queues import QUEUES, InMemoryQueues
from tests.doubles.s3 import EPOCH, InMemoryS3
from tests.histories import History
from tests.unit.operating.house import DEPLOYMENT


class House:
    """A deployment in memory."""

    def __init__(self) -> None:
        self.s3, self.queues, self.glue = InMemoryS3(), InMemoryQueues(), InMemoryGlue()

    def history(self, key: str) -> History:
        return History(self.s3, f"landing/{key}")

    async def look(self, day: date = EPOCH.date()) -> Overview:  # noqa: B008 - a constant
        found = await survey(self.s3.store(), "ingest", [day])
        clients = _Clients(self.s3, self.queues, self.glue)
        return await overview(cast("Clients", clients), DEPLOYMENT, found, [day])


class _Clients:
    def __init__(self, s3: InMemoryS3, queues: InMemoryQueues, glue: InMemoryGlue) -> None:
        self._s3, self._queues, self._glue = s3, queues, glue

    async def s3(self) -> Any:
        return self._s3.store().client

    async def sqs(self) -> Any:
        return self._queues.asynchronous()

    async def glue(self) -> Any:
        return self._glue.client()


async def test_files_are_counted_by_status_and_by_the_stage_that_has_them() -> None:
    house = House()
    house.history("fresh.zip")
    house.history("decrypted.zip").through(Stage.DECRYPT)
    house.history("failed.zip").fail(Stage.DECRYPT)
    house.history("done.zip").through(Stage.ARCHIVE)
    told = await house.look()
    assert told.files == {"landed": 1, "in progress": 1, "failed": 1, "resolved": 0, "done": 1}
    assert [(each.files, each.failed) for each in told.stages] == [(1, 1), (1, 0), (0, 0), (0, 0)]


async def test_the_oldest_file_of_a_stage_tells_how_long_it_has_waited() -> None:
    house = House()
    file = house.history("fresh.zip").file
    told = await house.look()
    waited = told.stages[0].oldest_seconds
    assert waited is not None
    assert abs(waited - (told.at - file.landed_at).total_seconds()) < 1
    assert told.stages[1].oldest_seconds is None


async def test_queues_and_dead_letters_are_counted() -> None:
    house = House()
    house.queues.put(QUEUES[Stage.NORMALIZE].url, "x").hidden = True
    house.queues.put(QUEUES[Stage.NORMALIZE].url, "y")
    house.queues.dead(Stage.NORMALIZE, "z")
    normalize = (await house.look()).stages[1]
    assert (normalize.messages, normalize.in_flight, normalize.dead_letters) == (1, 1, 1)


async def test_rejected_rows_are_counted_of_the_files_that_have_any() -> None:
    house = House()
    for name in ("a.zip", "b.zip"):
        file = house.history(name).through(Stage.NORMALIZE)
        house.s3.put("ingest", quarantine_key(file.file_id, "Subscribers.csv"), b"rejected")
    house.history("clean.zip").through(Stage.NORMALIZE)
    rejected = (await house.look()).rejected
    assert (rejected.files, rejected.rows, rejected.complete) == (2, 2, True)


async def test_files_of_earlier_days_that_are_not_done_are_not_forgotten() -> None:
    house = House()
    house.history("failed.zip").fail(Stage.NORMALIZE)
    told = await house.look(EPOCH.date() + timedelta(days=1))
    assert (told.unfinished_before, told.stages[1].failed) == (1, 1)
    assert told.files["failed"] == 0


async def test_the_crawler_tells_what_it_does_and_did() -> None:
    house = House()
    house.glue.begin_crawl()
    crawls = (await house.look()).crawls
    assert crawls is not None
    assert (crawls.state, crawls.last_started_at) == ("RUNNING", house.glue.now)
