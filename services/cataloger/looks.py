"""Looking at what a crawl did: what has just been seen for one file need not be asked again for the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.cataloger.needs import Need
from services.cataloger.tables import Shown, Tables
from shared.manifests import CrawlSeen

_FRESH_SECONDS = 5.0
"""No longer: somebody may drop a table and then replay a file, in order to have it back."""


@dataclass(slots=True)
class Looks:
    """Remembers for a few seconds what the newest crawl was seen to have done.

    Faults are not remembered.
    """

    tables: Tables
    clock: Callable[[], float] = time.monotonic
    _crawl_id: str = ""
    _seen: dict[Need, tuple[float, Shown]] = field(default_factory=dict)

    async def after(self, crawl: CrawlSeen, needs: Sequence[Need]) -> list[Shown]:
        """Confirm that the catalog, since that crawl, meets every need.

        Raises:
            LandfallError: the first need's fault that was found.
        """
        if crawl.crawl_id != self._crawl_id:  # what was seen before a crawl is no proof of what it did
            self._crawl_id, self._seen = crawl.crawl_id, {}
        seen, now = self._seen, self.clock()
        unknown = [need for need in needs if need not in seen or seen[need][0] <= now]
        for shown in await self.tables.look(unknown):
            seen[shown.need] = now + _FRESH_SECONDS, shown
        return [seen[need][1] for need in needs]
