"""An object that another run put first is kept, and described by what it tells of itself."""

from __future__ import annotations

import io

import pyarrow.parquet as pq
import pytest

from services.normalizer.errors import NoRecipe
from services.normalizer.gluetypes import glue_columns
from services.normalizer.recipes import Recipe
from shared.manifests import CuratedObject
from tests.unit.normalizer.decrypted import Normalizing
from tests.unit.normalizer.normalizing import recipe_of

KEY = "SendID: {type: string, required: true}"
FORMER = recipe_of(f"{KEY}\nKey: {{hash: identifier}}")
WIDER = recipe_of(f"{KEY}\nKey: {{hash: identifier}}\nExtra: string", version="2")
NARROWER = recipe_of(KEY, version="2")
RETYPED = recipe_of(f"{KEY}\nKey: string", version="2")
CLICKS = recipe_of(KEY, dataset="clicks", match="[clicks]")
OTHER = recipe_of(KEY, dataset="other", match="[other]")
CLICKS_MOVED = recipe_of(KEY, dataset="clicks_moved", match="[clicks]", version="2")


def columns_there(file: Normalizing, curated: CuratedObject) -> dict[str, str]:
    parquet = file.s3.objects[curated.object.bucket, curated.object.key]
    return glue_columns(pq.read_schema(io.BytesIO(parquet)))


@pytest.mark.parametrize("pepper", [None, "p1"])
@pytest.mark.parametrize("recipe", [WIDER, NARROWER, RETYPED], ids=["wider", "narrower", "retyped"])
async def test_what_another_recipe_put_is_described_as_that_recipe_described_it(
    recipe: Recipe, pepper: str | None
) -> None:
    file = Normalizing()
    await file.run(FORMER, pepper=pepper)
    described = file.manifest()
    file.forget_manifest()
    await file.run(recipe, receives=2, pepper="p2")
    (curated,) = file.manifest().curated
    without_sum = described.curated[0].object.model_copy(update={"sha256": None})
    assert curated == described.curated[0].model_copy(update={"object": without_sum})
    assert curated.columns == columns_there(file, curated)
    assert file.manifest().fingerprint == described.fingerprint
    assert file.manifest().warnings == described.warnings


async def test_where_one_of_two_members_goes_elsewhere_each_is_described_by_what_made_it() -> None:
    file = Normalizing("things.csv", "clicks.csv")
    await file.run(FORMER, CLICKS)
    file.forget_manifest()
    await file.run(WIDER, CLICKS_MOVED, receives=2)
    things, clicks = file.manifest().curated
    assert (things.recipe, clicks.recipe) == ("things@1", "clicks_moved@2")
    for each in (things, clicks):
        assert each.columns == columns_there(file, each)
    assert things.recipe_fingerprint == FORMER.fingerprint
    assert clicks.recipe_fingerprint == CLICKS_MOVED.fingerprint
    assert {key for bucket, key in file.s3.objects if bucket == "curated"} == {
        things.object.key,
        clicks.object.key,
    }


async def test_where_another_recipe_changed_only_the_other_member_the_description_is_ours_exactly() -> None:
    file = Normalizing("things.csv", "clicks.csv")
    await file.run(FORMER, CLICKS)
    file.forget_manifest()
    await file.run(FORMER, CLICKS_MOVED, receives=2)
    things, _ = file.manifest().curated
    assert (things.recipe, things.recipe_fingerprint) == ("things@1", FORMER.fingerprint)


async def test_a_failure_for_good_leaves_rows_that_another_worker_may_be_about_to_commit() -> None:
    """docs/decisions/0003: nobody can tell, and a manifest for rows that are gone could not be taken back."""
    file = Normalizing("things.csv", "clicks.csv")
    await file.run(FORMER, CLICKS)
    things, clicks = file.manifest().curated
    file.forget_manifest()
    del file.s3.versions["curated", clicks.object.key]  # the worker was killed between the two
    with pytest.raises(NoRecipe):
        await file.run(OTHER, receives=2)
    assert [key for bucket, key in file.s3.objects if bucket == "curated"] == [things.object.key]
    await file.run(FORMER, CLICKS, receives=3)
    adopted, _ = file.manifest().curated
    assert adopted.object.version_id == things.object.version_id


@pytest.mark.parametrize(
    ("options", "share"),
    [
        ({"mode": "append"}, None),
        ({"mode": "snapshot"}, 0.5),
        ({"mode": "snapshot", "min_rows_share": "0.9"}, 0.9),
        ({"mode": "snapshot", "min_rows_share": "0"}, 0),
    ],
)
async def test_a_snapshot_is_described_with_the_share_of_rows_that_its_recipe_asks_for(
    options: dict[str, str], share: float | None
) -> None:
    file = Normalizing()

    await file.run(recipe_of(KEY, **options))

    assert file.curated().min_rows_share == share
