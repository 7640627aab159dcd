"""A line a file, for lists of many: as few manifests are read for it as it takes."""

from __future__ import annotations

from dataclasses import dataclass

from landfall.operating.found import Found, identity
from landfall.operating.states import FileState, Record, Status
from shared.errors import OtherDeployment
from shared.identity import LandedFile
from shared.manifests import FailureManifest, NormalizeManifest
from shared.objects.store import ObjectStore
from shared.stages import Stage


@dataclass(frozen=True, slots=True)
class FileLine:
    """What a list shows of a file."""

    file_id: str
    key: str
    status: Status
    stands: str
    """How far it is: the last stage that is done, or the code of the failure; nothing where all is done."""
    rows_in: int = 0
    rows_out: int = 0
    rows_rejected: int = 0


def landed_line(file: LandedFile) -> FileLine:
    """Of a file that no stage has recorded anything of yet."""
    return FileLine(file.file_id, file.key, "landed", "")


async def line_of(store: ObjectStore, bucket: str, state: FileState) -> FileLine:
    """Read the rows, which the normalize manifest has, and the reason where the file failed."""
    normalized = await _normalized(store, bucket, state.success(Stage.NORMALIZE))
    failure = await _failure(store, bucket, state)
    known = normalized or failure
    try:
        file = known.file if known else await identity(store, bucket, Found(state.file_id, state))
        if file is not None:
            file.require_bucket(bucket)
    except OtherDeployment as error:
        return FileLine(state.file_id, "", state.status, error.code)
    rows = [each.rows for each in normalized.curated] if normalized else []
    return FileLine(
        file_id=state.file_id,
        key=file.key if file else "",
        status=state.status,
        stands=failure.code if failure else _reached(state),
        rows_in=sum(each.rows_in for each in rows),
        rows_out=sum(each.rows_out for each in rows),
        rows_rejected=sum(each.rejected for each in rows),
    )


def _reached(state: FileState) -> str:
    done = [stage for stage in Stage if stage in state.done]
    return f"{done[-1]} done" if done and state.status != "done" else ""


async def _normalized(store: ObjectStore, bucket: str, record: Record | None) -> NormalizeManifest | None:
    body = await store.read(bucket, record.key) if record else None
    return None if body is None else NormalizeManifest.model_validate_json(body)


async def _failure(store: ObjectStore, bucket: str, state: FileState) -> FailureManifest | None:
    if state.failed is None:
        return None
    body = await store.read(bucket, state.failures(state.failed)[-1].key)
    return None if body is None else FailureManifest.model_validate_json(body)
