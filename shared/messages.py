"""What a queue message asks for: an S3 notification or one of our events, possibly several in one message."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.errors import UnreadableMessage
from shared.events import FileEvent, MessageRejected, Replay, parse_detail
from shared.identity import LandedFile, landing_date_of

_PROMPT = timedelta(seconds=10)  # far less than it takes a message to get to the dead-letter queue
_TIME = TypeAdapter(AwareDatetime)
_MAX_PLACES_CHARS = 500
_NO_SUCH_DAY = "the message tells of a file that cannot have landed when it says"
_S3_EVENT = re.compile(r"[A-Za-z0-9:]{1,60}")


@dataclass(frozen=True, slots=True)
class Message:
    """One SQS message, as received; ``sent_at`` is when SQS got it, by SQS's clock."""

    message_id: str
    receipt: str
    body: str
    receive_count: int
    sent_at: datetime | None = None

    @property
    def is_prompt(self) -> bool:
        """Whether it came at once and for the first time, so that nobody has had it, or a copy of it, before.

        A receive count of one alone does not tell: SQS counts anew when a dead letter is sent back to work.
        But then it is sent long after what it tells of.
        """
        told = _time_told(self.body)
        is_new = told is not None and self.sent_at is not None and self.sent_at - told < _PROMPT
        return is_new and self.receive_count == 1


@dataclass(frozen=True, slots=True)
class LandingNotice:
    """S3 says that an object landed. The file's true landing time is still to be asked of S3."""

    file: LandedFile
    generation: int = 0
    replay: Replay | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that needs no work; the reason is logged."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One of several records, which cannot be read; the others can be worked on all the same."""

    reason: str


Request = LandingNotice | FileEvent | MessageRejected | Skipped | Unreadable
AboutNoFile = Skipped | Unreadable | MessageRejected
"""Requests that name no file."""


class _Bucket(BaseModel):
    name: str


class _Object(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    key: str
    size: int = 0
    version_id: str | None = Field(default=None, alias="versionId")


class _S3(BaseModel):
    bucket: _Bucket
    object: _Object


class _S3Record(BaseModel):
    event_name: str = Field(alias="eventName")
    event_time: datetime = Field(alias="eventTime")
    s3: _S3


class _S3Notification(BaseModel):
    records: list[object] = Field(alias="Records")
    replay: Replay | None = None


def parse_message(body: str) -> list[Request]:
    """Read a message's body. Of several records each is read by itself.

    Raises:
        UnreadableMessage: not JSON, or JSON of another kind. Nothing of the body is quoted.
    """
    try:
        content = _load(body)
    except ValueError:
        raise UnreadableMessage("the message is not JSON, or not text, or nested too deep") from None
    if not isinstance(content, dict):
        raise UnreadableMessage("the message is JSON, but not an object")
    if content.get("Event") == "s3:TestEvent":
        return [Skipped("S3 test event")]
    try:
        if "Records" in content:
            notification = _S3Notification.model_validate(content)
            if not notification.records:
                return [Skipped("S3 notification without records")]
            requests = [_record(record, notification.replay) for record in notification.records]
            if len(requests) == 1 and isinstance(requests[0], Unreadable):
                raise UnreadableMessage(requests[0].reason)
            return requests
        if "detail" in content:
            event = parse_detail(content["detail"])
            if not isinstance(event, MessageRejected):
                _require_identity(event.file)
            return [event]
    except ValidationError as error:
        raise UnreadableMessage(f"the message lacks or misuses {_places(error)}") from None
    except (ValueError, OverflowError):
        raise UnreadableMessage(_NO_SUCH_DAY) from None
    raise UnreadableMessage("the message is neither an S3 notification nor an event")


def _load(body: str) -> object:
    """What the JSON says.

    Raises:
        ValueError: it is not JSON, is nested deeper than can be read, or holds what is no text in UTF-8: half
            a surrogate pair, which JSON can write, but no name or id can have.
    """
    try:
        content: object = json.loads(body)
        if "\\u" in body:
            json.dumps(content, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deep") from None
    return content


def _places(error: ValidationError) -> str:
    """All the places at which something is wrong."""
    places = {_place(item["type"], item["loc"]) for item in error.errors(include_input=False)}
    return ", ".join(sorted(places))[:_MAX_PLACES_CHARS]


def _place(problem: str, location: tuple[str | int, ...]) -> str:
    """Where in a message something is wrong; the name of a field that we do not know is not repeated."""
    parts = [*location[:-1], "(an unknown field)"] if problem == "extra_forbidden" else location
    return ".".join(map(str, parts))


def _time_told(body: str) -> datetime | None:
    """When that happened of which S3 or EventBridge tells, by their clocks."""
    try:
        content: Any = _load(body)
        told = content["Records"][0]["eventTime"] if "Records" in content else content["time"]
        return _TIME.validate_python(told)
    except (ValueError, LookupError, TypeError):
        return None


def with_replay(body: str, replay: Replay) -> str:
    """The same message, saying who had it replayed; one that can't be read stays as it is."""
    try:
        content = _load(body)
    except ValueError:
        return body
    if not isinstance(content, dict):
        return body
    detail = content.get("detail")
    subject = detail if isinstance(detail, dict) and "file" in detail else content
    if subject is content and "Records" not in content:
        return body
    subject["replay"] = replay.model_dump(mode="json")
    return json.dumps(content)


def _record(content: object, replay: Replay | None) -> Request:
    try:
        return _landing(_S3Record.model_validate(content), replay)
    except ValidationError as error:
        return Unreadable(f"a record lacks or misuses {_places(error)}")
    except UnreadableMessage as error:
        return Unreadable(error.message)
    except (ValueError, OverflowError):
        return Unreadable(_NO_SUCH_DAY)


def _landing(record: _S3Record, replay: Replay | None) -> LandingNotice | Skipped:
    key = unquote_plus(record.s3.object.key)
    if not record.event_name.removeprefix("s3:").startswith("ObjectCreated:"):
        return Skipped(f"S3 event {record.event_name if _S3_EVENT.fullmatch(record.event_name) else '?'}")
    if key.endswith("/") and record.s3.object.size == 0:
        return Skipped("folder marker")
    if record.s3.object.version_id is None:
        raise UnreadableMessage("the S3 notification has no version id: the bucket is not versioned")
    file = LandedFile(
        bucket=record.s3.bucket.name,
        key=key,
        version_id=record.s3.object.version_id,
        size=record.s3.object.size,
        landed_at=record.event_time,
    )
    _require_identity(file)
    return LandingNotice(file, replay=replay)


def _require_identity(file: LandedFile) -> None:
    """Raise ValueError or OverflowError where no id can lead to the day on which the file is said to land."""
    landing_date_of(file.file_id)
