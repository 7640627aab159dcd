"""Files whose rows were made by another recipe, or other profile versions, than a replay would use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from landfall.operating.found import Found
from landfall.operating.states import LISTINGS_AT_ONCE, FileState, states_of_days
from services.normalizer.locking.document import LockDocument
from services.normalizer.locking.resolving import resolved
from services.normalizer.recipes import Recipe, RecipeBook
from shared.concurrency import for_each
from shared.manifests import CuratedObject, NormalizeManifest
from shared.objects.store import ObjectStore
from shared.stages import Stage


@dataclass(frozen=True, slots=True)
class StaleFile:
    """A file to be normalised again, and how much it holds."""

    found: Found
    datasets: tuple[str, ...]
    """Those whose recipe changed, and those of members that had no recipe and have one now."""
    rows: int
    bytes: int
    """Of the curated objects of those datasets that will be replaced."""
    changed: tuple[CuratedObject, ...]
    """Those objects."""


async def stale_files(
    store: ObjectStore,
    bucket: str,
    days: Iterable[date],
    recipes: RecipeBook,
    lock: LockDocument,
    dataset: str | None,
) -> list[StaleFile]:
    """Compare the fingerprints in every normalize manifest of the days with those of the recipes.

    The recipes take the profile versions of the lock. A dataset without an entry there keeps the versions
    that its rows have: that is what the normalizer will lock.

    A file that has yet to be normalised is not among them: the deployed recipes will make its rows.

    Raises:
        OtherDeployment: the manifests were copied from another deployment's bucket.
    """

    async def look(state: FileState) -> StaleFile | None:
        record = state.success(Stage.NORMALIZE)
        if record is None or _will_be_normalized(state):
            return None
        body = await store.read(bucket, record.key)
        if body is None:
            return None
        manifest = NormalizeManifest.model_validate_json(body)
        manifest.file.require_bucket(bucket)
        return _compare(state, manifest, recipes, lock)

    states = await states_of_days(store, bucket, days)
    found = [each for each in await for_each(states, look, LISTINGS_AT_ONCE) if each is not None]
    return [each for each in found if dataset is None or dataset in each.datasets]


def _will_be_normalized(state: FileState) -> bool:
    return state.status == "in progress" and state.next in (None, Stage.DECRYPT, Stage.NORMALIZE)


def _compare(
    state: FileState, manifest: NormalizeManifest, recipes: RecipeBook, lock: LockDocument
) -> StaleFile | None:
    changed = [each for each in manifest.curated if _is_changed(each, recipes, lock)]
    added = [recipe.dataset for name in manifest.unmatched if (recipe := recipes.match(name)) is not None]
    if not changed and not added:
        return None
    return StaleFile(
        found=Found(state.file_id, state, manifest.file),
        datasets=tuple(sorted({*(each.dataset for each in changed), *added})),
        rows=sum(each.rows.rows_in for each in changed),
        bytes=sum(each.object.size for each in changed),
        changed=tuple(changed),
    )


def _is_changed(curated: CuratedObject, recipes: RecipeBook, lock: LockDocument) -> bool:
    """A member for which there is no recipe any more keeps its rows: nobody asked for them to go."""
    recipe = recipes.match(curated.member)
    if recipe is None:
        return False
    # A new pepper alone is no new recipe: what was hashed under the old one joins as before.
    locked = recipe.dataset in lock.datasets
    versions = lock.versions_of(recipe.dataset) if locked else recorded_versions(curated, recipe)
    return resolved(recipe, versions).fingerprint_under(curated.pepper_version) != curated.recipe_fingerprint


def recorded_versions(curated: CuratedObject, recipe: Recipe) -> Mapping[str, int]:
    """The profile versions of an object's columns; 1 where its manifest does not record any."""
    recorded = [profile.split("@") for profile in (curated.profiles or {}).values()]
    return dict.fromkeys(recipe.unversioned_profiles, 1) | {name: int(version) for name, version in recorded}


def totals(files: Sequence[StaleFile]) -> dict[str, int]:
    """How many files, rows and bytes there are."""
    return {
        "files": len(files),
        "rows": sum(each.rows for each in files),
        "bytes": sum(each.bytes for each in files),
    }
