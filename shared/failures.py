"""What a failure leaves behind: a failure manifest and an event, unless the file in truth succeeded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from itertools import count

from shared.bus import EventBus
from shared.commit import now
from shared.errors import LandfallError
from shared.events import FileFailed, MessageRejected, Replay, derived_id
from shared.identity import LandedFile
from shared.layout import failure_key
from shared.lineage import generations_of, is_superseded, recorded
from shared.manifests import FailureManifest
from shared.messages import Message
from shared.metrics import failed
from shared.objects.store import ObjectStore
from shared.stages import Stage


@dataclass(frozen=True, slots=True)
class Subject:
    """Which run over which file a failure is about."""

    file: LandedFile
    generation: int
    replay: Replay | None


class Verdict(Enum):
    """What giving up on a file comes to."""

    FAILED = auto()
    """It was recorded as a failure and announced."""
    SUCCEEDED = auto()
    """The stage has succeeded with this generation: no failure, but perhaps not yet announced."""
    SUPERSEDED = auto()
    """A later generation was opened, and hinders this one."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Records the failures of one stage."""

    store: ObjectStore
    bus: EventBus
    stage: Stage

    async def record(self, subject: Subject, message: Message, error: LandfallError) -> Verdict:
        """Record that the stage gave up on a file, unless in truth it did not."""
        file, generation = subject.file, subject.generation
        names = await recorded(self.store, file)
        if is_superseded(names, generation):
            return Verdict.SUPERSEDED
        if generation in generations_of(names, self.stage):
            return Verdict.SUCCEEDED
        known = [name.failure for name in names if (name.stage, name.generation) == (self.stage, generation)]
        # Only a message that was here before can have recorded its failure already.
        for attempt in count(1 if message.receive_count > 1 else max(known, default=0) + 1):
            manifest = describe(self.stage, subject, message, error, attempt)
            key = failure_key(file.file_id, self.stage, generation, attempt)
            body = manifest.model_dump_json(indent=1).encode()
            # After a crash before the dead letter, the same message's failure is there already: say it again,
            # do not count it twice.
            is_new = await self.store.put_if_absent(file.bucket, key, body)
            if is_new:
                failed(self.stage, error.code)
            if is_new or await self._is_of(message, file, key):
                await self.bus.publish(event_of(manifest, key))
                break
        return Verdict.FAILED

    async def reject(
        self, message: Message, error: LandfallError, records: int = 1, *, is_one_of_many: bool = False
    ) -> None:
        """Report a message that names no file.

        Args:
            message: The message.
            error: Why.
            records: How many of its records are rejected for that cause.
            is_one_of_many: Whether the message has several records, so that there may be further causes.
        """
        failed(self.stage, error.code)
        cause = (error.code, error.message) if is_one_of_many else ()
        await self.bus.publish(
            MessageRejected(
                event_id=derived_id("rejected", self.stage, message.message_id, *cause),
                records=records,
                stage=self.stage,
                message_id=message.message_id,
                code=error.code,
                message=error.message,
                advice=error.advice,
            )
        )

    async def _is_of(self, message: Message, file: LandedFile, key: str) -> bool:
        body = await self.store.read(file.bucket, key)
        return body is not None and FailureManifest.model_validate_json(body).message_id == message.message_id


def describe(
    stage: Stage, subject: Subject, message: Message, error: LandfallError, attempt: int
) -> FailureManifest:
    """The record of a stage's failure, the ``attempt``-th with this generation of the file."""
    return FailureManifest(
        stage=stage,
        file=subject.file,
        generation=subject.generation,
        replay=subject.replay,
        attempt=attempt,
        receive_count=message.receive_count,
        message_id=message.message_id,
        code=error.code,
        message=error.message,
        advice=error.advice,
        failed_at=now(),
    )


def event_of(manifest: FailureManifest, key: str) -> FileFailed:
    """The event that tells of a failure whose record lies at the key."""
    file_id = manifest.file.file_id
    return FileFailed(
        event_id=derived_id("failed", file_id, manifest.stage, manifest.generation, manifest.attempt),
        file=manifest.file,
        generation=manifest.generation,
        replay=manifest.replay,
        failed_stage=manifest.stage,
        attempt=manifest.attempt,
        code=manifest.code,
        manifest_key=key,
    )
