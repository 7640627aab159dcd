"""The recipes of one file with the profile versions that their tables hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from services.normalizer.errors import ProfileVersionUnknown
from services.normalizer.locking.document import LockDocument
from services.normalizer.locking.lock import ProfileLock
from services.normalizer.locking.tables import TableVersions
from services.normalizer.matchkeys import UnknownProfile, profile_of
from services.normalizer.recipes import Recipe

_WHO = "normalizer"


@dataclass(frozen=True, slots=True)
class ProfileVersions:
    """Resolves recipes by the lock, and locks what has no entry in it before any row is made of it."""

    lock: ProfileLock
    tables: TableVersions

    async def resolve(self, recipes: Iterable[Recipe]) -> dict[str, Recipe]:
        """The recipes by dataset, each with the versions of the lock.

        Raises:
            ProfileVersionUnknown: the lock names a version that this release does not have.
            ProfileLockContended, ProfileLockUnreadable: see :class:`ProfileLock`.
        """
        by_dataset = {recipe.dataset: recipe for recipe in recipes}
        if not any(recipe.unversioned_profiles for recipe in by_dataset.values()):
            return by_dataset

        async def complete(document: LockDocument) -> LockDocument:
            for dataset, recipe in by_dataset.items():
                begun = await self._begun(recipe, document)
                if begun:
                    document = document.with_versions(dataset, begun, _WHO, datetime.now(UTC))
            return document

        document = await self.lock.change(complete)
        return {
            dataset: resolved(recipe, document.versions_of(dataset)) for dataset, recipe in by_dataset.items()
        }

    async def _begun(self, recipe: Recipe, document: LockDocument) -> Mapping[str, int]:
        """The versions to lock: of profiles that the recipe names and the lock does not."""
        known = document.versions_of(recipe.dataset)
        missing = [name for name in recipe.unversioned_profiles if name not in known]
        if not missing:
            return {}
        if recipe.dataset in document.datasets:
            return newest(missing)
        found = await self.tables.of(recipe.dataset)
        return newest(missing) if found is None else {name: found.get(name, 1) for name in missing}


def newest(names: Iterable[str]) -> dict[str, int]:
    """The newest versions of profiles."""
    return {name: profile_of(name).version for name in names}


def resolved(recipe: Recipe, versions: Mapping[str, int]) -> Recipe:
    """A recipe at a table's versions.

    Raises:
        ProfileVersionUnknown: this release does not have one of them.
    """
    at_versions = recipe.under(versions)
    try:
        at_versions.profile_by_column  # noqa: B018 - looks every version up
    except UnknownProfile as error:
        raise ProfileVersionUnknown(
            f"the table {recipe.dataset} holds a version that {error.message}"
        ) from None
    return at_versions
