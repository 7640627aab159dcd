"""The commit protocol of every stage, written once (docs/decisions/0003-commit-protocol.md).

1. A generation that a later one superseded has nothing to do. A success manifest of this generation ends the
   matter: whatever was done stays done.
2. Otherwise the stage works; its outputs appear together (:class:`shared.objects.outputs.OutputSet`).
3. The manifest is put if absent: that is the commit. Who loses the race adopts the winner's.
4. What other runs over the file left, and the manifest does not list, is deleted; the stage settles what
   follows a commit.
5. The event is published. The worker then deletes the message.

Steps 4 and 5 are repeated whenever a manifest is found, so a crash anywhere is healed by redelivery.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from shared.aws.faults import AWS_ERRORS
from shared.bus import EventBus
from shared.errors import FileNotRecorded, GenerationNotOpened, PermanentError, UpstreamMissing
from shared.events import StageEvent, derived_id
from shared.footprints import Footprint, no_footprint
from shared.identity import LandedFile
from shared.layout import ManifestName, manifest_key
from shared.leftovers import abandon, remove_leftovers
from shared.lineage import generations_of, is_opened, is_superseded, read_manifest, recorded
from shared.logs import get_logger
from shared.manifests import Manifest
from shared.metrics import stage_succeeded
from shared.objects.store import ObjectStore
from shared.time_limit import time_limit

M = TypeVar("M", bound=Manifest)

log = get_logger()

_CLEANING_SECONDS = 4.0  # of an attempt that was stopped: its message is to be handed back soon


def now() -> datetime:
    """The present, for timings; identity and ordering never rest on it."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Committer(Generic[M]):
    """Commits one stage's work on a file; ``limit_seconds`` is the longest that the work may take."""

    store: ObjectStore
    bus: EventBus
    manifest_type: type[M]
    event_type: type[StageEvent]
    footprint: Footprint = no_footprint
    limit_seconds: float | None = None

    async def run(
        self,
        file: LandedFile,
        generation: int,
        work: Callable[[], Awaitable[M]],
        settle: Callable[[M], Awaitable[None]] | None = None,
        *,
        is_prompt: bool = False,
    ) -> M | None:
        """Make sure that the stage has succeeded with this generation of the file, and say so.

        Args:
            file: The landed version.
            generation: Which run over it.
            work: Makes the outputs and describes them; called only where no manifest stands.
            settle: What must follow the commit, again after every redelivery; must be idempotent.
            is_prompt: Whether the message is, see :attr:`shared.messages.Message.is_prompt`: unless it was
                replayed, no other run can have left anything then, and nothing is looked for.

        Returns:
            The manifest that stands, ours or another worker's; None where a later generation has superseded
            this one, which then has nothing left to do.

        Raises:
            GenerationNotOpened: no operator has opened this generation.
            FileNotRecorded: the stages before have recorded nothing of the file.
        """
        names = await recorded(self.store, file)
        self._require_recorded(file, generation, names)
        if await self._stop_if_superseded(file, generation, names):
            return None
        has_succeeded = generation in generations_of(names, self.event_type.stage)
        manifest = await self.find(file, generation) if has_succeeded else None
        alone = False
        if manifest is None:
            made = await self._attempt(file, generation, work)
            # Another run that finds this generation superseded takes away what it put, ours included. A later
            # generation that is opened after this look finds all of that: hence no third look (tests/models).
            if await self._stop_if_superseded(file, generation, await recorded(self.store, file)):
                return None
            manifest = await self._commit(made)
            first = is_prompt and made.replay is None and generation == 0 and not self._has_failed(names)
            alone = manifest is made and first
        if not alone:
            in_vain = generation if has_succeeded and _was_moved(manifest, names) else None
            await remove_leftovers(self.store, self.footprint, manifest, in_vain=in_vain)
        if settle is not None:
            await settle(manifest)
        await self.bus.publish(self._event(manifest))
        return manifest

    def _require_recorded(self, file: LandedFile, generation: int, names: Sequence[ManifestName]) -> None:
        """Insist that the request can be ours: replays are recorded before they are requested, and a stage
        publishes after its manifest.
        """
        if not is_opened(names, generation):
            raise GenerationNotOpened(f"generation {generation} of {file.file_id} was never opened")
        if not names and self.event_type.stage.before is not None:
            raise FileNotRecorded(f"no stage has recorded anything of {file.file_id}")

    async def find(self, file: LandedFile, generation: int) -> M | None:
        """This stage's success manifest of a generation, if it has succeeded."""
        return await read_manifest(self.store, file, self.manifest_type, generation)

    async def _attempt(self, file: LandedFile, generation: int, work: Callable[[], Awaitable[M]]) -> M:
        try:
            async with time_limit(self.limit_seconds):
                return await work()
        except BaseException as error:
            with contextlib.suppress(*AWS_ERRORS):
                async with asyncio.timeout(_CLEANING_SECONDS):
                    await self._withdraw(file, generation, is_final=isinstance(error, PermanentError))
            raise

    async def _withdraw(self, file: LandedFile, generation: int, *, is_final: bool) -> None:
        """Take back what a failed attempt put beside what others made meanwhile.

        Perhaps another worker has the message by now, and has finished; perhaps a later generation has.
        """
        if await self._stop_if_superseded(file, generation, await recorded(self.store, file)):
            return
        winner = await self.find(file, generation)
        if winner is not None:
            await remove_leftovers(self.store, self.footprint, winner, in_vain=generation)
        elif is_final:
            await abandon(self.store, self.footprint, file, generation)

    async def _commit(self, manifest: M) -> M:
        file = manifest.file
        key = manifest_key(file.file_id, manifest.stage, manifest.generation)
        body = manifest.model_dump_json(indent=1).encode()
        if await self.store.put_if_absent(file.bucket, key, body):
            stage_succeeded(manifest)
            return manifest
        winner = await self.find(file, manifest.generation)
        if winner is None:
            raise UpstreamMissing("the manifest that won the race has vanished")
        await remove_leftovers(self.store, self.footprint, winner, in_vain=manifest.generation)
        return winner

    def _has_failed(self, names: Sequence[ManifestName]) -> bool:
        """Whether the stage has given up on the file before; what it left then may have been put on purpose.

        A message that is sent again from the dead-letter queue is received for the first time once more.
        """
        return any(name.stage is self.event_type.stage and name.failure for name in names)

    async def _stop_if_superseded(
        self, file: LandedFile, generation: int, names: Sequence[ManifestName]
    ) -> bool:
        if not is_superseded(names, generation):
            return False
        log.info("generation_superseded", generation=generation)
        done = generations_of(names, self.event_type.stage)
        newest = await self.find(file, done[0]) if done else None
        if newest is not None:
            await remove_leftovers(self.store, self.footprint, newest, in_vain=generation)
        return True

    def _event(self, manifest: M) -> StageEvent:
        stage, file_id = manifest.stage, manifest.file.file_id
        return self.event_type(
            event_id=derived_id("event", file_id, stage, manifest.generation),
            file=manifest.file,
            generation=manifest.generation,
            replay=manifest.replay,
            manifest_key=manifest_key(file_id, stage, manifest.generation),
        )


def _was_moved(manifest: Manifest, names: Sequence[ManifestName]) -> bool:
    """Whether a later stage is done with the outputs: what lies at their keys again was put in vain.

    A second worker on the message may have put it, and died before it could take it back.
    """
    return manifest.moved_by is not None and manifest.generation in generations_of(names, manifest.moved_by)
