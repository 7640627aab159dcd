"""Files whose rows another recipe made than the one that is deployed are found by fingerprint."""

from __future__ import annotations

from datetime import date

from landfall.operating.replay_selection import plan_stale
from landfall.operating.stale import StaleFile, stale_files, totals
from services.normalizer.recipes import RecipeBook, load_recipes
from services.normalizer.settings import BUILT_IN_RECIPES
from shared.stages import Stage
from tests.doubles.s3 import InMemoryS3
from tests.histories import History

RECIPES: RecipeBook = load_recipes(BUILT_IN_RECIPES)
CURRENT = RECIPES.named("subscribers").fingerprint


async def stale(s3: InMemoryS3, file: History, dataset: str | None = None) -> list[StaleFile]:
    return await stale_files(s3.store(), "ingest", [file.file.landing_date], RECIPES, dataset)


def normalized(
    fingerprint: str, unmatched: tuple[str, ...] = (), pepper_version: str | None = None
) -> History:
    file = History(InMemoryS3())
    file.decrypt()
    file.normalize(recipe_fingerprint=fingerprint, unmatched=unmatched, pepper_version=pepper_version)
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
    fingerprint = RECIPES.named("subscribers").fingerprint_under("rotated away")
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
