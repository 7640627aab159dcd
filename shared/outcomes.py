"""What Landfall announces on SNS when a file is done: a JSON body for programs, a subject for people."""

from __future__ import annotations

import unicodedata
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.errors import SnapshotShrunk, Stalled
from shared.events import Replay
from shared.identity import LandedFile
from shared.manifests import MemberCounts, Notice, RowCounts
from shared.stages import Stage

_SUBJECT_CHARS = 100  # SNS's own limit; ASCII only
_MOST_OF_NAME = 32  # leaves room for the longest code, or for rows and datasets


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DatasetOutcome(_Part):
    """What one dataset gained from the file."""

    dataset: str
    table: str
    members: int
    rows: RowCounts
    partitions: tuple[dict[str, str], ...]


class Outcome(_Part):
    """Common to both kinds. ``outcome_id`` is the same however often the outcome is delivered."""

    version: Literal[1] = 1
    outcome_id: str
    file_id: str
    file: LandedFile
    generation: int = Field(description="Which run over the file: 0, then +1 with every forced replay.")
    replay: Replay | None = Field(default=None, description="Who asked for this run, if anybody did.")
    trace_id: str = Field(description="The same in every log line and event of this run.")
    announced_at: AwareDatetime

    @property
    def attributes(self) -> dict[str, str | float | list[str]]:
        """What subscriptions can filter by; ten at most, since a raw SQS subscriber gets no more of them."""
        return {"outcome_id": self.outcome_id, "file_id": self.file_id, "generation": self.generation}


class SuccessOutcome(Outcome):
    """The file is in the catalog and its original is archived."""

    status: Literal["succeeded"] = "succeeded"
    datasets: tuple[DatasetOutcome, ...]
    members: MemberCounts | None = Field(
        default=None,
        description="Where the members went; none in outcomes of releases that did not count them.",
    )
    archived: tuple[str, ...] = Field(description="s3:// addresses of the originals; the first hundred.")
    archived_objects: int = Field(description="How many there are in all.")
    warnings: tuple[Notice, ...] = Field(default=(), description="The first hundred.")
    warnings_in_all: int = 0
    stage_seconds: dict[str, float] = Field(description="Time in work, by stage.")
    landing_to_outcome_seconds: float = Field(
        description="From landing, or from the request for a replay, until the originals were archived."
    )

    @property
    def attributes(self) -> dict[str, str | float | list[str]]:
        """Also by dataset, and by whether anything was rejected or warned of."""
        return {
            **super().attributes,
            "status": self.status,
            "datasets": [each.dataset for each in self.datasets],
            "rows_out": sum(each.rows.rows_out for each in self.datasets),
            "rows_rejected": sum(each.rows.rejected for each in self.datasets),
            "warnings": self.warnings_in_all,
        }

    @property
    def subject(self) -> str:
        """One line for a person's inbox."""
        rows = sum(each.rows.rows_out for each in self.datasets)
        rejected = sum(each.rows.rejected for each in self.datasets)
        what = f"{_counted(rows, 'row')} in {_counted(len(self.datasets), 'dataset')}"
        what += f", {rejected:,} rejected" if rejected else ""
        return _subject(f"Landfall: ingested {_name(self.file)}: {what}")


class FailureOutcome(Outcome):
    """The file failed; its original is untouched in landing/."""

    status: Literal["failed"] = "failed"
    stage: Stage
    attempt: int = Field(ge=1, description="How many times this stage has failed in this run over the file.")
    code: str
    message: str
    advice: str
    replay_command: str

    @property
    def attributes(self) -> dict[str, str | float | list[str]]:
        """Also by stage, code and attempt."""
        return {
            **super().attributes,
            "status": self.status,
            "stage": self.stage.value,
            "attempt": self.attempt,
            "code": self.code,
        }

    @property
    def subject(self) -> str:
        """One line for a person's inbox."""
        return _subject(f"Landfall: FAILED {_name(self.file)}: {self.code} in {self.stage}")


class RejectionOutcome(_Part):
    """A queue message was set aside because it, or some of its records, name no file of ours. One a cause."""

    version: Literal[1] = 1
    status: Literal["rejected"] = "rejected"
    outcome_id: str
    stage: Stage
    message_id: str
    code: str
    message: str
    advice: str
    replay_command: str
    announced_at: AwareDatetime
    records: int = Field(default=1, ge=1, description="How many of the message's records that is about.")

    @property
    def attributes(self) -> dict[str, str | float | list[str]]:
        """By stage and code."""
        return {
            "outcome_id": self.outcome_id,
            "status": self.status,
            "stage": self.stage.value,
            "code": self.code,
        }

    @property
    def subject(self) -> str:
        """One line for a person's inbox."""
        what = "a message" if self.records == 1 else f"{self.records:,} records"
        return _subject(f"Landfall: REJECTED {what} in the {self.stage} queue: {self.code}")


AnyOutcome = SuccessOutcome | FailureOutcome | RejectionOutcome
OUTCOMES: dict[str, type[BaseModel]] = {
    model.__name__: model for model in (SuccessOutcome, FailureOutcome, RejectionOutcome)
}


def replay_command(name: str, code: str) -> str:
    """What an operator types once the cause is gone.

    A failed message lies in the dead-letter queue, but the message of a stalled file nobody knows of. A
    snapshot that was held back needs somebody's consent.

    Args:
        name: The file's id, or where no file is known the message's.
        code: Of the failure.
    """
    if code == SnapshotShrunk.code:
        return f"landfall replay {name} --accept-shrink --because TEXT"
    return f"landfall replay {name}" if code == Stalled.code else f"landfall dlq replay {name}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _name(file: LandedFile) -> str:
    """The file's name for a subject: in ASCII, and so short that what comes after it is not cut off."""
    decomposed = unicodedata.normalize("NFKD", file.key.rpartition("/")[2])
    name = _printable("".join(c for c in decomposed if not unicodedata.combining(c)))
    return name if len(name) <= _MOST_OF_NAME else f"{name[: _MOST_OF_NAME - 15]}...{name[-12:]}"


def _printable(text: str) -> str:
    return "".join(c if 32 <= ord(c) < 127 else "?" for c in text)


def _subject(text: str) -> str:
    printable = _printable(text)
    return printable if len(printable) <= _SUBJECT_CHARS else printable[: _SUBJECT_CHARS - 3] + "..."
