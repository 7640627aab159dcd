"""The cataloger's story of one file: see its appended rows into the catalog, switch its snapshots, say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.cataloger.appending import Appends
from services.cataloger.needs import Need, needs_of
from services.cataloger.slots import WorkSlots
from services.cataloger.snapshots import Snapshots
from shared.commit import Committer, now
from shared.errors import UnreadableMessage
from shared.events import FileNormalized, ReplayRequested
from shared.identity import LandedFile
from shared.lineage import dated_upstream_manifest, read_opening
from shared.manifests import CatalogManifest, NormalizeManifest
from shared.messages import Message, Request
from shared.objects.store import ObjectStore
from shared.stages import Stage


@dataclass(frozen=True, slots=True)
class CatalogHandler:
    """Handles FileNormalized and replays of this stage."""

    store: ObjectStore
    committer: Committer[CatalogManifest]
    appends: Appends
    snapshots: Snapshots
    slots: WorkSlots
    stage: Stage = Stage.CATALOG

    async def handle(self, request: Request, message: Message) -> None:
        """Return once the catalog provably holds every row of the file.

        Raises:
            SnapshotShrunk: all but a snapshot with far fewer rows than the current one, which is held back.
        """
        if not isinstance(request, FileNormalized | ReplayRequested):
            raise UnreadableMessage(f"the cataloger does not handle {type(request).__name__}")
        file, generation = request.file, request.generation

        async def work() -> CatalogManifest:
            started = now()
            wanted = await self._wanted(file, generation)
            appended = await self.appends.catalog(wanted.appended, wanted.written_at)
            switched = await self.snapshots.switch(wanted.replaced)
            await self.snapshots.clear(switched, file.bucket)
            switched.check()  # last: what is not held back is in the catalog
            return CatalogManifest(
                file=file,
                generation=generation,
                upstream_generation=wanted.generation,
                replay=request.replay,
                fingerprint=wanted.fingerprint,
                attempt=message.receive_count,
                tables=tuple(each.table for each in (*appended.shown, *switched.shown)),
                crawl=appended.crawl,
                warnings=tuple(switched.notices),
                started_at=started,
                finished_at=now(),
            )

        async with self.slots.working():
            await self.committer.run(file, generation, work)

    async def _wanted(self, file: LandedFile, generation: int) -> _Wanted:
        """What the normalizer's manifest asks; no more than that of it is kept while the file waits."""
        normalized, written_at = await dated_upstream_manifest(
            self.store, file, NormalizeManifest, generation
        )
        opened = await read_opening(self.store, file, generation)
        needs = needs_of(normalized, accepts_shrink=opened is not None and opened.accepts_shrink)
        return _Wanted(
            generation=normalized.generation,
            fingerprint=normalized.fingerprint,
            written_at=written_at,
            appended=[need for need in needs if need.snapshot is None],
            replaced=[need for need in needs if need.snapshot is not None],
        )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a file asks of the catalog, by the normalizer's manifest.

    That was put at ``written_at`` by S3's clock, after all outputs.
    """

    generation: int
    fingerprint: str
    written_at: datetime
    appended: list[Need]
    replaced: list[Need]
