"""The two ways to catalogue rows that join those of other files: by a crawl, or directly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.cataloger.crawls import CrawlLedger
from services.cataloger.errors import ColumnsMissing, PartitionMissing, TableMissing
from services.cataloger.looks import Looks
from services.cataloger.needs import Need
from services.cataloger.slots import WorkSlots
from services.cataloger.tables import Shown, Tables
from shared.commit import now
from shared.logs import get_logger
from shared.manifests import CrawlSeen

log = get_logger()

_NOT_SEEN = (TableMissing, PartitionMissing, ColumnsMissing)
"""What another crawl may mend."""


@dataclass(frozen=True, slots=True)
class Appended:
    """Needs that the catalog meets, and the crawl that saw to it where one did."""

    shown: Sequence[Shown]
    crawl: CrawlSeen | None


class Appends(Protocol):
    """A way to catalogue appended rows."""

    async def catalog(self, needs: Sequence[Need], written_at: datetime) -> Appended:
        """Return once the catalog meets every need.

        Args:
            needs: Of one file.
            written_at: When the file's last object was in place, by S3's clock.

        Raises:
            LandfallError: it does not, and why.
        """


@dataclass(frozen=True, slots=True)
class ByCrawl:
    """Waits for a crawl that began after the file was in place, then looks whether it did its work.

    A crawl counts from ``margin`` after that moment on. ``only_if_needed``: a file whose table, partition and
    columns are there already is done without one.
    """

    ledger: CrawlLedger
    looks: Looks
    slots: WorkSlots
    margin: timedelta
    only_if_needed: bool = False
    clock: Callable[[], datetime] = now

    async def catalog(self, needs: Sequence[Need], written_at: datetime) -> Appended:
        """See :class:`Appends`."""
        if not needs:
            return Appended((), None)
        came_at = self.looks.clock()
        if self.only_if_needed and (shown := await self._shown_already(needs)) is not None:
            return Appended(shown, None)
        crawl = await self._covering(written_at + self.margin)
        try:
            return Appended(await self.looks.after(crawl, needs, came_at), crawl)
        except _NOT_SEEN as fault:
            # The crawl may be an old one, from before somebody mended the crawler and replayed the file.
            log.warning("crawl_missed_file", crawl_id=crawl.crawl_id, code=fault.code, reason=fault.message)
        crawl = await self._covering(self.clock())
        return Appended(await self.looks.after(crawl, needs, came_at), crawl)

    async def _covering(self, moment: datetime) -> CrawlSeen:
        if (seen := self.ledger.known(moment)) is not None:
            return seen  # and keep the place: to queue for it again would put the file behind all new ones
        async with self.slots.waiting():
            return await self.ledger.covering(moment)

    async def _shown_already(self, needs: Sequence[Need]) -> Sequence[Shown] | None:
        try:
            return await self.looks.tables.look(needs)
        except _NOT_SEEN as fault:
            log.info("crawl_needed", code=fault.code)
            return None


@dataclass(frozen=True, slots=True)
class Directly:
    """Writes tables, columns and partitions through the Glue API, from the manifest alone."""

    tables: Tables

    async def catalog(self, needs: Sequence[Need], written_at: datetime) -> Appended:  # noqa: ARG002
        """See :class:`Appends`; Glue shows at once what is written, so no moment matters."""
        return Appended(await self.tables.bring_up(needs), None)
