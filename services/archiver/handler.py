"""The archiver's story of one file: move its originals to archive/, then announce the outcome."""

from __future__ import annotations

from dataclasses import dataclass

from services.archiver.announcing import Announcer
from services.archiver.archive import Archive
from services.archiver.story import Storyteller
from shared.commit import Committer, now, read_manifest, upstream_manifest
from shared.errors import UnreadableMessage, UpstreamMissing
from shared.events import FileCataloged, FileFailed, MessageRejected, ReplayRequested
from shared.identity import LandedFile
from shared.layout import manifest_key
from shared.logs import get_logger
from shared.manifests import ArchiveManifest, CatalogManifest, DecryptManifest, FailureManifest
from shared.messages import Message, Request
from shared.objects.store import ObjectStore
from shared.stages import Stage

log = get_logger()


@dataclass(frozen=True, slots=True)
class ArchiveHandler:
    """Handles FileCataloged, FileFailed, MessageRejected, and replays of this stage."""

    store: ObjectStore
    committer: Committer[ArchiveManifest]
    archive: Archive
    storyteller: Storyteller
    announcer: Announcer
    stage: Stage = Stage.ARCHIVE

    async def handle(self, request: Request, message: Message) -> None:
        """Archive and announce a success, or announce a failure."""
        match request:
            case FileCataloged() | ReplayRequested():
                await self._succeed(request, message)
            case FileFailed():
                await self._fail(request)
            case MessageRejected():
                await self.announcer.announce(self.storyteller.rejection(request))
            case _:
                raise UnreadableMessage(f"the archiver does not handle {type(request).__name__}")

    async def _succeed(self, event: FileCataloged | ReplayRequested, message: Message) -> None:
        file, generation = event.file, event.generation

        async def work() -> ArchiveManifest:
            started = now()
            cataloged = await upstream_manifest(self.store, file, CatalogManifest, generation)
            decrypted = await upstream_manifest(self.store, file, DecryptManifest, generation)
            before = await self._earlier(file, generation)
            return ArchiveManifest(
                file=file,
                generation=generation,
                replay=event.replay,
                fingerprint=cataloged.fingerprint,
                attempt=message.receive_count,
                archived=await self.archive.keep(file, decrypted, before),
                started_at=started,
                finished_at=now(),
            )

        manifest = await self.committer.run(file, generation, work, settle=self.archive.remove_originals)
        if manifest is not None:
            await self.announcer.announce(await self.storyteller.success(manifest))

    async def _fail(self, event: FileFailed) -> None:
        file = event.file
        if await self._has_succeeded_since(event):
            log.info("failure_outlived", code=event.code)
            return
        body = await self.store.read(file.bucket, event.manifest_key)
        if body is None:
            raise UpstreamMissing("the failure's manifest is not there")
        manifest = FailureManifest.model_validate_json(body)
        await self.announcer.announce(self.storyteller.failure(event, manifest))

    async def _has_succeeded_since(self, event: FileFailed) -> bool:
        file = event.file
        key = manifest_key(file.file_id, event.failed_stage, event.generation)
        return await self.store.head(file.bucket, key) is not None

    async def _earlier(self, file: LandedFile, generation: int) -> ArchiveManifest | None:
        for before in reversed(range(generation)):
            manifest = await read_manifest(self.store, file, ArchiveManifest, before)
            if manifest is not None:
                return manifest
        return None
