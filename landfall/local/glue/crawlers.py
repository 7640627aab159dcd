"""The states of every crawler: READY → RUNNING → STOPPING → READY, one run of each at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import structlog

from landfall.local.glue.crawl import Crawl
from landfall.local.glue.definition import CrawlerDefinition
from landfall.local.glue.errors import CrawlFailedError, GlueError
from landfall.local.glue.listing import Found
from landfall.local.glue.summary import Summary
from landfall.local.glue.tables import CrawledTable

CrawlerState = Literal["READY", "RUNNING", "STOPPING"]

_STOPPING_SHARE = 0.2  # of a crawl's duration
_log = structlog.get_logger()


class Job(Protocol):
    """What :class:`landfall.local.glue.job.CrawlJob` does; a failure is a CrawlFailedError."""

    async def list_targets(self) -> list[list[Found]]:
        """The first step, at once when the crawl starts."""

    async def read_schemas(self, listed: Sequence[Sequence[Found]]) -> list[CrawledTable]:
        """The second step, meanwhile."""

    async def write_tables(self, tables: Sequence[CrawledTable]) -> Summary:
        """The last step, when the crawl's time has passed."""


@dataclass(slots=True)
class _Runs:
    state: CrawlerState = "READY"
    crawls: list[Crawl] = field(default_factory=list)
    work: asyncio.Task[Summary] | None = None


class Crawlers:
    """Runs crawls; ``seconds`` is how long each takes at least, RUNNING and STOPPING together."""

    def __init__(self, new_job: Callable[[CrawlerDefinition, str], Job], seconds: float) -> None:
        self._new_job = new_job
        self._seconds = seconds
        self._runs: dict[str, _Runs] = {}
        self._background: set[asyncio.Task[None]] = set()

    def state(self, name: str) -> CrawlerState:
        """READY where nothing is known of a crawler."""
        return self._of(name).state

    def crawls(self, name: str) -> list[Crawl]:
        """All runs of a crawler, the newest first."""
        return self._of(name).crawls[::-1]

    async def start(self, name: str, definition: Callable[[], CrawlerDefinition]) -> None:
        """Begin a crawl; when this returns, its listing is done, and what is put later is not seen by it.

        Raises:
            GlueError: CrawlerRunningException, also while a run is being stopped.
        """
        runs = self._of(name)
        if runs.state != "READY":
            raise GlueError("CrawlerRunningException", f"Crawler with name {name} has already started")
        crawl = Crawl(name)
        runs.state = "RUNNING"
        runs.crawls.append(crawl)
        listed = asyncio.Event()
        runs.work = asyncio.create_task(self._work(crawl, definition, listed))
        runs.work.add_done_callback(lambda _: listed.set())
        run = asyncio.create_task(self._run(runs, crawl, runs.work))
        self._background.add(run)
        run.add_done_callback(self._background.discard)
        await listed.wait()

    def stop(self, name: str) -> None:
        """Stop the run in progress; it writes nothing.

        Raises:
            GlueError: CrawlerNotRunningException, CrawlerStoppingException.
        """
        runs = self._of(name)
        if runs.state == "STOPPING":
            raise GlueError("CrawlerStoppingException", f"Crawler with name {name} is stopping")
        if runs.state == "READY" or runs.work is None:
            raise GlueError("CrawlerNotRunningException", f"Crawler with name {name} isn't running")
        runs.state = "STOPPING"
        runs.work.cancel()

    def require_idle(self, name: str, action: str) -> None:
        """A crawler cannot be changed or deleted during a run.

        Raises:
            GlueError: CrawlerRunningException.
        """
        if self._of(name).state != "READY":
            raise GlueError("CrawlerRunningException", f"Cannot {action} crawler {name} while it's running")

    def forget(self, name: str) -> None:
        """Drop the history of a crawler that was deleted."""
        self._runs.pop(name, None)

    def _of(self, name: str) -> _Runs:
        return self._runs.setdefault(name, _Runs())

    async def _work(
        self, crawl: Crawl, definition: Callable[[], CrawlerDefinition], listed: asyncio.Event
    ) -> Summary:
        job = self._new_job(definition(), crawl.id)
        objects = await job.list_targets()
        listed.set()
        tables = await job.read_schemas(objects)
        await asyncio.sleep(crawl.started + self._seconds * (1 - _STOPPING_SHARE) - time.time())
        return await job.write_tables(tables)

    async def _run(self, runs: _Runs, crawl: Crawl, work: asyncio.Task[Summary]) -> None:
        await asyncio.wait([work])
        runs.state = "STOPPING"
        await asyncio.sleep(self._seconds * _STOPPING_SHARE)
        if work.cancelled():
            crawl.end("STOPPED")
        elif (failure := work.exception()) is not None:
            expected = isinstance(failure, CrawlFailedError)
            if not expected:
                _log.error("crawl_broke", crawler=crawl.crawler, exc_info=failure)
            crawl.end("FAILED", str(failure) if expected else "Internal Service Exception")
        else:
            summary = work.result()
            crawl.summary = summary.text()
            crawl.tables_created = summary.count("TABLE", "ADD")
            crawl.tables_updated = summary.count("TABLE", "UPDATE")
            crawl.tables_deleted = summary.count("TABLE", "DELETE")
            crawl.end("COMPLETED")
        _log.info("crawl_ended", crawler=crawl.crawler, state=crawl.state, seconds=round(crawl.seconds, 3))
        runs.state, runs.work = "READY", None
