"""Full refreshes: the newest extract of a source replaces the one before, by moving its partition's location.

Snapshot tables are never crawled. Each is partitioned by ``source`` (the landing folder), and the partition's
location is the folder of the snapshot that counts, so a reader sees the old rows or the new, never both and
never none (docs/decisions/0005-snapshots.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.cataloger.former import FormerSnapshots
from services.cataloger.needs import Need
from services.cataloger.tables import Shown, Tables
from shared.manifests import Notice


@dataclass(frozen=True, slots=True)
class Switched:
    """Snapshots that show, or whose newer successors do; each of the latter has a notice."""

    shown: Sequence[Shown]
    notices: Sequence[Notice]


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Switches snapshot tables and clears away what nobody reads any more."""

    tables: Tables
    former: FormerSnapshots

    async def switch(self, needs: Sequence[Need]) -> Switched:
        """Make a file's snapshots those that readers see, unless a newer extract of the source is there.

        Raises:
            LandfallError: the catalog does not meet a need, and why.
        """
        shown = await self.tables.bring_up(needs)
        return Switched(shown, [_superseded(each) for each in shown if _is_superseded(each)])

    async def clear(self, switched: Switched, bucket: str) -> None:
        """Delete the objects of snapshots that have been out of sight for long enough.

        ``bucket`` is the file's own, with the manifests. What can't be deleted now is left for the next time.
        """
        for each in switched.shown:
            if each.standing is not None:
                await self.former.clear(each.standing, bucket)


def _is_superseded(shown: Shown) -> bool:
    return shown.standing is not None and shown.standing.order > shown.need.order


def _superseded(shown: Shown) -> Notice:
    source = ", ".join(f"{key} {value}" for key, value in shown.need.partition.items())
    return Notice(
        code="SNAPSHOT_SUPERSEDED",
        message=f"a newer extract of {shown.need.table}, {source}, stands: this one's rows are not shown",
    )
