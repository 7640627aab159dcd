"""How many rows the current snapshot of a source has, by the normalize manifest that it was made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from services.cataloger.shrinking import CurrentRows
from services.cataloger.standing import Standing
from shared.layout import manifest_key, manifest_prefix, parse_manifest_key
from shared.lineage import generations_of
from shared.logs import get_logger
from shared.manifests import CatalogManifest, Manifest, NormalizeManifest
from shared.objects.store import ObjectStore
from shared.stages import Stage

M = TypeVar("M", bound=Manifest)

log = get_logger()


@dataclass(frozen=True, slots=True)
class CurrentRowsReader:
    """Reads manifests from an ingest bucket."""

    store: ObjectStore

    async def of(self, table: str, standing: Standing, bucket: str) -> CurrentRows | None:
        """The rows of a register's entry; None, with a line in the log, where no manifest tells them."""
        generation = standing.generation
        try:
            if generation is None:
                generation = await self._generation(standing, bucket)
            manifest = None
            if generation is not None:
                key = manifest_key(standing.file_id, Stage.NORMALIZE, generation)
                manifest = await self._read(bucket, key, NormalizeManifest)
        except ValueError:  # the location is not one of ours, or a manifest is damaged
            manifest = None
        rows = [] if manifest is None else list(_rows(manifest, table, standing.location))
        if manifest is None or not rows:
            log.warning("current_snapshot_unknown", table=table)
            return None
        return CurrentRows(manifest.generation, sum(rows))

    async def _generation(self, standing: Standing, bucket: str) -> int | None:
        """The generation that an entry without one was made from: the last that was catalogued.

        A cataloger that died before its manifest leaves none; then the newest that was normalised.
        """
        items = self.store.list(bucket, manifest_prefix(standing.file_id))
        names = [name async for item in items if (name := parse_manifest_key(item.key)) is not None]
        for cataloged in generations_of(names, Stage.CATALOG):
            key = manifest_key(standing.file_id, Stage.CATALOG, cataloged)
            manifest = await self._read(bucket, key, CatalogManifest)
            if manifest is not None:
                return manifest.made_from
        return next(iter(generations_of(names, Stage.NORMALIZE)), None)

    async def _read(self, bucket: str, key: str, manifest_type: type[M]) -> M | None:
        body = await self.store.read(bucket, key)
        return None if body is None else manifest_type.model_validate_json(body)


def _rows(manifest: NormalizeManifest, table: str, location: str) -> Iterable[int]:
    """Of every member that went to the location."""
    return (
        each.rows.sound
        for each in manifest.curated
        if each.dataset == table and each.location.rstrip("/") == location.rstrip("/")
    )
