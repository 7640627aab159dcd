"""What the manifests say that a dataset's table must show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from landfall.operating.held_back import was_held_back
from landfall.operating.states import FileState, states_of_days
from services.cataloger.ordering import order_of
from shared.concurrency import for_each
from shared.manifests import CuratedObject, NormalizeManifest
from shared.objects.store import ObjectStore
from shared.stages import Stage

_READS_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Expected:
    """One object that a file's normalizer made, and how far its cataloguing is.

    ``order`` tells which of two snapshots of a source is the newer. ``held_back``: a snapshot of a file of
    which the cataloger held one back, perhaps another.
    """

    file_id: str
    order: str
    curated: CuratedObject
    cataloged: bool
    failed: bool
    held_back: bool = False


async def expected_objects(
    store: ObjectStore, bucket: str, dataset: str, days: Iterable[date]
) -> list[Expected]:
    """The objects of a dataset that the newest generation of each file made, of files that landed on days.

    Raises:
        OtherDeployment: a manifest was copied from another deployment's bucket.
    """
    states = [state for state in await states_of_days(store, bucket, days) if state.success(Stage.NORMALIZE)]

    async def of_file(state: FileState) -> list[Expected]:
        return await _of_file(store, bucket, dataset, state)

    return [each for found in await for_each(states, of_file, _READS_AT_ONCE) for each in found]


async def _of_file(store: ObjectStore, bucket: str, dataset: str, state: FileState) -> list[Expected]:
    normalized = state.success(Stage.NORMALIZE)
    body = await store.read(bucket, normalized.key) if normalized else None
    if normalized is None or body is None:
        return []
    manifest = NormalizeManifest.model_validate_json(body)
    manifest.file.require_bucket(bucket)
    cataloged = state.success(Stage.CATALOG)
    done = cataloged is not None and cataloged.name.generation >= normalized.name.generation
    refused = not done and await was_held_back(store, bucket, state)
    return [
        Expected(
            file_id=state.file_id,
            order=order_of(manifest.file),
            curated=curated,
            # A snapshot is refused after all that the file appends has been catalogued.
            cataloged=done or (refused and curated.mode == "append"),
            failed=state.failed is Stage.CATALOG and not refused,
            held_back=refused and curated.mode == "snapshot",
        )
        for curated in manifest.curated
        if curated.dataset == dataset
    ]
