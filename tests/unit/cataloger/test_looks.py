"""What was seen after a crawl is proof for the other files of that crawl, for a few seconds."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.cataloger.errors import TableMissing
from services.cataloger.looks import Looks
from services.cataloger.needs import Need
from services.cataloger.tables import Shown
from shared.manifests import CrawlSeen
from tests.unit.cataloger.files import Lake, appended, extract

FIRST = CrawlSeen(crawler="c", crawl_id="c1", started_at=datetime(2026, 1, 31, tzinfo=UTC))
SECOND = FIRST.model_copy(update={"crawl_id": "c2"})


class House:
    """A catalogued file, and looks whose clock the test moves."""

    def __init__(self) -> None:
        self.lake, self.now = Lake(), 0.0
        self.needs: list[Need] = []
        self.looks = Looks(self.lake.tables(), lambda: self.now)

    async def catalog(self) -> None:
        file = extract(31)
        self.needs = self.lake.put(file, appended(file))
        await self.lake.tables().bring_up(self.needs)
        self.lake.glue.calls.clear()

    async def look(self, crawl: CrawlSeen = FIRST, *, came_at: float = 0) -> list[Shown]:
        """As for a file that came at that time; others came when the house was built."""
        return await self.looks.after(crawl, self.needs, came_at)

    @property
    def asked(self) -> int:
        """How often Glue was asked for the table."""
        return self.lake.glue.calls["GetTable"]


@pytest.fixture
async def house() -> House:
    made = House()
    await made.catalog()
    return made


async def test_files_of_one_crawl_share_a_look(house: House) -> None:
    first = await house.look()
    assert await house.look() == first
    assert house.asked == 1


async def test_another_crawl_is_looked_at_anew(house: House) -> None:
    await house.look(FIRST)
    await house.look(SECOND)
    assert house.asked == 2


async def test_a_look_is_no_answer_to_a_file_that_came_later(house: House) -> None:
    await house.look()
    house.lake.glue.tables.clear()  # somebody wants it built anew, and so replays a file
    house.now += 0.1
    with pytest.raises(TableMissing):
        await house.look(came_at=house.now)


async def test_what_changed_while_a_look_was_on_is_seen_by_who_came_meanwhile(house: House) -> None:
    first = asyncio.create_task(house.look())
    await asyncio.sleep(0)
    house.now += 0.1
    late = house.now
    await first
    house.lake.glue.tables.clear()
    with pytest.raises(TableMissing):
        await house.look(came_at=late)


async def test_a_table_that_was_dropped_meanwhile_is_missed_a_few_seconds_later(house: House) -> None:
    await house.look()
    house.lake.glue.tables.clear()
    house.now += 5.1
    with pytest.raises(TableMissing):
        await house.look()


async def test_other_columns_are_another_question(house: House) -> None:
    await house.look()
    house.needs = [replace(house.needs[0], columns=house.needs[0].columns[:1])]
    await house.look()
    assert house.asked == 2


async def test_what_was_missing_is_always_asked_for_again(house: House) -> None:
    house.lake.glue.tables.clear()
    for _ in range(2):
        with pytest.raises(TableMissing):
            await house.look()
    assert house.asked == 2
