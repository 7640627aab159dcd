"""Closing a failure without a replay: of a file that will never come, or whose rows came another way."""

from __future__ import annotations

from datetime import datetime

from landfall.errors import OperatorError
from landfall.operating.states import FileState, state_of
from shared.layout import resolved_key
from shared.manifests import FailureManifest, FailureResolved
from shared.objects.store import ObjectStore


async def resolve_failure(
    store: ObjectStore, bucket: str, file_id: str, *, by: str, at: datetime, because: str
) -> FailureResolved:
    """Record that a file's newest failure is closed.

    Raises:
        OperatorError: there is no such file, or it has no open failure.
        OtherDeployment: its records were copied from another deployment's bucket.
    """
    state = await state_of(store, bucket, file_id)
    if state is None:
        raise OperatorError(f"Nothing is known of the file {file_id}: check the id and the deployment.")
    failure = await _open_failure(store, bucket, state)
    record = FailureResolved(
        file=failure.file,
        generation=state.generation,
        stage=failure.stage,
        code=failure.code,
        resolved_by=by,
        resolved_at=at,
        because=because,
    )
    number = max((each.number for each in state.resolutions), default=0) + 1
    body = record.model_dump_json(indent=1).encode()
    if not await store.put_if_absent(bucket, resolved_key(file_id, state.generation, number), body):
        raise OperatorError(f"Another person has just resolved {file_id}: see `landfall status {file_id}`.")
    return record


async def _open_failure(store: ObjectStore, bucket: str, state: FileState) -> FailureManifest:
    if state.status != "failed" or state.failed is None:
        raise OperatorError(
            f"The file {state.file_id} has no open failure (it is {state.status}), so nothing was recorded."
        )
    record = state.failures(state.failed)[-1]
    body = await store.read(bucket, record.key)
    if body is None:
        raise OperatorError(f"The record of the failure, {record.key}, is gone: look at `landfall sweep`.")
    failure = FailureManifest.model_validate_json(body)
    failure.file.require_bucket(bucket)
    return failure
