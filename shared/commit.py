"""The commit protocol of every stage, written once (docs/decisions/0003-commit-protocol.md).

1. A success manifest of this generation ends the matter: whatever was done stays done.
2. Otherwise the stage works; its outputs appear together (:class:`shared.objects.outputs.OutputSet`).
3. The manifest is put if absent: that is the commit. Who loses the race adopts the winner's.
4. What the generation before made and this one did not is deleted; the stage settles what follows a commit.
5. The event is published. The worker then deletes the message.

Steps 4 and 5 are repeated whenever a manifest is found, so a crash anywhere is healed by redelivery.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from shared.bus import EventBus
from shared.errors import UpstreamMissing
from shared.events import StageEvent, derived_id
from shared.identity import LandedFile
from shared.layout import manifest_key, manifest_prefix
from shared.logs import get_logger
from shared.manifests import Manifest
from shared.objects.store import ObjectStore
from shared.stages import Stage

M = TypeVar("M", bound=Manifest)
U = TypeVar("U", bound=Manifest)

log = get_logger()


def now() -> datetime:
    """The present, for timings; identity and ordering never rest on it."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Committer(Generic[M]):
    """Commits one stage's work on a file."""

    store: ObjectStore
    bus: EventBus
    manifest_type: type[M]
    event_type: type[StageEvent]

    async def run(
        self,
        file: LandedFile,
        generation: int,
        work: Callable[[], Awaitable[M]],
        settle: Callable[[M], Awaitable[None]] | None = None,
    ) -> M | None:
        """Make sure that the stage has succeeded with this generation of the file, and say so.

        Args:
            file: The landed version.
            generation: Which run over it.
            work: Makes the outputs and describes them; called only where no manifest stands.
            settle: What must follow the commit, again after every redelivery; must be idempotent.

        Returns:
            The manifest that stands, ours or another worker's; None where a later generation has overtaken
            this one, which then has nothing left to do.
        """
        manifest = await self.find(file, generation)
        if manifest is None:
            if await self._overtaken(file, generation):
                log.info("generation_overtaken", generation=generation)
                return None
            manifest = await self._commit(await work())
        await self._delete_what_the_last_generation_left(manifest)
        if settle is not None:
            await settle(manifest)
        await self.bus.publish(self._event(manifest))
        return manifest

    async def find(self, file: LandedFile, generation: int) -> M | None:
        """This stage's success manifest of a generation, if it has succeeded."""
        return await read_manifest(self.store, file, self.manifest_type, generation)

    async def _commit(self, manifest: M) -> M:
        file = manifest.file
        key = manifest_key(file.file_id, manifest.stage, manifest.generation)
        body = manifest.model_dump_json(indent=1).encode()
        if await self.store.put_if_absent(file.bucket, key, body):
            return manifest
        winner = await self.find(file, manifest.generation)
        if winner is None:
            raise UpstreamMissing("the manifest that won the race has vanished")
        return winner

    async def _overtaken(self, file: LandedFile, generation: int) -> bool:
        stem = f"{manifest_prefix(file.file_id)}{self.event_type.stage}."
        async for item in self.store.list(file.bucket, stem):
            number, _, rest = item.key.removeprefix(stem).partition(".")
            if rest == "json" and int(number) > generation:
                return True
        return False

    async def _delete_what_the_last_generation_left(self, manifest: M) -> None:
        kept = {(each.bucket, each.key) for each in manifest.outputs()}
        for generation in reversed(range(manifest.generation)):
            before = await self.find(manifest.file, generation)
            if before is None:  # that generation never succeeded here
                continue
            for each in before.outputs():
                if (each.bucket, each.key) not in kept:
                    await self.store.delete(each.bucket, each.key)
            return

    def _event(self, manifest: M) -> StageEvent:
        stage, file_id = manifest.stage, manifest.file.file_id
        return self.event_type(
            event_id=derived_id("event", file_id, stage, manifest.generation),
            file=manifest.file,
            generation=manifest.generation,
            replay=manifest.replay,
            manifest_key=manifest_key(file_id, stage, manifest.generation),
        )


async def read_manifest(
    store: ObjectStore, file: LandedFile, manifest_type: type[U], generation: int
) -> U | None:
    """A stage's success manifest of one generation, None where the stage has not succeeded."""
    key = manifest_key(file.file_id, _stage_of(manifest_type), generation)
    body = await store.read(file.bucket, key)
    return None if body is None else manifest_type.model_validate_json(body)


async def upstream_manifest(
    store: ObjectStore, file: LandedFile, manifest_type: type[U], generation: int
) -> U:
    """The manifest that the stage before must have left.

    Raises:
        UpstreamMissing: it is not there.
    """
    manifest = await read_manifest(store, file, manifest_type, generation)
    if manifest is None:
        raise UpstreamMissing(f"there is no {_stage_of(manifest_type)} manifest of generation {generation}")
    return manifest


def _stage_of(manifest_type: type[Manifest]) -> Stage:
    stage: Stage = manifest_type.model_fields["stage"].get_default()
    return stage
