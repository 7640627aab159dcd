"""Waiting for a crawl that is proof: one that began after the file's rows were all in place, and completed.

Glue runs one crawl of a crawler at a time, and a crawl that is already running may have listed a folder
before the file was there. So ListCrawls is the ledger. All files that wait share one poll, tasks share
nothing: the first worker that finds the crawler ready starts it (docs/decisions/0004-crawl-proof.md). While
no crawl can start and none runs, Glue is not asked (:mod:`services.cataloger.crawl_timing`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime

from services.cataloger.crawl_timing import CrawlTiming
from services.cataloger.crawler import Crawl, Crawler
from services.cataloger.errors import CrawlerMissing, CrawlFailed, CrawlOverdue
from shared.aws.faults import AWS_ERRORS, classify
from shared.commit import now
from shared.errors import LandfallError, PermanentError
from shared.logs import get_logger
from shared.manifests import CrawlSeen

log = get_logger()

_HEAD_START_SECONDS = 0.2
_LEAST_REST = 0.001  # seconds: less may be lost in rounding, and the loop would spin


@dataclass(eq=False, slots=True)
class _Waiter:
    """A file that waits for a crawl that starts ``after``; ``failed`` are those seen since it came, by id."""

    after: datetime
    since: datetime
    done: asyncio.Future[CrawlSeen]
    failed: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CrawlRules:
    """How crawls are used; times in seconds.

    A file gives up after ``tries`` crawls that failed while it waited, and when ``limit`` has passed.
    """

    min_interval: float
    poll: float
    limit: float
    tries: int


class CrawlLedger:
    """Answers when a crawl has covered everything written before a moment, starting crawls as needed."""

    def __init__(self, crawler: Crawler, rules: CrawlRules, clock: Callable[[], datetime] = now) -> None:
        self._crawler = crawler
        self._rules = rules
        self._clock = clock
        self._waiters: dict[_Waiter, None] = {}
        self._polling: asyncio.Task[None] | None = None
        self._timing = CrawlTiming(rules.min_interval, rules.poll)
        self._changed = asyncio.Event()
        """Set when a file comes to wait or waits no longer."""
        self._rests_since = 0.0
        """When the last look ended, by the event loop's clock."""
        # A crawl that has completed stays so and covers whatever is older: there is no need to ask again.
        self._newest: CrawlSeen | None = None

    def known(self, after: datetime) -> CrawlSeen | None:
        """A COMPLETED crawl that started after ``after``, where one has been seen already."""
        newest = self._newest
        return newest if newest is not None and newest.started_at > after else None

    async def covering(self, after: datetime) -> CrawlSeen:
        """Wait for a COMPLETED crawl that started after ``after``.

        Raises:
            CrawlFailed: as many crawls as the rules allow have failed meanwhile.
            CrawlOverdue: none completed within the limit.
            CrawlerMissing: there is no such crawler.
            PermanentError: Glue refuses to say.
        """
        if (seen := self.known(after)) is not None:
            return seen
        waiter = _Waiter(after, self._clock(), asyncio.get_running_loop().create_future())
        self._waiters[waiter] = None
        self._changed.set()
        if self._polling is None or self._polling.done():
            # In a context of its own: what it logs is not about the one file that happened to come first.
            self._polling = asyncio.create_task(self._poll(), context=Context())
            self._polling.add_done_callback(self._tell_of_defect)
        try:
            async with asyncio.timeout(self._rules.limit):
                return await waiter.done
        except TimeoutError:
            raise CrawlOverdue("no crawl covered the file within the limit") from None
        finally:
            del self._waiters[waiter]
            self._changed.set()

    async def _poll(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiters:
            self._changed.clear()
            if (seconds := self._seconds_to_look(loop.time() - self._rests_since)) > 0:
                await self._rest(seconds)
                continue
            self._timing.looking(self._clock())
            try:
                await self._look()
                self._timing.looked()
            except AWS_ERRORS as error:
                fault = classify(error)
                log.warning("crawl_poll_failed", code=fault.code, reason=fault.message)
                if isinstance(fault, PermanentError):
                    self._fail_all(fault)
            except CrawlerMissing as missing:
                self._fail_all(missing)
            self._rests_since = loop.time()

    def _seconds_to_look(self, rested: float) -> float:
        if not (waiting := self._unanswered()):
            return self._rules.poll
        return self._timing.seconds_to_look(min(each.after for each in waiting), self._clock(), rested)

    async def _rest(self, seconds: float) -> None:
        """Until a file comes or goes, or a while has passed: the clocks may have been set meanwhile."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(_LEAST_REST, min(seconds, 6 * self._rules.poll))):
                await self._changed.wait()

    def _tell_of_defect(self, polling: asyncio.Task[None]) -> None:
        """Nobody may wait for a poll that has broken."""
        if not polling.cancelled() and (defect := polling.exception()) is not None:
            for waiter in self._unanswered():
                waiter.done.set_exception(defect)

    async def _look(self) -> None:
        if not (waiting := self._unanswered()):
            return
        crawls: list[Crawl] = []
        since = min(waiter.after for waiter in waiting)
        async for page in self._crawler.crawls_since(since):
            crawls += page
            self._note_completed(page)
            if all(map(self._is_covered, waiting)):  # no further page can change an answer
                break
        self._timing.listed(crawls, since)
        for waiter in waiting:
            _note_failures(waiter, crawls)
        # First the next crawl, which the work of all whose crawl has come would only delay; but should Glue
        # take its time with it, they need not wait for that.
        starting = asyncio.create_task(self._start_if_needed(waiting, crawls))
        await asyncio.wait([starting], timeout=_HEAD_START_SECONDS)
        for waiter in waiting:
            self._answer(waiter)
        await starting

    def _note_completed(self, crawls: list[Crawl]) -> None:
        for crawl in crawls:
            newest = self._newest
            if crawl.state == "COMPLETED" and (newest is None or crawl.started_at > newest.started_at):
                self._newest = CrawlSeen(
                    crawler=self._crawler.name, crawl_id=crawl.crawl_id, started_at=crawl.started_at
                )

    def _is_covered(self, waiter: _Waiter) -> bool:
        return self.known(waiter.after) is not None

    def _has_given_up(self, waiter: _Waiter) -> bool:
        return len(waiter.failed) >= self._rules.tries

    def _answer(self, waiter: _Waiter) -> None:
        if waiter.done.done():
            return
        if (seen := self.known(waiter.after)) is not None:
            waiter.done.set_result(seen)
        elif self._has_given_up(waiter):
            last = max(waiter.failed, key=waiter.failed.__getitem__)
            count = len(waiter.failed)
            waiter.done.set_exception(CrawlFailed(f"{count} crawls ended FAILED, the last of them {last}"))

    async def _start_if_needed(self, waiting: list[_Waiter], crawls: list[Crawl]) -> None:
        if any(crawl.state == "RUNNING" for crawl in crawls):
            return
        left = [each for each in waiting if not self._is_covered(each) and not self._has_given_up(each)]
        # A crawl that began too soon would be of no use to anybody.
        if any(waiter.after < self._clock() for waiter in left):
            await self._start_if_due()

    async def _start_if_due(self) -> None:
        if not self._timing.may_start(self._clock()):
            return
        state = await self._crawler.state()
        if state.last_started_at is not None:
            self._timing.began(state.last_started_at)
        if not state.ready:
            self._timing.runs(None)
            return
        if not self._timing.may_start(self._clock()):
            return
        started_at = self._clock()
        if await self._crawler.start():
            self._timing.began(started_at)
            self._timing.runs(started_at)
            log.info("crawl_started", crawler=self._crawler.name, waiting=len(self._waiters))

    def _unanswered(self) -> list[_Waiter]:
        return [waiter for waiter in self._waiters if not waiter.done.done()]

    def _fail_all(self, error: LandfallError) -> None:
        for waiter in self._unanswered():
            waiter.done.set_exception(type(error)(error.message))


def _note_failures(waiter: _Waiter, crawls: list[Crawl]) -> None:
    """Remember the crawls that should have covered a file and failed.

    STOPPED is somebody's decision and RUNNING none yet. What failed before the file came to wait was not its
    try.
    """
    for crawl in crawls:
        if crawl.state == "FAILED" and crawl.started_at > waiter.after and crawl.started_at >= waiter.since:
            waiter.failed[crawl.crawl_id] = crawl.started_at
