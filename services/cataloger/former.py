"""Clearing away former snapshots once no query that began before the switch can still be reading them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.cataloger.ordering import order_of
from services.cataloger.standing import Standing
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
    """Deletes snapshots older than the one that counts, ``grace`` after they went out of sight.

    One that was held back never was in sight: it goes once it is old enough and a newer one counts.
    """

    store: ObjectStore
    grace: timedelta
    clock: Callable[[], datetime] = now

    async def clear(self, standing: Standing, manifests: str) -> None:
        """Delete what has been out of sight for the grace, of one source; ``manifests`` is the ingest bucket.

        Failures of AWS are logged only: the file that switched must not suffer, and the next tries again.
        """
        try:
            await self._clear(standing, manifests)
        except AWS_ERRORS as error:
            fault = classify(error)
            log.warning("former_snapshots_left", code=fault.code, reason=fault.message)

    async def _clear(self, standing: Standing, manifests: str) -> None:
        bucket, _, current = standing.location.removeprefix("s3://").partition("/")
        source, marker, _ = current.rpartition(_FOLDER)
        if not marker:
            return
        snapshots: dict[str, list[Listed]] = defaultdict(list)
        async for item in self.store.list(bucket, source + marker):
            snapshots[item.key.removeprefix(source + marker).partition("/")[0]].append(item)
        for file_id, objects in snapshots.items():
            folder = f"{source}{marker}{file_id}/"
            unseen_since = max(
                _out_of_sight(standing, f"s3://{bucket}/{folder}"), *(item.last_modified for item in objects)
            )
            if folder == current or self.clock() - unseen_since < self.grace:
                continue
            # Newer than the one that counts: a file whose switch is still to come.
            if (order := await self._order(manifests, file_id)) is None or order > standing.order:
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


def _out_of_sight(standing: Standing, location: str) -> datetime:
    """Since when no reader is led to a location that is not the present one's.

    The previous one is out of sight since the present one replaced it, all others at least since that did.
    """
    previous = standing.previous
    if previous is None or previous.location.rstrip("/") == location.rstrip("/"):
        return standing.since
    return previous.since
