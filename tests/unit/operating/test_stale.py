"""Files whose rows another recipe made than the one that is deployed are found by fingerprint."""

from __future__ import annotations

from datetime import date

import pytest

from landfall.operating.replay_selection import plan_stale
from landfall.operating.stale import StaleFile, stale_files, totals
from services.normalizer.errors import ProfileVersionUnknown
from services.normalizer.locking.document import LockDocument
from services.normalizer.matchkeys import FIRST_VERSIONS, NEWEST_VERSIONS
from services.normalizer.recipes import RecipeBook, load_recipes
from services.normalizer.settings import BUILT_IN_RECIPES
from shared.stages import Stage
from tests.doubles.s3 import EPOCH, InMemoryS3
from tests.histories import History

RECIPES: RecipeBook = load_recipes(BUILT_IN_RECIPES)
SUBSCRIBERS = RECIPES.named("subscribers").under(FIRST_VERSIONS)
CURRENT = SUBSCRIBERS.fingerprint


async def stale(
    s3: InMemoryS3, file: History, dataset: str | None = None, lock: LockDocument | None = None
) -> list[StaleFile]:
    days = [file.file.landing_date]
    return await stale_files(s3.store(), "ingest", days, RECIPES, lock or LockDocument(), dataset)


def normalized(
    fingerprint: str,
    unmatched: tuple[str, ...] = (),
    pepper_version: str | None = None,
    profiles: dict[str, str] | None = None,
) -> History:
    file = History(InMemoryS3())
    file.decrypt()
    file.normalize(
        recipe_fingerprint=fingerprint,
        unmatched=unmatched,
        pepper_version=pepper_version,
        profiles=profiles,
    )
    file.catalog()
    file.archive()
    return file


async def test_a_file_of_an_older_recipe_is_stale_and_tells_how_much_it_is() -> None:
    file = normalized("older")
    (found,) = await stale(file.s3, file)
    assert (found.found.file_id, found.datasets) == (file.file_id, ("subscribers",))
    assert totals([found]) == {"files": 1, "rows": 5, "bytes": 4}


async def test_a_stale_file_is_found_whenever_it_landed_unless_days_are_given() -> None:
    file = normalized("older")
    store = file.s3.store()
    planned = await plan_stale(store, "ingest", None, None, BUILT_IN_RECIPES)
    assert [plan.file.file_id for plan in planned.plans] == [file.file_id]
    of_another_day = await plan_stale(store, "ingest", None, [date(2026, 2, 1)], BUILT_IN_RECIPES)
    assert of_another_day.plans == []


async def test_a_file_of_the_deployed_recipe_is_not() -> None:
    file = normalized(CURRENT)
    assert await stale(file.s3, file) == []


async def test_nor_is_one_of_the_deployed_recipe_under_whichever_pepper() -> None:
    fingerprint = SUBSCRIBERS.fingerprint_under("rotated away")
    file = normalized(fingerprint, pepper_version="rotated away")
    assert await stale(file.s3, file) == []


async def test_one_of_an_older_recipe_is_stale_under_a_pepper_too() -> None:
    file = normalized("older", pepper_version="current")
    assert len(await stale(file.s3, file)) == 1


async def test_a_member_that_had_no_recipe_and_has_one_now_makes_its_file_stale() -> None:
    file = normalized(CURRENT, unmatched=("Bounces.csv", "Unheard-of.csv"))
    (found,) = await stale(file.s3, file)
    assert found.datasets == ("bounces",)


async def test_a_dataset_leaves_the_others_out() -> None:
    file = normalized("older")
    assert await stale(file.s3, file, "bounces") == []
    assert len(await stale(file.s3, file, "subscribers")) == 1


async def test_a_file_that_is_being_normalised_already_is_not_asked_for_again() -> None:
    file = normalized("older")
    file.open(1, Stage.NORMALIZE)
    assert await stale(file.s3, file) == []


async def test_the_newest_generation_is_what_counts() -> None:
    file = normalized("older")
    file.open(1, Stage.NORMALIZE)
    file.normalize(1, recipe_fingerprint=CURRENT, upstream=0)
    assert await stale(file.s3, file) == []


UPGRADED = LockDocument().with_versions("subscribers", NEWEST_VERSIONS, "ada", EPOCH)


async def test_a_file_with_older_profile_versions_is_stale_once_its_table_was_upgraded() -> None:
    file = normalized(CURRENT)
    held = LockDocument().with_versions("subscribers", FIRST_VERSIONS, "normalizer", EPOCH)
    assert await stale(file.s3, file, lock=held) == []
    assert len(await stale(file.s3, file, lock=UPGRADED)) == 1


async def test_the_upgrade_of_another_table_changes_nothing() -> None:
    file = normalized(CURRENT)
    other = LockDocument().with_versions("sent", NEWEST_VERSIONS, "ada", EPOCH)
    assert await stale(file.s3, file, lock=other) == []


async def test_without_a_lock_a_table_keeps_the_versions_that_its_manifests_record() -> None:
    newest = NEWEST_VERSIONS["plain"]
    fingerprint = RECIPES.named("subscribers").under(NEWEST_VERSIONS).fingerprint
    file = normalized(fingerprint, profiles={"email_plain": f"plain@{newest}"})
    assert await stale(file.s3, file) == []


async def test_a_lock_of_a_later_release_is_not_guessed_at() -> None:
    file = normalized(CURRENT)
    later = LockDocument().with_versions("subscribers", {"plain": 99}, "ada", EPOCH)
    with pytest.raises(ProfileVersionUnknown):
        await stale(file.s3, file, lock=later)
