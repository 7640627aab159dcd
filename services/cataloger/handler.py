"""The cataloger's story of one file: await a crawl that must have seen it, switch snapshots, check Glue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.cataloger.crawls import CrawlLedger
from services.cataloger.snapshots import Snapshots
from services.cataloger.tables import Tables
from shared.commit import Committer, now, upstream_manifest
from shared.errors import UnreadableMessage, UpstreamMissing
from shared.events import FileNormalized, ReplayRequested
from shared.layout import manifest_key
from shared.manifests import CatalogManifest, NormalizeManifest
from shared.messages import Message, Request
from shared.objects.store import ObjectStore
from shared.stages import Stage


@dataclass(frozen=True, slots=True)
class CatalogHandler:
    """Handles FileNormalized and replays of this stage."""

    store: ObjectStore
    committer: Committer[CatalogManifest]
    ledger: CrawlLedger
    tables: Tables
    snapshots: Snapshots
    margin: timedelta
    stage: Stage = Stage.CATALOG

    async def handle(self, request: Request, message: Message) -> None:
        """Return once the catalog provably holds every row of the file."""
        if not isinstance(request, FileNormalized | ReplayRequested):
            raise UnreadableMessage(f"the cataloger does not handle {type(request).__name__}")
        file, generation = request.file, request.generation

        async def work() -> CatalogManifest:
            started = now()
            normalized = await upstream_manifest(self.store, file, NormalizeManifest, generation)
            appended = [each for each in normalized.curated if each.mode == "append"]
            replaced = [each for each in normalized.curated if each.mode == "snapshot"]
            crawl = None
            if appended:
                written = await self._written_at(normalized)
                crawl = await self.ledger.covering(written + self.margin)
            notices = [notice for each in replaced for notice in await self.snapshots.switch(file, each)]
            return CatalogManifest(
                file=file,
                generation=generation,
                replay=request.replay,
                fingerprint=normalized.fingerprint,
                attempt=message.receive_count,
                tables=tuple([await self.tables.check(each) for each in normalized.curated]),
                crawl=crawl,
                warnings=tuple(notices),
                started_at=started,
                finished_at=now(),
            )

        await self.committer.run(file, generation, work)

    async def _written_at(self, normalized: NormalizeManifest) -> datetime:
        """When the manifest, written after all outputs, was put: by S3's clock, not ours."""
        file = normalized.file
        key = manifest_key(file.file_id, Stage.NORMALIZE, normalized.generation)
        info = await self.store.head(file.bucket, key)
        if info is None:
            raise UpstreamMissing("the normalizer's manifest has vanished")
        return info.last_modified
