"""Crawler mode: a crawl that covers the file, then a look at what it did; another where that may help."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.cataloger.appending import ByCrawl
from services.cataloger.crawler import Crawler
from services.cataloger.crawls import CrawlLedger, CrawlRules
from services.cataloger.errors import ColumnsDiffer, PartitionMissing, TableMissing
from services.cataloger.looks import Looks
from services.cataloger.needs import Need
from services.cataloger.slots import WorkSlots
from tests.builders import landed
from tests.doubles.glue import START, InMemoryGlue
from tests.unit.cataloger.files import COLUMNS, Lake, appended

FILE = landed()


class Crawling(InMemoryGlue):
    """Crawls complete at once, and find what ``finds`` says."""

    def __init__(self, finds: list[list[Need]]) -> None:
        super().__init__(auto="COMPLETED")
        self.finds = finds
        self.lake = Lake()
        self.lake.glue.tables, self.lake.glue.partitions = self.tables, self.partitions

    async def start_crawler(self, **arguments: Any) -> Any:
        answer = await super().start_crawler(**arguments)
        if self.finds:
            await self.lake.tables().bring_up(self.finds.pop(0))
        self.calls.clear()
        return answer


def by_crawl(glue: Crawling, slots: WorkSlots | None = None, **options: Any) -> ByCrawl:
    looking = Lake()
    looking.glue, looking.s3 = glue, glue.lake.s3
    rules = CrawlRules(min_interval=0, poll=0.001, limit=5, tries=3)
    ledger = CrawlLedger(Crawler(glue.client(), "crawler"), rules, ticking(glue))
    return ByCrawl(
        ledger,
        Looks(looking.tables()),
        slots or WorkSlots(8),
        timedelta(seconds=5),
        clock=glue.clock,
        **options,
    )


def ticking(glue: InMemoryGlue) -> Any:
    """A clock that moves on whenever somebody looks."""

    def clock() -> Any:
        glue.tick(1)
        return glue.now

    return clock


async def test_a_file_waits_for_its_crawl_and_the_manifest_says_which() -> None:
    glue = Crawling([])
    needs = glue.lake.put(FILE, appended(FILE))
    glue.finds.append(needs)
    done = await by_crawl(glue).catalog(needs, START)
    assert done.crawl is not None
    assert done.crawl.started_at > START + timedelta(seconds=5)
    assert [each.table.table for each in done.shown] == ["sent"]


async def test_a_file_whose_crawl_has_come_already_is_done_before_another_begins() -> None:
    glue, slots = Crawling([]), WorkSlots(1)
    needs = glue.lake.put(FILE, appended(FILE))
    glue.finds.append(needs)
    waiting = by_crawl(glue, slots)
    steps: list[str] = []

    async def file(name: str) -> None:
        async with slots.working():
            steps.append(f"{name} begins")
            await waiting.catalog(needs, START)
            steps.append(f"{name} is done")

    await file("one that awaits a crawl")
    steps.clear()
    await asyncio.gather(*map(file, "abc"))
    assert steps == [f"{name} {step}" for name in "abc" for step in ("begins", "is done")]
    assert glue.starts == 1


async def test_a_file_without_appended_rows_needs_no_crawl() -> None:
    glue = Crawling([])
    assert (await by_crawl(glue).catalog([], START)).crawl is None
    assert glue.starts == 0


async def test_covered_files_await_no_crawl_where_that_is_allowed() -> None:
    glue = Crawling([])
    needs = glue.lake.put(FILE, appended(FILE))
    await glue.lake.tables().bring_up(needs)
    done = await by_crawl(glue, only_if_needed=True).catalog(needs, START)
    assert (glue.starts, done.crawl, len(done.shown)) == (0, None, 1)


async def test_a_file_with_a_new_column_awaits_one_all_the_same() -> None:
    glue = Crawling([])
    await glue.lake.tables().bring_up(glue.lake.put(FILE, appended(FILE)))
    wider = glue.lake.put(FILE, appended(FILE, columns={**COLUMNS, "added": "string"}))
    glue.finds.append(wider)
    done = await by_crawl(glue, only_if_needed=True).catalog(wider, START)
    assert glue.starts == 1
    assert done.crawl is not None


async def test_what_one_crawl_missed_the_next_may_see() -> None:
    glue = Crawling([])
    needs = glue.lake.put(FILE, appended(FILE))
    glue.finds += [[], needs]  # the first was of a crawler that somebody has mended since
    done = await by_crawl(glue).catalog(needs, START)
    assert done.crawl is not None
    assert (glue.starts, done.crawl.crawl_id) == (2, "c2")


async def test_what_two_crawls_missed_is_a_failure() -> None:
    glue = Crawling([])
    with pytest.raises(TableMissing, match="sent"):
        await by_crawl(glue).catalog(glue.lake.put(FILE, appended(FILE)), START)
    assert glue.starts == 2


async def test_a_crawl_that_registered_another_partition_is_no_proof() -> None:
    glue = Crawling([])
    glue.finds += [glue.lake.put(FILE, appended(FILE, day="2026-01-01"))]
    with pytest.raises(PartitionMissing, match="sent"):
        await by_crawl(glue).catalog(glue.lake.put(FILE, appended(FILE)), START)


async def test_another_type_is_not_mended_by_another_crawl() -> None:
    glue = Crawling([])
    glue.finds += [glue.lake.put(FILE, appended(FILE, columns={"date_created": "date"}))]
    with pytest.raises(ColumnsDiffer, match="date_created"):
        await by_crawl(glue).catalog(glue.lake.put(FILE, appended(FILE)), START)
    assert glue.starts == 1


async def test_thousands_of_files_share_the_look_as_they_share_the_crawl() -> None:
    glue = Crawling([])
    needs = glue.lake.put(FILE, *(appended(FILE, dataset=f"dataset_{n}") for n in range(19)))
    glue.finds.append(needs)
    waiting = by_crawl(glue)
    await asyncio.gather(*(waiting.catalog(needs, START) for _ in range(500)))
    assert glue.starts == 1
    assert glue.calls["GetTable"] + glue.calls["BatchGetPartition"] <= 2 * 2 * 19
