"""A file's whole story as its manifests tell it, for the person who asks where it is."""

from __future__ import annotations

from datetime import datetime

from landfall.operating.states import FileState, Record, state_of
from landfall.operating.story_parts import (
    DatasetStory,
    FailureStory,
    FileStory,
    ReplayStory,
    ResolutionStory,
    StageStory,
)
from shared.identity import LandedFile, trace_id
from shared.lineage import lineage
from shared.manifests import (
    MANIFESTS,
    ArchiveManifest,
    FailureManifest,
    FailureResolved,
    GenerationOpened,
    Manifest,
    NormalizeManifest,
    member_counts,
)
from shared.objects.store import ObjectStore
from shared.outcomes import replay_command
from shared.stages import Stage


async def story_of(store: ObjectStore, bucket: str, file_id: str) -> FileStory | None:
    """The story of a file by its id; None where nothing is recorded of it."""
    state = await state_of(store, bucket, file_id)
    return None if state is None else await tell(store, bucket, state)


async def tell(store: ObjectStore, bucket: str, state: FileState) -> FileStory:
    """Read what the story needs: what each stage made, why the file stands still, who had it replayed.

    Raises:
        OtherDeployment: the records were copied from another deployment's bucket.
    """
    opened = [
        GenerationOpened.model_validate_json(await _read(store, bucket, record))
        for record in sorted(state.records, key=lambda record: record.name.generation)
        if record.name.stage is None
    ]
    newest = _newest_success(state, opened)
    done: list[Manifest] = []
    if newest is not None and newest.name.stage is not None:
        body = await _read(store, bucket, newest)
        last = MANIFESTS[newest.name.stage].model_validate_json(body)
        last.file.require_bucket(bucket)
        done = await lineage(store, last)
    failure = None
    if state.failed is not None:
        body = await _read(store, bucket, state.failures(state.failed)[-1])
        failure = FailureManifest.model_validate_json(body)
    file = next(each.file for each in (*done, *opened, failure) if each is not None)
    file.require_bucket(bucket)
    story = _tell(file, state, done, failure, opened)
    if state.resolution is None:
        return story
    body = await store.read(bucket, state.resolution.key) or b""
    resolved = FailureResolved.model_validate_json(body)
    resolution = ResolutionStory(
        resolved_by=resolved.resolved_by, resolved_at=resolved.resolved_at, because=resolved.because
    )
    return story.model_copy(update={"resolution": resolution})


async def _read(store: ObjectStore, bucket: str, record: Record) -> bytes:
    return await store.read(bucket, record.key) or b""


def _newest_success(state: FileState, opened: list[GenerationOpened]) -> Record | None:
    """That of the last stage which this generation has behind it; perhaps of an earlier generation."""
    if state.done:
        return state.success(max(state.done, key=list(Stage).index))
    begun = next((each for each in opened if each.generation == state.generation), None)
    before = begun.from_stage.before if begun else None
    return None if before is None else state.success(before)


def _tell(
    file: LandedFile,
    state: FileState,
    done: list[Manifest],
    failure: FailureManifest | None,
    opened: list[GenerationOpened],
) -> FileStory:
    befores = [None, *done][: len(done)]
    stages = [_succeeded(state, manifest, before) for manifest, before in zip(done, befores, strict=True)]
    if failure is not None:
        stages.append(_failed(state, failure))
    curated = [each for made in done if isinstance(made, NormalizeManifest) for each in made.curated]
    datasets = [
        DatasetStory(
            dataset=each.dataset,
            member=each.member,
            recipe=each.recipe,
            profiles=sorted(set((each.profiles or {}).values())),
            rows=each.rows,
            output=f"s3://{each.object.bucket}/{each.object.key}",
            quarantine=each.quarantine_key and f"s3://{file.bucket}/{each.quarantine_key}",
        )
        for each in curated
    ]
    return FileStory(
        file_id=file.file_id,
        file=file,
        generation=state.generation,
        trace_id=trace_id(file.file_id, state.generation),
        status=state.status,
        stage=stages[-1].stage if stages else None,
        stages=stages,
        rows_in=sum(each.rows.rows_in for each in datasets),
        rows_out=sum(each.rows.rows_out for each in datasets),
        rows_rejected=sum(each.rows.rejected for each in datasets),
        members=member_counts(done),
        datasets=datasets,
        outputs=[each.output for each in datasets],
        archived=[
            f"s3://{each.object.bucket}/{each.object.key}"
            for manifest in done
            if isinstance(manifest, ArchiveManifest)
            for each in manifest.archived
        ],
        warnings=[notice for manifest in done for notice in manifest.warnings],
        failure=failure and _why(failure),
        replays=[
            ReplayStory(
                generation=each.generation,
                from_stage=each.from_stage,
                accepts_shrink=each.accepts_shrink,
                because=each.because,
                **each.replay.model_dump(),
            )
            for each in opened
        ],
    )


def _succeeded(state: FileState, manifest: Manifest, before: Manifest | None) -> StageStory:
    ready = manifest.file.landed_at if before is None else before.finished_at
    if manifest.replay is not None:
        ready = max(ready, manifest.replay.requested_at)
    return StageStory(
        stage=manifest.stage,
        generation=manifest.generation,
        status="succeeded",
        started_at=manifest.started_at,
        finished_at=manifest.finished_at,
        seconds=_seconds(manifest.started_at, manifest.finished_at),
        waited_seconds=_seconds(ready, manifest.started_at),
        attempts=manifest.attempt,
        failures=len(state.failures(manifest.stage)),
    )


def _failed(state: FileState, failure: FailureManifest) -> StageStory:
    return StageStory(
        stage=failure.stage,
        generation=failure.generation,
        status="failed",
        finished_at=failure.failed_at,
        attempts=failure.receive_count,
        failures=len(state.failures(failure.stage)),
    )


def _seconds(start: datetime, end: datetime) -> float:
    """Of two clocks that may differ a little, so never below zero."""
    return max(0.0, round((end - start).total_seconds(), 3))


def _why(failure: FailureManifest) -> FailureStory:
    return FailureStory(
        stage=failure.stage,
        code=failure.code,
        message=failure.message,
        advice=failure.advice,
        failed_at=failure.failed_at,
        replay_command=replay_command(failure.file.file_id, failure.code),
    )
