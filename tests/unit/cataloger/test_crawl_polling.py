"""What Glue is asked while files wait for crawls: counted over a month, and without delaying the proof."""

from __future__ import annotations

import asyncio
import statistics
from bisect import bisect
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.cataloger.crawler import Crawler
from services.cataloger.crawls import CrawlLedger, CrawlRules
from tests.cost_model import CRAWL_BASE_SECONDS, CRAWL_INTERVAL, CRAWL_POLL, DAYS, Volume, crawler_requests
from tests.doubles.glue import START, InMemoryGlue
from tests.doubles.virtual_loop import JumpingLoop

MARGIN = timedelta(seconds=3)
MONTH = DAYS * 86_400.0


@dataclass
class TimedGlue(InMemoryGlue):
    """A crawler in virtual time, whose crawls take so many seconds; ``asked`` has when Glue was asked."""

    seconds: float = CRAWL_BASE_SECONDS
    asked: list[float] = field(default_factory=list)
    page: int = 100
    failing: bool = False

    def clock(self) -> datetime:
        return START + timedelta(seconds=asyncio.get_running_loop().time())

    async def _called(self, operation: str) -> None:
        self.now = self.clock()
        self.asked.append((self.now - START).total_seconds())
        for crawl in self.crawls[-2:]:
            ended = crawl["StartTime"] + timedelta(seconds=self.seconds)
            if crawl["State"] == "RUNNING" and ended <= self.now:
                crawl |= {"State": "FAILED" if self.failing else "COMPLETED", "EndTime": ended}
        await super()._called(operation)

    async def list_crawls(self, **arguments: Any) -> Any:
        whole, self.crawls = self.crawls, self.crawls[-50:]  # the others are too old for any filter here
        try:
            return await super().list_crawls(**arguments)
        finally:
            self.crawls = whole


@dataclass
class Run:
    """Files that come at some times, by seconds, and how long each waited for its crawl."""

    glue: TimedGlue
    interval: float = CRAWL_INTERVAL
    poll: float = CRAWL_POLL
    tasks: int = 1
    lags: list[float] = field(default_factory=list)

    def over(self, times: Iterable[float]) -> Run:
        with asyncio.Runner(loop_factory=JumpingLoop) as runner:
            runner.run(self._all(times))
        return self

    async def _all(self, times: Iterable[float]) -> None:
        rules = CrawlRules(min_interval=self.interval, poll=self.poll, limit=3600, tries=100)
        crawler = Crawler(self.glue.client(), "crawler")
        ledgers = [CrawlLedger(crawler, rules, self.glue.clock) for _ in range(self.tasks)]
        async with asyncio.TaskGroup() as files:
            for number, at in enumerate(times):
                await asyncio.sleep(max(0.0, at - asyncio.get_running_loop().time()))
                files.create_task(self._one(ledgers[number % self.tasks]))

    async def _one(self, ledger: CrawlLedger) -> None:
        came = self.glue.clock()
        seen = await ledger.covering(came + MARGIN)
        assert seen.started_at > came + MARGIN
        self.lags.append((self.glue.clock() - came).total_seconds())

    def idle_calls(self) -> list[float]:
        """When Glue was asked while no crawl ran and none could start."""
        starts = [(each["StartTime"] - START).total_seconds() for each in self.glue.crawls]
        before = [(at, starts[bisect(starts, at) - 1]) for at in self.glue.asked if at > starts[0]]
        noticed = self.glue.seconds + self.poll + 1
        return [at for at, start in before if start + noticed < at < start + self.interval]


QUIET = Volume(files=10, gigabytes=1)
BUSY = Volume(files=120, gigabytes=1)  # more than there can be crawls


def evenly(volume: Volume) -> Iterable[float]:
    step = 86_400 / volume.files
    return (number * step for number in range(volume.files * DAYS))


@pytest.mark.parametrize("volume", [QUIET, BUSY], ids=["quiet", "busy"])
def test_a_month_takes_the_requests_that_the_cost_model_counts(volume: Volume) -> None:
    run = Run(TimedGlue()).over(evenly(volume))
    assert len(run.lags) == volume.files * DAYS
    counted = run.glue.calls.total()
    assert crawler_requests(volume, CRAWL_INTERVAL) == pytest.approx(counted, rel=0.05)
    assert run.idle_calls() == []


