"""Waiting for a crawl that is proof: one that began after the file's rows were all in place.

Glue runs one crawl of a crawler at a time, and a crawl that is already running may have listed a folder
before the file was there. So ListCrawls is the ledger: a file is covered when a COMPLETED crawl started after
the normalizer's manifest. All files that wait share one poll; nothing is remembered between polls.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from services.cataloger.errors import CrawlerMissing, CrawlFailed, CrawlOverdue
from shared.aws.faults import AWS_ERRORS, classify, error_code
from shared.commit import now
from shared.errors import LandfallError, PermanentError
from shared.logs import get_logger
from shared.manifests import CrawlSeen

if TYPE_CHECKING:
    from types_aiobotocore_glue import GlueClient

log = get_logger()

_ENDED_BADLY = frozenset({"FAILED", "STOPPED"})


@dataclass(frozen=True, slots=True)
class Crawl:
    """One line of the ledger."""

    crawl_id: str
    state: str
    started_at: datetime


@dataclass(eq=False, slots=True)
class _Waiter:
    after: datetime
    done: asyncio.Future[CrawlSeen]


@dataclass(slots=True)
class CrawlLedger:
    """Answers when a crawl has covered everything written before a moment, starting crawls as needed."""

    client: GlueClient
    crawler: str
    min_interval: timedelta
    poll_seconds: float
    limit_seconds: float
    clock: Callable[[], datetime] = now
    _waiters: list[_Waiter] = field(default_factory=list)
    _polling: asyncio.Task[None] | None = None

    async def covering(self, after: datetime) -> CrawlSeen:
        """Wait for a COMPLETED crawl that started after ``after``.

        Raises:
            CrawlFailed: the crawls that started after it failed or were stopped.
            CrawlOverdue: none completed within the limit.
            CrawlerMissing: there is no such crawler.
        """
        waiter = _Waiter(after, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll())
        try:
            async with asyncio.timeout(self.limit_seconds):
                return await waiter.done
        except TimeoutError:
            raise CrawlOverdue("no crawl covered the file within the limit") from None
        finally:
            self._waiters.remove(waiter)

    async def _poll(self) -> None:
        while self._waiters:
            try:
                await self._look()
            except AWS_ERRORS as error:
                fault = classify(error)
                log.warning("crawl_poll_failed", code=fault.code, reason=fault.message)
                if isinstance(fault, PermanentError):
                    self._fail(self._waiters, fault)
            except CrawlerMissing as missing:
                self._fail(self._waiters, missing)
            await asyncio.sleep(self.poll_seconds)

    async def _look(self) -> None:
        crawls = await self._crawls(min(waiter.after for waiter in self._waiters))
        for waiter in self._waiters:
            if not waiter.done.done():
                self._answer(waiter, [crawl for crawl in crawls if crawl.started_at > waiter.after])
        ready = self.clock()
        if any(not waiter.done.done() and waiter.after < ready for waiter in self._waiters):
            await self._start_if_due()

    def _answer(self, waiter: _Waiter, later: list[Crawl]) -> None:
        completed = [crawl for crawl in later if crawl.state == "COMPLETED"]
        if completed:
            first = min(completed, key=lambda crawl: crawl.started_at)
            waiter.done.set_result(
                CrawlSeen(crawler=self.crawler, crawl_id=first.crawl_id, started_at=first.started_at)
            )
        elif later and all(crawl.state in _ENDED_BADLY for crawl in later):
            self._fail([waiter], CrawlFailed(f"crawl {later[0].crawl_id} ended {later[0].state}"))

    async def _start_if_due(self) -> None:
        try:
            answer = await self.client.get_crawler(Name=self.crawler)
        except ClientError as error:
            if error_code(error) == "EntityNotFoundException":
                raise CrawlerMissing(f"there is no crawler {self.crawler}") from None
            raise
        crawler = answer["Crawler"]
        last = crawler.get("LastCrawl", {}).get("StartTime")
        if crawler.get("State") != "READY" or (last and self.clock() - last < self.min_interval):
            return
        try:
            await self.client.start_crawler(Name=self.crawler)
        except ClientError as error:
            # Another task was quicker. That run may be too early for us; the ledger will tell.
            if error_code(error) != "CrawlerRunningException":
                raise
        else:
            log.info("crawl_started", crawler=self.crawler, waiting=len(self._waiters))

    async def _crawls(self, after: datetime) -> list[Crawl]:
        page = await self.client.list_crawls(CrawlerName=self.crawler, MaxResults=100)
        items = page.get("Crawls", [])
        while token := page.get("NextToken"):
            page = await self.client.list_crawls(CrawlerName=self.crawler, MaxResults=100, NextToken=token)
            items += page.get("Crawls", [])
        return [
            Crawl(item["CrawlId"], item["State"], item["StartTime"])
            for item in items
            if item["StartTime"] > after
        ]

    def _fail(self, waiters: list[_Waiter], error: LandfallError) -> None:
        for waiter in waiters:
            if not waiter.done.done():
                waiter.done.set_exception(error)
