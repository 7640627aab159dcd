"""The archiver's story of one file: move its originals to archive/, then announce the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.archiver.announcing import Announcer
from services.archiver.archive import Archive
from services.archiver.story import Storyteller
from shared.commit import Committer, now
from shared.errors import FileNotRecorded, MessageContradicted, UnreadableMessage, UpstreamMissing
from shared.events import FileCataloged, FileFailed, MessageRejected, ReplayRequested
from shared.landed_together import landed_together
from shared.layout import failure_key, manifest_key, telling_key
from shared.lineage import is_superseded, lineage, recorded, require_same, upstream_manifest
from shared.logs import get_logger
from shared.manifests import (
    ArchiveManifest,
    CatalogManifest,
    DecryptManifest,
    FailureManifest,
    Manifest,
    NormalizeManifest,
)
from shared.messages import Message, Request
from shared.objects.store import ObjectStore
from shared.reopened import remove_pointers
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
            stages = await lineage(self.store, cataloged)
            decrypted = _decrypted(stages)
            # Before the original leaves landing/: afterwards nothing tells it from others of its second.
            together = await landed_together(self.store, file) if _has_snapshots(stages) else ()
            kept = await self.archive.keep(file, decrypted)
            return ArchiveManifest(
                file=file,
                generation=generation,
                replay=event.replay,
                fingerprint=cataloged.fingerprint,
                attempt=message.receive_count,
                upstream_generation=cataloged.generation,
                archived=kept.archived,
                removed=await self.archive.to_be_removed(decrypted),
                landed_together=together if file.version_id in together else (),
                started_at=started,
                finished_at=now(),
                warnings=kept.notices,
            )

        manifest = await self.committer.run(file, generation, work, self._settle, is_prompt=message.is_prompt)
        if manifest is not None:
            await self.announcer.announce(await self.storyteller.success(manifest))

    async def _settle(self, manifest: ArchiveManifest) -> None:
        await self.archive.remove_originals(manifest)
        if manifest.generation:
            await remove_pointers(self.store, manifest.file, manifest.generation)

    async def _fail(self, event: FileFailed) -> None:
        if await self._is_outlived(event):
            log.info("failure_outlived", code=event.code)
            return
        await self.announcer.announce(self.storyteller.failure(await self._recorded_failure(event)))

    async def _recorded_failure(self, event: FileFailed) -> FailureManifest:
        """What is recorded of a failure: that is announced, whatever the event says.

        Raises:
            FileNotRecorded: there is no record. Stages put it before they publish the event.
            MessageContradicted: the event points elsewhere, or the record is about another failure.
        """
        which = (event.file.file_id, event.failed_stage, event.generation, event.attempt)
        if event.manifest_key not in (failure_key(*which), telling_key(*which)):
            raise MessageContradicted(f"a failure of {event.file.file_id} points to no record of it")
        body = await self.store.read(event.file.bucket, event.manifest_key)
        if body is None:
            raise FileNotRecorded(f"no failure is recorded where a message about {event.file.file_id} points")
        manifest = FailureManifest.model_validate_json(body)
        require_same(event.file, manifest.file)
        return manifest

    async def _is_outlived(self, event: FileFailed) -> bool:
        """Whether the stage succeeded since, or a later generation took the file over."""
        file = event.file
        key = manifest_key(file.file_id, event.failed_stage, event.generation)
        if await self.store.head(file.bucket, key) is not None:
            return True
        return is_superseded(await recorded(self.store, file), event.generation)


def _decrypted(stages: Sequence[Manifest]) -> DecryptManifest:
    for manifest in stages:
        if isinstance(manifest, DecryptManifest):
            return manifest
    raise UpstreamMissing("the decrypt manifest that the file was catalogued from has vanished")


def _has_snapshots(stages: Sequence[Manifest]) -> bool:
    """Whether any of the file's rows replace those of a former file, so that its order matters."""
    normalized = (each for each in stages if isinstance(each, NormalizeManifest))
    return any(curated.mode == "snapshot" for each in normalized for curated in each.curated)
