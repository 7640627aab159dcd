"""The states of a crawler, driven step by step: jobs wait until the test lets them go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest

from landfall.local.glue.crawlers import Crawlers
from landfall.local.glue.definition import CrawlerDefinition, parse
from landfall.local.glue.errors import CrawlFailedError, GlueError
from landfall.local.glue.listing import Found
from landfall.local.glue.overlay import metrics, overlaid
from landfall.local.glue.summary import Summary
from landfall.local.glue.tables import CrawledTable

NAME = "curated"
CRAWLER = {"Name": NAME, "DatabaseName": "db", "Targets": {"S3Targets": [{"Path": "s3://curated/"}]}}


class Job:
    """A job that stops before each step until it is told to go on."""

    def __init__(self) -> None:
        self.listing, self.may_list, self.may_read = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.done: list[str] = []
        self.failure: Exception | None = None

    async def list_targets(self) -> list[list[Found]]:
        self.listing.set()
        await self.may_list.wait()
        if self.failure is not None:
            raise self.failure
        self.done.append("list")
        return []

    async def read_schemas(self, listed: Sequence[Sequence[Found]]) -> list[CrawledTable]:
        await self.may_read.wait()
        self.done.append("read")
        return []

    async def write_tables(self, tables: Sequence[CrawledTable]) -> Summary:
        self.done.append("write")
        summary = Summary()
        summary.note("TABLE", "ADD", "sent")
        return summary


class Bench:
    """Crawlers that run one scripted job."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.job = Job()
        self.crawlers = Crawlers(lambda _definition, _crawl: self.job, seconds)

    async def start(self, definition: Callable[[], CrawlerDefinition] = lambda: parse(CRAWLER)) -> None:
        self.job.may_list.set()
        await self.crawlers.start(NAME, definition)

    async def finish(self) -> None:
        """Let the job go on, and wait for everything that the crawlers do in the background."""
        self.job.may_read.set()
        if background := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(background, timeout=5)

    @property
    def states(self) -> list[str]:
        return [crawl.state for crawl in self.crawlers.crawls(NAME)]


async def refused(bench: Bench) -> str:
    with pytest.raises(GlueError) as error:
        await bench.start()
    return error.value.code


def test_a_crawler_that_never_ran_is_ready() -> None:
    bench = Bench()
    assert bench.crawlers.state(NAME) == "READY"
    assert bench.states == []


async def test_start_returns_when_the_listing_is_done() -> None:
    bench = Bench()
    starting = asyncio.create_task(bench.crawlers.start(NAME, lambda: parse(CRAWLER)))
    await bench.job.listing.wait()
    assert bench.crawlers.state(NAME) == "RUNNING"
    assert not starting.done()
    bench.job.may_list.set()
    await starting
    assert bench.job.done == ["list"]
    await bench.finish()


async def test_only_one_run_at_a_time() -> None:
    bench = Bench()
    await bench.start()
    assert await refused(bench) == "CrawlerRunningException"
    await bench.finish()


async def test_a_crawler_that_is_stopping_cannot_be_started() -> None:
    bench = Bench()
    await bench.start()
    bench.crawlers.stop(NAME)
    assert await refused(bench) == "CrawlerRunningException"
    await bench.finish()


async def test_a_run_is_completed_when_the_crawler_is_ready_again() -> None:
    bench = Bench()
    await bench.start()
    assert bench.states == ["RUNNING"]
    await bench.finish()
    assert bench.states == ["COMPLETED"]
    assert bench.job.done == ["list", "read", "write"]


async def test_a_ready_crawler_can_run_again() -> None:
    bench = Bench()
    for _ in range(2):
        await bench.start()
        await bench.finish()
    assert bench.states == ["COMPLETED", "COMPLETED"]


async def test_a_run_lasts_as_long_as_it_is_set_to() -> None:
    bench = Bench(seconds=0.1)
    await bench.start()
    bench.job.may_read.set()
    seen = {bench.crawlers.state(NAME)}
    async with asyncio.timeout(5):
        while (state := bench.crawlers.state(NAME)) != "READY":
            seen.add(state)
            await asyncio.sleep(0.005)
    assert seen == {"RUNNING", "STOPPING"}
    assert bench.crawlers.crawls(NAME)[0].seconds >= 0.1


async def test_a_stopped_run_writes_nothing() -> None:
    bench = Bench()
    await bench.start()
    bench.crawlers.stop(NAME)
    assert bench.crawlers.state(NAME) == "STOPPING"
    await bench.finish()
    assert bench.states == ["STOPPED"]
    assert "write" not in bench.job.done


async def test_stopping_twice_is_refused() -> None:
    bench = Bench()
    await bench.start()
    bench.crawlers.stop(NAME)
    with pytest.raises(GlueError) as error:
        bench.crawlers.stop(NAME)
    assert error.value.code == "CrawlerStoppingException"
    await bench.finish()


def test_stopping_a_crawler_that_does_not_run_is_refused() -> None:
    with pytest.raises(GlueError) as error:
        Bench().crawlers.stop(NAME)
    assert error.value.code == "CrawlerNotRunningException"


async def test_an_unreadable_target_fails_the_run_not_the_start() -> None:
    bench = Bench()
    bench.job.failure = CrawlFailedError("The target s3://gone/ cannot be listed: NoSuchBucket")
    await bench.start()
    await bench.finish()
    assert bench.states == ["FAILED"]
    assert bench.crawlers.crawls(NAME)[0].error == "The target s3://gone/ cannot be listed: NoSuchBucket"


async def test_an_unsupported_definition_fails_the_run() -> None:
    bench = Bench()
    await bench.start(lambda: parse({**CRAWLER, "Targets": {}}))
    await bench.finish()
    assert bench.states == ["FAILED"]


async def test_a_defect_of_the_crawler_is_glues_internal_error() -> None:
    bench = Bench()
    bench.job.failure = ZeroDivisionError("secret")
    await bench.start()
    await bench.finish()
    assert bench.crawlers.crawls(NAME)[0].error == "Internal Service Exception"


async def test_a_running_crawler_cannot_be_deleted() -> None:
    bench = Bench()
    await bench.start()
    with pytest.raises(GlueError) as error:
        bench.crawlers.require_idle(NAME, "delete")
    assert error.value.code == "CrawlerRunningException"
    await bench.finish()


async def test_the_history_of_a_deleted_crawler_is_forgotten() -> None:
    bench = Bench()
    await bench.start()
    await bench.finish()
    bench.crawlers.forget(NAME)
    assert bench.states == []


async def test_the_description_shows_the_state_and_the_last_finished_run() -> None:
    bench = Bench()
    assert "LastCrawl" not in overlaid({"Name": NAME, "LastCrawl": None}, bench.crawlers)
    await bench.start()
    running = overlaid({"Name": NAME, "Role": "r"}, bench.crawlers)
    assert (running["State"], running["Role"]) == ("RUNNING", "r")
    assert "LastCrawl" not in running
    await bench.finish()
    ready = overlaid({"Name": NAME}, bench.crawlers)
    assert ready["State"] == "READY"
    assert ready["LastCrawl"] == bench.crawlers.crawls(NAME)[0].last_crawl()


async def test_metrics_count_the_tables_of_the_last_run() -> None:
    bench = Bench()
    await bench.start()
    await bench.finish()
    assert metrics(NAME, bench.crawlers)["TablesCreated"] == 1