def test_nothing_is_asked_while_no_file_waits() -> None:
    run = Run(TimedGlue()).over([0, MONTH])
    assert not [at for at in run.glue.asked if 200 < at < MONTH]


def test_nothing_is_asked_between_two_crawls_however_many_files_come() -> None:
    run = Run(TimedGlue()).over(range(0, 900, 2))
    assert run.idle_calls() == []
    assert run.glue.starts == 2


def test_while_a_crawl_runs_it_is_asked_about_every_ten_seconds() -> None:
    run = Run(TimedGlue(seconds=600)).over([0])
    assert run.glue.calls == Counter(ListCrawls=62, GetCrawler=1, StartCrawler=1)


def test_two_tasks_ask_no_more_than_twice_as_much() -> None:
    alone, together = (Run(TimedGlue(), tasks=tasks).over(range(0, 9000, 60)) for tasks in (1, 2))
    assert together.glue.calls.total() <= 2 * alone.glue.calls.total()
    assert together.glue.starts == alone.glue.starts
    assert together.idle_calls() == []


def test_after_a_crawl_that_failed_nothing_is_asked_until_the_next_can_start() -> None:
    glue = TimedGlue(failing=True)

    async def mended() -> None:
        await asyncio.sleep(1100)
        glue.failing = False

    class Mended(Run):
        async def _all(self, times: Iterable[float]) -> None:
            mending = asyncio.create_task(mended())
            await super()._all(times)
            await mending

    run = Mended(glue).over([0])
    assert run.glue.starts == 3
    assert run.idle_calls() == []


def test_of_the_first_crawl_a_look_falls_behind_the_moment_when_the_next_may_start() -> None:
    run = Run(TimedGlue(seconds=60.2), interval=60).over([0])
    assert run.lags[0] <= 3 + 60 + 0.51


def test_a_crawl_starts_as_soon_as_it_may() -> None:
    run = Run(TimedGlue()).over([0, 10])
    first, second = (each["StartTime"] for each in run.glue.crawls)
    assert first - START <= MARGIN + timedelta(seconds=0.01)
    assert second - first <= timedelta(seconds=CRAWL_INTERVAL + 0.01)


def test_a_steady_stream_waits_no_longer_than_was_measured_with_a_poll_every_half_second() -> None:
    """Crawls of 60 s, one after the other, five files a second: 1.6 durations at the most."""
    run = Run(TimedGlue(seconds=60), interval=60).over(number / 5 for number in range(5 * 420))
    assert statistics.median(run.lags) / 60 <= 1.6


@pytest.mark.parametrize("longer", [-7, 1, 4, 20])
def test_a_crawl_that_ends_at_another_time_than_the_last_is_noticed_within_the_pace(longer: int) -> None:
    glue = TimedGlue(seconds=300)

    class Changing(Run):
        async def _one(self, ledger: CrawlLedger) -> None:
            await super()._one(ledger)
            glue.seconds = 300 + longer

    run = Changing(glue).over([0, 1000])
    late = run.lags[1] - MARGIN.total_seconds() - glue.seconds
    assert 0 <= late <= min(CRAWL_POLL, max(1, longer) if longer > 0 else CRAWL_POLL) + 0.6


def test_a_file_that_is_older_than_what_was_asked_of_is_looked_up_at_once() -> None:
    """Its crawl may have been long before those of the files that came earlier."""

    class Redelivered(Run):
        async def _all(self, times: Iterable[float]) -> None:
            glue.now = START - timedelta(hours=1)
            glue.begin_crawl("COMPLETED")
            ledger = CrawlLedger(Crawler(glue.client(), "c"), CrawlRules(900, 10, 3600, 3), glue.clock)
            new = asyncio.create_task(ledger.covering(glue.clock()))
            await asyncio.sleep(20)
            began = glue.clock()
            await ledger.covering(START - timedelta(hours=2))
            self.lags.append((glue.clock() - began).total_seconds())
            await new

    glue = TimedGlue()
    assert Redelivered(glue).over([]).lags[0] <= CRAWL_POLL
