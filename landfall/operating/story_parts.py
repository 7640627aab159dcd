"""What a file's story is made of, as ``landfall status --json`` prints it."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from landfall.operating.states import Status
from shared.identity import LandedFile, trace_id
from shared.manifests import MemberCounts, Notice, RowCounts
from shared.stages import Stage


class StageStory(BaseModel):
    """One stage's last word on the file."""

    stage: Stage
    generation: int
    status: Literal["succeeded", "failed"]
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime
    seconds: float | None = None
    waited_seconds: float | None = Field(
        default=None, description="Since the stage before was done, the file landed or its replay was asked."
    )
    attempts: int
    failures: int


class DatasetStory(BaseModel):
    """What became of one member."""

    dataset: str
    member: str
    recipe: str
    profiles: list[str] = Field(default_factory=list, description="Versions of its match keys, if recorded.")
    rows: RowCounts
    output: str
    quarantine: str | None


class FailureStory(BaseModel):
    """Why the file stands still."""

    stage: Stage
    code: str
    message: str
    advice: str
    failed_at: AwareDatetime
    replay_command: str


class ReplayStory(BaseModel):
    """Who had the file run again."""

    generation: int
    from_stage: Stage
    replay_id: str
    requested_by: str
    requested_at: AwareDatetime
    accepts_shrink: bool = Field(
        default=False,
        description="Whether snapshots with far fewer rows than the current ones were accepted.",
    )
    because: str | None = None


class ResolutionStory(BaseModel):
    """Who closed the failure without a replay, and why."""

    resolved_by: str
    resolved_at: AwareDatetime
    because: str


class FileStory(BaseModel):
    """Everything known of the newest run over one file, and of who asked for which run."""

    file_id: str
    file: LandedFile
    generation: int
    trace_id: str
    status: Status
    stage: Stage | None
    stages: list[StageStory]
    rows_in: int
    rows_out: int
    rows_rejected: int
    members: MemberCounts | None
    """None until the file is normalised."""
    datasets: list[DatasetStory]
    outputs: list[str]
    archived: list[str]
    warnings: list[Notice]
    failure: FailureStory | None
    replays: list[ReplayStory]
    resolution: ResolutionStory | None = None


def landed_only(file: LandedFile) -> FileStory:
    """The story of a file that no stage has recorded anything of yet."""
    return FileStory(
        file_id=file.file_id,
        file=file,
        generation=0,
        trace_id=trace_id(file.file_id, 0),
        status="landed",
        stage=None,
        stages=[],
        rows_in=0,
        rows_out=0,
        rows_rejected=0,
        members=None,
        datasets=[],
        outputs=[],
        archived=[],
        warnings=[],
        failure=None,
        replays=[],
    )
