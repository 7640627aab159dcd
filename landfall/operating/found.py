"""A file that was found, and what is known of it so far."""

from __future__ import annotations

from dataclasses import dataclass

from landfall.operating.states import FileState
from shared.identity import LandedFile
from shared.manifests import MANIFESTS, FailureManifest, GenerationOpened
from shared.objects.store import ObjectStore


@dataclass(frozen=True, slots=True)
class Found:
    """By its records, or by the version in landing/, or by both."""

    file_id: str
    state: FileState | None
    file: LandedFile | None = None


async def identity(store: ObjectStore, bucket: str, found: Found) -> LandedFile | None:
    """The file as landing/ or any of its records has it; None where no record can be read any more.

    Raises:
        OtherDeployment: the records were copied from another deployment's bucket.
    """
    file = found.file or await _recorded_identity(store, bucket, found)
    if file is not None:
        file.require_bucket(bucket)
    return file


async def _recorded_identity(store: ObjectStore, bucket: str, found: Found) -> LandedFile | None:
    for record in found.state.records if found.state else ():
        body = await store.read(bucket, record.key)
        if body is None:
            continue
        if record.name.failure:
            return FailureManifest.model_validate_json(body).file
        if record.name.stage is None:
            return GenerationOpened.model_validate_json(body).file
        return MANIFESTS[record.name.stage].model_validate_json(body).file
    return None
