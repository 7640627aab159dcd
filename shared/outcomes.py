"""What Landfall announces on SNS when a file is done: a JSON body for programs, a subject for people."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.identity import LandedFile
from shared.manifests import Notice, RowCounts
from shared.stages import Stage

_SUBJECT_CHARS = 100  # SNS's own limit; ASCII only


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
    generation: int
    announced_at: AwareDatetime


class SuccessOutcome(Outcome):
    """The file is in the catalog and its original is archived."""

    status: Literal["succeeded"] = "succeeded"
    datasets: tuple[DatasetOutcome, ...]
    archived: tuple[str, ...] = Field(description="s3:// addresses of the originals.")
    warnings: tuple[Notice, ...] = ()
    stage_seconds: dict[str, float] = Field(description="Time in work, by stage.")
    landing_to_outcome_seconds: float

    @property
    def subject(self) -> str:
        """One line for a person's inbox."""
        rows = sum(each.rows.rows_out for each in self.datasets)
        what = f"{rows:,} rows in {len(self.datasets)} datasets"
        return _subject(f"Landfall: ingested {_name(self.file)}: {what}")


class FailureOutcome(Outcome):
    """The file failed; its original is untouched in landing/."""

    status: Literal["failed"] = "failed"
    stage: Stage
    code: str
    message: str
    advice: str
    replay_command: str

    @property
    def subject(self) -> str:
        """One line for a person's inbox."""
        return _subject(f"Landfall: FAILED {_name(self.file)}: {self.code} in {self.stage}")


class RejectionOutcome(_Part):
    """A queue message that names no file was set aside."""

    version: Literal[1] = 1
    status: Literal["rejected"] = "rejected"
    outcome_id: str
    stage: Stage
    message_id: str
    code: str
    message: str
    advice: str
    announced_at: AwareDatetime

    @property
    def subject(self) -> str:
        """One line for a person's inbox."""
        return _subject(f"Landfall: REJECTED a message in the {self.stage} queue: {self.code}")


AnyOutcome = SuccessOutcome | FailureOutcome | RejectionOutcome
OUTCOMES: dict[str, type[BaseModel]] = {
    model.__name__: model for model in (SuccessOutcome, FailureOutcome, RejectionOutcome)
}


def _name(file: LandedFile) -> str:
    return file.key.rpartition("/")[2]


def _subject(text: str) -> str:
    printable = "".join(c if 32 <= ord(c) < 127 else "?" for c in text)
    return printable if len(printable) <= _SUBJECT_CHARS else printable[: _SUBJECT_CHARS - 3] + "..."
