"""Clearing away former snapshots once no query that began before the switch can still be reading them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.cataloger.ordering import order_of
from services.cataloger.standing import Standing
from services.cataloger.tables import FirstLook
from shared.aws.faults import AWS_ERRORS, classify
from shared.commit import now
from shared.layout import manifest_prefix, parse_manifest_key
from shared.logs import get_logger
from shared.manifests import NormalizeManifest
from shared.objects.store import Listed, ObjectStore
from shared.stages import Stage

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
        settled = before is not None and before.at - before.shown_since >= self.grace
        oldest_shown = before.order if before is not None and settled else ""
        if not self.grace:  # no query matters: what was replaced a moment ago goes, too
            oldest_shown = standing.order
        replaced = standing.previous.order if standing.previous is not None else standing.order
        try:
            await self._clear(
                standing, manifests, lambda order: order < oldest_shown or replaced < order < standing.order
            )
        except AWS_ERRORS as error:
            fault = classify(error)
            log.warning("former_snapshots_left", code=fault.code, reason=fault.message)

    async def _clear(self, standing: Standing, manifests: str, may_go: Callable[[str], bool]) -> None:
        bucket, _, current = standing.location.removeprefix("s3://").partition("/")
        source, marker, _ = current.rpartition(_FOLDER)
        if not marker:
            return
        snapshots: dict[str, list[Listed]] = defaultdict(list)
        async for item in self.store.list(bucket, source + marker):
            snapshots[item.key.removeprefix(source + marker).partition("/")[0]].append(item)
        for file_id, objects in snapshots.items():
            written = max(item.last_modified for item in objects)
            if f"{source}{marker}{file_id}/" == current or self.clock() - written < self.grace:
                continue
            if (order := await self._order(manifests, file_id)) is None or not may_go(order):
                continue
            for item in objects:
                await self.store.delete(bucket, item.key)
            log.info("former_snapshot_deleted", snapshot=file_id, objects=len(objects))

    async def _order(self, manifests: str, file_id: str) -> str | None:
        """The order of the extract that a snapshot's folder is named after, from any of its manifests."""
        async for item in self.store.list(manifests, f"{manifest_prefix(file_id)}{Stage.NORMALIZE}."):
            name, body = parse_manifest_key(item.key), await self.store.read(manifests, item.key)
            if body is not None and name is not None and name.failure == 0:
                return order_of(NormalizeManifest.model_validate_json(body).file)
        return None
