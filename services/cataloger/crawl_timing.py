"""When to ask Glue about the crawler: not while no crawl can start and none runs, else at a steady pace.

Glue throttles its API by account. So what earlier answers say is kept: when the last crawl began, whether one
runs, and how long one takes. A wrong guess costs time or a request, never the proof.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil

from services.cataloger.crawler import Crawl

_BEHIND = timedelta(milliseconds=500)  # a look is so long after the end that is expected, to see it
_LATER = 0.001  # seconds: a crawl must begin after a file, not with it
_LEAST_PACE = 1.0  # seconds


class CrawlTiming:
    """What is known of the crawler, and so when a look at it is worth a request.

    Args:
        min_interval: Seconds between two starts.
        poll: Seconds between two looks while a crawl runs, at most.
    """

    def __init__(self, min_interval: float, poll: float) -> None:
        self._min_interval = timedelta(seconds=min_interval)
        self._poll = poll
        self._looked_at: datetime | None = None
        self._listed_since: datetime | None = None
        self._last_start: datetime | None = None
        self._is_running = False
        self._running_since: datetime | None = None
        self._duration: timedelta | None = None
        self._is_in_doubt = False

    def looking(self, at: datetime) -> None:
        """A look begins. Until it has succeeded, nothing of the present is known."""
        self._looked_at = at
        self._is_running, self._running_since, self._is_in_doubt = False, None, True

    def listed(self, crawls: Iterable[Crawl], since: datetime) -> None:
        """The history of crawls that began after ``since`` was read, as far as it matters."""
        self._listed_since = since if self._listed_since is None else min(self._listed_since, since)
        for crawl in sorted(crawls, key=lambda each: each.started_at):
            self.began(crawl.started_at)
            if crawl.state == "RUNNING":
                self.runs(crawl.started_at)
            elif crawl.state == "COMPLETED" and crawl.ended_at is not None:
                self._duration = crawl.ended_at - crawl.started_at

    def began(self, at: datetime) -> None:
        """Some crawl began then, whatever became of it."""
        self._last_start = at if self._last_start is None else max(self._last_start, at)

    def runs(self, since: datetime | None) -> None:
        """A crawl runs now; None where it is not known since when."""
        self._is_running, self._running_since = True, since

    def looked(self) -> None:
        """The look has succeeded."""
        self._is_in_doubt = False

    def may_start(self, at: datetime) -> bool:
        """Whether the interval since the last start that is known has passed."""
        return self._last_start is None or at >= self._last_start + self._min_interval

    def seconds_to_look(self, oldest: datetime, now: datetime, rested: float) -> float:
        """How long no answer could be of use to the files that wait.

        Args:
            oldest: The earliest moment after which a crawl of use to any of them may begin.
            now: By the clock that is compared with Glue's.
            rested: Seconds since the last look ended.
        """
        useless = self._until(oldest, now)
        return (
            useless
            if self._looked_at is None
            else max(useless, self._rest(self._looked_at, oldest, now, rested))
        )

    def _rest(self, looked_at: datetime, oldest: datetime, now: datetime, rested: float) -> float:
        if self._is_running:
            return self._pace(now - timedelta(seconds=rested)) - rested
        if self._is_in_doubt:
            return self._poll - rested
        if self._listed_since is not None and oldest < self._listed_since:
            return 0  # an older crawl may cover it, which was in no listing yet
        possible = oldest if self._last_start is None else max(oldest, self._last_start + self._min_interval)
        if looked_at >= possible:  # a crawl could have started then, and Glue did not let it
            return self._poll - rested
        return self._until(possible, now)

    @staticmethod
    def _until(moment: datetime, now: datetime) -> float:
        seconds = (moment - now).total_seconds()
        return seconds + _LATER if seconds > 0 else 0

    def _pace(self, looked_at: datetime) -> float:
        """Seconds between looks while a crawl runs.

        They are spread so that one falls just behind the end that the last crawl lets expect. Behind that,
        they grow with the delay, so that no crawl is noticed much later than it is late.
        """
        # Of the first crawl nothing is known but when the next may start.
        expected = self._min_interval if self._duration is None else self._duration
        if self._running_since is None or not expected:
            return self._poll
        left = (self._running_since + expected + _BEHIND - looked_at).total_seconds()
        if left > 0:
            return left / ceil(left / self._poll)
        return min(self._poll, max(_LEAST_PACE, -left))
