"""What the stages tell each other over EventBridge: pointers to manifests, never data.

Events are hints and may come twice or out of order; the manifests are the truth. Ids are pure functions of
file, stage and generation, so a repeated event is recognisably the same.
"""

from __future__ import annotations

import json
import uuid
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from shared.identity import LandedFile, trace_id
from shared.stages import Stage

SOURCE = "landfall"
MAX_COUNT = 1_000_000
"""Of generations, attempts and records: far above what can happen, and small enough to be harmless."""
_IDS = uuid.UUID("6f3f6a52-4f3b-5c0e-9d55-2b1c8d0f7a11")  # the namespace of every event and outcome id


def derived_id(*parts: str | int) -> str:
    """A UUIDv5 of the parts: the same facts always give the same id."""
    return str(uuid.uuid5(_IDS, "\0".join(map(str, parts))))


class Replay(BaseModel):
    """Who asked for a file to be run again, and when; carried along to the manifests."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    replay_id: str = Field(max_length=128)
    requested_by: str = Field(max_length=512)
    requested_at: AwareDatetime


class Event(BaseModel):
    """Common to all events: which file, which run over it, and where its manifest lies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    file: LandedFile
    generation: int = Field(
        ge=0, le=MAX_COUNT, description="Which run over the file: 0, then +1 with every forced replay."
    )
    replay: Replay | None = None
    trace_id: str = Field(
        default_factory=lambda known: trace_id(known["file"].file_id, known["generation"]),
        description="The same in every event, log line and outcome of this run over the file.",
        max_length=64,
    )

    @property
    def detail_type(self) -> str:
        """EventBridge's detail-type, which the rules match."""
        return type(self).__name__


class StageEvent(Event):
    """A stage has succeeded with a file."""

    stage: ClassVar[Stage]

    event_id: str = Field(max_length=64)
    manifest_key: str = Field(max_length=1024, description="In the file's own bucket.")


class FileDecrypted(StageEvent):
    """Verified plaintext members lie under raw/."""

    type: Literal["FileDecrypted"] = "FileDecrypted"
    stage = Stage.DECRYPT


class FileNormalized(StageEvent):
    """Parquet for every matched member lies in the curated bucket."""

    type: Literal["FileNormalized"] = "FileNormalized"
    stage = Stage.NORMALIZE


class FileCataloged(StageEvent):
    """Every table, column and partition of the file was seen in Glue."""

    type: Literal["FileCataloged"] = "FileCataloged"
    stage = Stage.CATALOG


class FileArchived(StageEvent):
    """The original lies under archive/ and no longer under landing/."""

    type: Literal["FileArchived"] = "FileArchived"
    stage = Stage.ARCHIVE


class FileFailed(Event):
    """A stage gave up on a file; its original is untouched in landing/."""

    type: Literal["FileFailed"] = "FileFailed"
    event_id: str = Field(max_length=64)
    failed_stage: Stage
    attempt: int = Field(ge=1, le=MAX_COUNT)
    code: str = Field(max_length=64, pattern="^[A-Z][A-Z0-9_]*$")
    manifest_key: str = Field(
        max_length=1024, description="The failure's own manifest, in the file's bucket."
    )


class ReplayRequested(Event):
    """An operator asks one stage to take a file again; sent straight to that stage's queue."""

    type: Literal["ReplayRequested"] = "ReplayRequested"


class MessageRejected(BaseModel):
    """A message, or records of it, name no file of ours; it lies in a dead-letter queue. One a cause."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    type: Literal["MessageRejected"] = "MessageRejected"
    event_id: str = Field(max_length=64)
    stage: Stage
    message_id: str = Field(max_length=128)
    code: str = Field(max_length=64)
    message: str = Field(max_length=1000)
    advice: str = Field(max_length=1000)
    records: int = Field(
        default=1, ge=1, le=MAX_COUNT, description="How many of the message's records that is about."
    )

    @property
    def detail_type(self) -> str:
        """EventBridge's detail-type, which the rules match."""
        return type(self).__name__


FileEvent = FileDecrypted | FileNormalized | FileCataloged | FileArchived | FileFailed | ReplayRequested
AnyEvent = FileEvent | MessageRejected
_ANY: TypeAdapter[AnyEvent] = TypeAdapter(Annotated[AnyEvent, Field(discriminator="type")])
EVENTS: dict[str, type[BaseModel]] = {
    model.__name__: model
    for model in (
        FileDecrypted,
        FileNormalized,
        FileCataloged,
        FileArchived,
        FileFailed,
        ReplayRequested,
        MessageRejected,
    )
}


def parse_detail(detail: object) -> AnyEvent:
    """Validate an EventBridge ``detail``.

    Raises:
        pydantic.ValidationError: it is not one of our events.
    """
    return _ANY.validate_python(detail)


def envelope(event: AnyEvent) -> str:
    """The event as a queue receives it from EventBridge, for messages sent straight to a queue."""
    body: dict[str, Any] = {
        "version": "0",
        "source": SOURCE,
        "detail-type": event.detail_type,
        "detail": event.model_dump(mode="json"),
    }
    return json.dumps(body)
