"""Whether a file stands where it does because the cataloger held back a snapshot of it."""

from __future__ import annotations

from pydantic import ValidationError

from landfall.operating.states import FileState
from shared.errors import SnapshotShrunk
from shared.manifests import FailureManifest
from shared.objects.store import ObjectStore
from shared.stages import Stage


async def was_held_back(store: ObjectStore, bucket: str, state: FileState) -> bool:
    """Whether that is the last failure of the file's newest generation; not where its record is damaged."""
    if state.failed is not Stage.CATALOG:
        return False
    body = await store.read(bucket, state.failures(Stage.CATALOG)[-1].key)
    try:
        return body is not None and FailureManifest.model_validate_json(body).code == SnapshotShrunk.code
    except ValidationError:
        return False
