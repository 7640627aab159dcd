"""One run of a crawler, as its history remembers it."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import Literal

CrawlState = Literal["RUNNING", "COMPLETED", "FAILED", "STOPPED"]

# Glue bills two DPUs for ten minutes at least: the pricing page of AWS Glue.
_DPUS = 2
_BILLED_SECONDS = 600.0


@dataclass(slots=True)
class Crawl:
    """Times are seconds since 1970, as the API writes them."""

    crawler: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    state: CrawlState = "RUNNING"
    started: float = field(default_factory=time.time)
    ended: float | None = None
    error: str = ""
    summary: str = ""
    tables_created: int = 0
    tables_updated: int = 0
    tables_deleted: int = 0

    @property
    def seconds(self) -> float:
        """How long it took, or has been running."""
        return (self.ended if self.ended is not None else time.time()) - self.started

    @property
    def dpu_hours(self) -> float:
        """What Glue would bill for it."""
        return round(_DPUS * max(self.seconds, _BILLED_SECONDS) / 3600, 3)

    def end(self, state: CrawlState, error: str = "") -> None:
        """Close the record."""
        self.state, self.error, self.ended = state, error, time.time()

    def history(self) -> dict[str, object]:
        """A ``CrawlerHistory`` of the API."""
        entry: dict[str, object] = {
            "CrawlId": self.id,
            "State": self.state,
            "StartTime": self.started,
            **self._log(),
        }
        if self.ended is not None:
            entry |= {"EndTime": self.ended, "DPUHour": self.dpu_hours}
        if self.error:
            entry["ErrorMessage"] = self.error
        if self.summary:
            entry["Summary"] = self.summary
        return entry

    def last_crawl(self) -> dict[str, object]:
        """A ``LastCrawlInfo`` of the API."""
        status = {"COMPLETED": "SUCCEEDED", "STOPPED": "CANCELLED"}.get(self.state, "FAILED")
        entry: dict[str, object] = {"Status": status, "StartTime": self.started, **self._log()}
        if self.error:
            entry["ErrorMessage"] = self.error
        return entry

    def _log(self) -> dict[str, object]:
        return {"LogGroup": "/aws-glue/crawlers", "LogStream": self.crawler, "MessagePrefix": self.id}
