"""A file's whole story as its manifests tell it, for the person who asks where it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from shared.identity import LandedFile
from shared.layout import manifest_prefix
from shared.manifests import (
    MANIFESTS,
    ArchiveManifest,
    FailureManifest,
    Manifest,
    NormalizeManifest,
    Notice,
    RowCounts,
)
from shared.objects.store import ObjectStore
from shared.stages import Stage

Status = Literal["landed", "in progress", "failed", "done"]


class StageStory(BaseModel):
    """One stage's last word on the file."""

    stage: Stage
    status: Literal["succeeded", "failed"]
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime
    seconds: float | None = None
    attempts: int
    failures: int


class DatasetStory(BaseModel):
    """What became of one member."""

    dataset: str
    member: str
    rows: RowCounts
    output: str
    quarantine: str | None


class FailureStory(BaseModel):
    """Why the file stands still."""

    stage: Stage
    code: str
    message: str
    advice: str
    replay_command: str


class FileStory(BaseModel):
    """Everything known of one run over one file."""

    file_id: str
    file: LandedFile
    generation: int
    status: Status
    stage: Stage | None
    stages: list[StageStory]
    rows_in: int
    rows_out: int
    rows_rejected: int
    datasets: list[DatasetStory]
    outputs: list[str]
    archived: list[str]
    warnings: list[Notice]
    failure: FailureStory | None


async def story_of(store: ObjectStore, bucket: str, file_id: str) -> FileStory | None:
    """Read every manifest of a file's newest generation; None where there is none."""
    done: dict[tuple[int, Stage], Manifest] = {}
    failed: dict[tuple[int, Stage], list[FailureManifest]] = {}
    prefix = manifest_prefix(file_id)
    async for item in store.list(bucket, prefix):
        body = await store.read(bucket, item.key)
        stage, generation, kind = item.key.removeprefix(prefix).split(".")[:3]
        where = int(generation), Stage(stage)
        if body is None:
            continue
        if kind == "json":
            done[where] = MANIFESTS[where[1]].model_validate_json(body)
        else:
            failed.setdefault(where, []).append(FailureManifest.model_validate_json(body))
    if not done and not failed:
        return None
    newest = max(generation for generation, _ in (*done, *failed))
    return _tell(
        newest,
        {stage: manifest for (generation, stage), manifest in done.items() if generation == newest},
        {stage: found for (generation, stage), found in failed.items() if generation == newest},
    )


async def files_of_day(store: ObjectStore, bucket: str, day: date) -> AsyncIterator[str]:
    """The ids of the files that landed on a (UTC) day and have a manifest."""
    last = ""
    async for item in store.list(bucket, f"manifests/{day:%Y/%m/%d}/"):
        file_id = item.key.split("/")[4]
        if file_id != last:
            last = file_id
            yield file_id


def landed_only(file: LandedFile) -> FileStory:
    """The story of a file that no stage has recorded anything of yet."""
    return FileStory(
        file_id=file.file_id,
        file=file,
        generation=0,
        status="landed",
        stage=None,
        stages=[],
        rows_in=0,
        rows_out=0,
        rows_rejected=0,
        datasets=[],
        outputs=[],
        archived=[],
        warnings=[],
        failure=None,
    )


def _tell(
    generation: int, done: dict[Stage, Manifest], failed: dict[Stage, list[FailureManifest]]
) -> FileStory:
    stages = [
        _stage(stage, done.get(stage), failed.get(stage, [])) for stage in Stage if stage in {*done, *failed}
    ]
    file = next(iter(done.values())).file if done else next(iter(failed.values()))[0].file
    failure = next((_failure(found) for stage, found in failed.items() if stage not in done), None)
    normalized, archived = done.get(Stage.NORMALIZE), done.get(Stage.ARCHIVE)
    curated = normalized.curated if isinstance(normalized, NormalizeManifest) else ()
    datasets = [
        DatasetStory(
            dataset=each.dataset,
            member=each.member,
            rows=each.rows,
            output=f"s3://{each.object.bucket}/{each.object.key}",
            quarantine=each.quarantine_key and f"s3://{file.bucket}/{each.quarantine_key}",
        )
        for each in curated
    ]
    return FileStory(
        file_id=file.file_id,
        file=file,
        generation=generation,
        status="done" if archived else "failed" if failure else "in progress",
        stage=stages[-1].stage,
        stages=stages,
        rows_in=sum(each.rows.rows_in for each in datasets),
        rows_out=sum(each.rows.rows_out for each in datasets),
        rows_rejected=sum(each.rows.rejected for each in datasets),
        datasets=datasets,
        outputs=[each.output for each in datasets],
        archived=[
            f"s3://{each.object.bucket}/{each.object.key}"
            for each in (archived.archived if isinstance(archived, ArchiveManifest) else ())
        ],
        warnings=[notice for manifest in done.values() for notice in manifest.warnings],
        failure=failure,
    )


def _stage(stage: Stage, done: Manifest | None, failed: list[FailureManifest]) -> StageStory:
    if done is not None:
        return StageStory(
            stage=stage,
            status="succeeded",
            started_at=done.started_at,
            finished_at=done.finished_at,
            seconds=round((done.finished_at - done.started_at).total_seconds(), 3),
            attempts=done.attempt,
            failures=len(failed),
        )
    last = _last(failed)
    return StageStory(
        stage=stage,
        status="failed",
        finished_at=last.failed_at,
        attempts=last.receive_count,
        failures=len(failed),
    )


def _failure(failed: list[FailureManifest]) -> FailureStory:
    last = _last(failed)
    return FailureStory(
        stage=last.stage,
        code=last.code,
        message=last.message,
        advice=last.advice,
        replay_command=f"landfall dlq replay {last.file.file_id}",
    )


def _last(failed: list[FailureManifest]) -> FailureManifest:
    return max(failed, key=lambda failure: failure.attempt)
