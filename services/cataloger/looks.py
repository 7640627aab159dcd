"""Looking at what a crawl did: what has just been seen for one file need not be asked again for the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.cataloger.needs import Need
from services.cataloger.tables import Shown, Tables
from shared.manifests import CrawlSeen

_FRESH_SECONDS = 5.0


@dataclass(slots=True)
class Looks:
    """Remembers for a few seconds what the newest crawl was seen to have done.

    A file is only told what was seen since it came: whoever drops a table and then replays a file, in order
    to have it back, is not fooled by a look from before. Faults are not remembered.
    """

    tables: Tables
    clock: Callable[[], float] = time.monotonic
    _crawl_id: str = ""
    _seen: dict[Need, tuple[float, Shown]] = field(default_factory=dict)

    async def after(self, crawl: CrawlSeen, needs: Sequence[Need], came_at: float) -> list[Shown]:
        """Confirm that the catalog, since that crawl and since a file came, meets the file's every need.

        Args:
            crawl: One that has completed.
            needs: Of one file.
            came_at: When the file came, by ``clock``.

        Raises:
            LandfallError: the first need's fault that was found.
        """
        if crawl.crawl_id != self._crawl_id:  # what was seen before a crawl is no proof of what it did
            self._crawl_id, self._seen = crawl.crawl_id, {}
        seen, now = self._seen, self.clock()
        oldest = max(came_at, now - _FRESH_SECONDS)
        known = {need: seen[need][1] for need in needs if need in seen and seen[need][0] >= oldest}
        for shown in await self.tables.look([need for need in needs if need not in known]):
            seen[shown.need] = now, shown
            known[shown.need] = shown
        return [known[need] for need in needs]
