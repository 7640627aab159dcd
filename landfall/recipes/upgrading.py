"""Moving a table to the newest profile versions: what changes, and which files must be replayed for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from landfall.errors import OperatorError
from landfall.operating.stale import StaleFile, recorded_versions, stale_files
from landfall.operating.states import recorded_days
from services.normalizer.locking.document import LockDocument
from services.normalizer.locking.lock import ProfileLock
from services.normalizer.locking.resolving import newest, resolved
from services.normalizer.matchkeys import profile_of
from services.normalizer.recipes import Recipe, RecipeBook
from shared.manifests import CuratedObject
from shared.objects.store import ObjectStore


@dataclass(frozen=True, slots=True)
class VersionChange:
    """One profile of a table."""

    profile: str
    before: int | None
    """None where the table has no rows yet."""
    after: int


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What an upgrade of a dataset would do."""

    dataset: str
    held: Mapping[str, int]
    """The versions that the lock has now."""
    changes: Sequence[VersionChange]
    pinned: Sequence[str]
    """Profiles with the version that the recipe itself names: only a change of the recipe moves them."""
    files: Sequence[StaleFile]
    """Those with keys of another version than the table would hold."""

    @property
    def targets(self) -> dict[str, int]:
        """The versions to lock."""
        return {each.profile: each.after for each in self.changes}


async def plan_upgrade(
    store: ObjectStore, bucket: str, book: RecipeBook, dataset: str, profile: str | None
) -> Upgrade:
    """Compare the lock and the manifests of all files with the newest versions.

    Args:
        store: Where to look.
        bucket: The ingest bucket.
        book: The deployed recipes.
        dataset: Whose table.
        profile: Only this profile; by default all that the recipe names without a version.

    Raises:
        UnknownRecipe: no recipe makes the dataset. OperatorError: its recipe does not leave the version of
        this profile open. ProfileVersionUnknown: the table holds a later version than this release knows.
    """
    recipe = book.named(dataset)
    names = _names(recipe, profile)
    lock = await ProfileLock(store, bucket).read()
    held = lock.versions_of(recipe.dataset)
    resolved(recipe, held)  # a version that this release lacks is found here
    targets = {name: version for name, version in newest(names).items() if held.get(name) != version}
    upgraded = lock.with_versions(recipe.dataset, targets, "the plan", datetime.now(UTC))
    files = await outdated_files(store, bucket, book, upgraded, recipe.dataset)
    recorded = {} if recipe.dataset in lock.datasets else _recorded(files, recipe)
    before = {**recorded, **held}
    return Upgrade(
        dataset=recipe.dataset,
        held=held,
        changes=[VersionChange(name, before.get(name), version) for name, version in targets.items()],
        pinned=recipe.pinned_profiles,
        files=files,
    )


async def outdated_files(
    store: ObjectStore, bucket: str, book: RecipeBook, lock: LockDocument, dataset: str
) -> list[StaleFile]:
    """The stale files whose columns hold another profile version than the lock wants."""
    goal = book.named(dataset).under(lock.versions_of(dataset))
    days = await recorded_days(store, bucket)
    stale = await stale_files(store, bucket, days, book, lock, dataset)
    return [each for each in stale if any(_differs(curated, goal) for curated in each.changed)]


async def lock_upgrade(
    store: ObjectStore, bucket: str, upgrade: Upgrade, who: str, when: datetime
) -> LockDocument:
    """Lock the newest versions.

    Raises:
        OperatorError: the lock was changed since the upgrade was planned.
        ProfileLockContended: other writers were always faster.
    """

    async def change(document: LockDocument) -> LockDocument:
        if document.versions_of(upgrade.dataset) != upgrade.held:
            raise OperatorError(f"The versions of {upgrade.dataset} have just changed: look again.")
        return document.with_versions(upgrade.dataset, upgrade.targets, who, when)

    return await ProfileLock(store, bucket).change(change)


def _names(recipe: Recipe, profile: str | None) -> Sequence[str]:
    if profile is None:
        return recipe.unversioned_profiles
    name = profile_of(profile).name
    if name not in recipe.unversioned_profiles:
        raise OperatorError(
            f"The recipe of {recipe.dataset} does not leave the version of {name} open: change the recipe."
        )
    return (name,)


def _recorded(files: Sequence[StaleFile], recipe: Recipe) -> Mapping[str, int]:
    """The versions in the rows of a table that has no lock yet; the lowest where there are several."""
    found: dict[str, int] = {}
    for curated in (each for file in files for each in file.changed if each.dataset == recipe.dataset):
        for name, version in recorded_versions(curated, recipe).items():
            found[name] = min(version, found.get(name, version))
    return found


def _differs(curated: CuratedObject, goal: Recipe) -> bool:
    """Whether an object has a column that another version made than the one that the goal would use."""
    if curated.dataset != goal.dataset:
        return False
    for column, profile in goal.profile_by_column.items():
        if curated.profiles is not None:
            held = curated.profiles.get(column)
        else:
            held = f"{profile.partition('@')[0]}@1" if column in curated.columns else None
        if held not in (None, profile):
            return True
    return False
