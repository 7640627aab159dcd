"""Clearing away former snapshots once no query that began before the switch can still be reading them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.cataloger.landed import landed_file
from services.cataloger.ordering import order_of
from services.cataloger.standing import Standing
from services.cataloger.tables import FirstLook
from services.cataloger.tie_breaker import TieBreaker
from shared.aws.faults import AWS_ERRORS, classify
from shared.commit import now
from shared.logs import get_logger
from shared.objects.store import Listed, ObjectStore

log = get_logger()

_FOLDER = "snapshot="


@dataclass(frozen=True, slots=True)
class FormerSnapshots:
    """Deletes the former snapshots of a source that no query can be reading.

    Those are the ones older than the snapshot that the partition had shown for ``grace`` when a file came.
    The time counts from the move of the partition, which may follow the register much later where a cataloger
    died. And those between the present snapshot and the one that it replaced: they were held back, or came
    too late, and were never shown. tests/models/snapshots.py explores this rule.
    """

    store: ObjectStore
    grace: timedelta
    clock: Callable[[], datetime] = now

    async def clear(self, standing: Standing, before: FirstLook | None, manifests: str) -> None:
        """Delete them. What was written within the grace stays.

        Failures of AWS are logged only: the file that switched must not suffer, and the next tries again.

        Args:
            standing: The snapshot that counts for the source.
            before: Which one was shown when the file came.
            manifests: The ingest bucket.
        """
        try:
            await self._clear(standing, before, manifests)
        except AWS_ERRORS as error:
            fault = classify(error)
            log.warning("former_snapshots_left", code=fault.code, reason=fault.message)

    async def _clear(self, standing: Standing, before: FirstLook | None, manifests: str) -> None:
        bucket, _, current = standing.location.removeprefix("s3://").partition("/")
        source, marker, _ = current.rpartition(_FOLDER)
        if not marker:
            return
        snapshots: dict[str, list[Listed]] = defaultdict(list)
        async for item in self.store.list(bucket, source + marker):
            snapshots[item.key.removeprefix(source + marker).partition("/")[0]].append(item)
        orders: dict[str, str] = {}
        for file_id, objects in snapshots.items():
            written = max(item.last_modified for item in objects)
            if f"{source}{marker}{file_id}/" == current or self.clock() - written < self.grace:
                continue
            file = await landed_file(self.store, manifests, file_id)
            if file is not None:
                orders[file_id] = order_of(file)
        for file_id in await self._unread(orders, standing, before, manifests):
            for item in snapshots[file_id]:
                await self.store.delete(bucket, item.key)
            log.info("former_snapshot_deleted", snapshot=file_id, objects=len(snapshots[file_id]))

    async def _unread(
        self, orders: Mapping[str, str], standing: Standing, before: FirstLook | None, manifests: str
    ) -> list[str]:
        """Those that no query can be reading, of snapshots by file id. Compared as for the switch."""
        settled = before is not None and before.at - before.shown_since >= self.grace
        oldest_shown = before.order if before is not None and settled else ""
        if not self.grace:  # no query matters: what was replaced a moment ago goes, too
            oldest_shown = standing.order
        replaced = standing.previous.order if standing.previous is not None else standing.order
        limits = {oldest_shown, replaced, standing.order}
        ties = await TieBreaker(self.store).among(limits.union(orders.values()), manifests)

        def may_go(order: str) -> bool:
            never_shown = ties.is_older(replaced, order) and ties.is_older(order, standing.order)
            return never_shown or ties.is_older(order, oldest_shown)

        return [file_id for file_id, order in orders.items() if may_go(order)]
