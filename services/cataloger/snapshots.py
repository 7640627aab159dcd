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
from shared.errors import SnapshotShrunk
from shared.manifests import Notice


@dataclass(frozen=True, slots=True)
class Switched:
    """Snapshots that show, or whose newer successors do, and those that were held back.

    Each that a newer one superseded has a notice, and so has one that replaced far more rows.
    """

    shown: Sequence[Shown]
    notices: Sequence[Notice]
    held_back: Sequence[SnapshotShrunk] = ()

    def check(self) -> None:
        """Fail the file if a snapshot of it was held back.

        Raises:
            SnapshotShrunk: which, with its counts and the command that accepts it.
        """
        if self.held_back:
            raise SnapshotShrunk("; ".join(each.message for each in self.held_back))


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Switches snapshot tables and clears away what nobody reads any more."""

    tables: Tables
    former: FormerSnapshots

    async def switch(self, needs: Sequence[Need]) -> Switched:
        """Make a file's snapshots those that readers see, unless a newer extract of the source is there.

        One that would replace the current one by far fewer rows is held back, and the others go on.

        Raises:
            LandfallError: the catalog does not meet a need, and why.
        """
        shown, held_back = await self.tables.switch(needs)
        notices = [_superseded(each) for each in shown if _is_superseded(each)]
        notices += [each.notice for each in shown if each.notice is not None]
        return Switched(shown, notices, held_back)

    async def clear(self, switched: Switched, bucket: str) -> None:
        """Delete the objects of snapshots that have been out of sight for long enough.

        ``bucket`` is the file's own, with the manifests. What can't be deleted now is left for the next time.
        """
        for each in switched.shown:
            if each.standing is not None:
                await self.former.clear(each.standing, each.before, bucket)


def _is_superseded(shown: Shown) -> bool:
    """Whether the register names another snapshot than the need's, which is then the newer."""
    standing, snapshot = shown.standing, shown.need.snapshot
    return standing is not None and snapshot is not None and standing.order != snapshot.order


def _superseded(shown: Shown) -> Notice:
    source = ", ".join(f"{key} {value}" for key, value in shown.need.partition.items())
    return Notice(
        code="SNAPSHOT_SUPERSEDED",
        message=f"a newer extract of {shown.need.table}, {source}, stands: this one's rows are not shown",
    )
