"""Fingerprints change with what decides the rows, and with nothing else.

A changed one marks every file that the recipe made as stale, in every deployment.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from services.normalizer.matchkeys import FIRST_VERSIONS, NEWEST_VERSIONS
from services.normalizer.recipes import Recipe
from services.normalizer.recipes.fates import Drop, Hash, Keep
from services.normalizer.recipes.fingerprints import FingerprintedModel, fingerprint_content
from services.normalizer.recipes.loading import load_recipe, parse_recipe
from services.normalizer.recipes.model import RowFilter

RECIPES = Path(__file__).parents[3] / "recipes"
HEAD = "dataset: things\nversion: 1\nmode: snapshot\nmatch: [things]\n"
COLUMNS = "columns:\n  Id: {type: bigint, required: true}\n"

FINGERPRINTS = {
    "attributes": "883c5f4ab081fa104d150ef5d4c1e685390ec819570cbfce0263d5d92fb87fce",
    "bounces": "4580458a1b73590c6c976fc28061c03be310aad5ccc38aa7954b9a102fc7584f",
    "click_impression": "1a355b42c92d27bcccc0d051068cb9e4de1aaef1f4c0e4833b10f4a817efbe1c",
    "clicks": "4cc90ed29962ea6a32238953b2d757cec3db8d22ee292631228d5cae4a586bcb",
    "complaints": "3e2c88a09feafbb1f8851ad24805825a305ef589465f89598fd396a158246659",
    "conversions": "1df733ef2136450b123c8b1d0e58c99cadf0876c2f307d04213c1d27f94ee602",
    "list_membership": "11e9ed269afcb2ae1614703e0367a005e646a3d3fdeee6ed1559ce46434a8b95",
    "lists": "51e7e5fb50f89be8fd5020270cfa2ef2b3fe3bd63b3523d8d3a9262c362e4a0f",
    "multiple_data_extension_send_lists": "e2b0279e8bccd8b84d4c2abedc1342139ae2ff651831ec1660d959fa2e618bec",
    "not_sent": "fc7c5f7faa626402e8df406be67573c33185d158e5e0c11e745d3fbe684d5caf",
    "opens": "c7b4a7f8da2fd22dd3227d176bfc3bdb7229c6fcc9d1c6a0b1a22c8274d1d14d",
    "send_impression": "7eb5df6981273fe7add97c453ba5ac5553b15be00ab2c6c692871c2640df01e7",
    "send_job_impression": "3b80cedfb2452707a524f690819be360e166447418fa479a4ea6bf38c95be436",
    "send_jobs": "2a235eccee15c8b9232b294b9f85c4cad18ecd7b37609b33f2b060b31d66ebb3",
    "sent": "77a6727a1011852fadbae128326025feaecdca5e29a46509f42c5e8c5fd983f7",
    "status_change": "45e5b58917b79dd93e8d1fb57767fd012e0295d08219f3960320e2e5e5f2f934",
    "subscribers": "1fb95ccd8fd426eb37c9198b69656c208dc23dd9470e7f6afe72811271a19841",
    "surveys": "111a5fbf7a9731611658909818af9a3c2a00f9ae4b1b87240db3acc1c65cb721",
    "unsubs": "c3b1cdafa04cfd663d28384f170d5bb9d320f1d74d72029f4050e9e1ff77bc64",
}
"""Renew one only where the rows of its dataset change: by its recipe, ``ENGINE_VERSION`` or another version
of the phone library. A new option of recipes must leave all of them as they are.
"""


def test_every_built_in_recipe_is_pinned() -> None:
    assert FINGERPRINTS.keys() == {path.stem for path in RECIPES.glob("*.yaml")}


@pytest.mark.parametrize("dataset", FINGERPRINTS)
def test_a_built_in_recipe_under_the_first_versions_keeps_its_fingerprint(dataset: str) -> None:
    recipe = load_recipe(RECIPES / f"{dataset}.yaml").under(FIRST_VERSIONS)

    assert recipe.fingerprint == FINGERPRINTS[dataset]


def test_the_version_of_a_profile_changes_profiles_and_fingerprint_where_the_recipe_names_none() -> None:
    head = "dataset: t\nversion: 1\nmode: append\nmatch: [t]\ncolumns:\n"
    open_ = parse_recipe(head + "  E: {hash: email, profiles: [plain, uid2@1], required: true}\n", "t")
    first, newest = open_.under(FIRST_VERSIONS), open_.under(NEWEST_VERSIONS)

    assert first.profiles == ("plain@1", "uid2@1")
    assert newest.profiles == (f"plain@{NEWEST_VERSIONS['plain']}", "uid2@1")
    assert newest.fingerprint != first.fingerprint
    assert newest.under(FIRST_VERSIONS).fingerprint == first.fingerprint
    assert newest.arrow_schema == first.arrow_schema


class _NewerKeep(Keep):
    placeholder: str = ""


class _NewerRecipe(Recipe):
    guard: Literal["on", "off"] = "on"
    limits: tuple[int, ...] = ()


@pytest.mark.parametrize(
    ("options", "enters"),
    [
        ({}, False),
        ({"guard": "on", "limits": []}, False),
        ({"guard": "off"}, True),
        ({"limits": [1]}, True),
        ({"min_rows_share": 0.9}, False),
    ],
)
def test_a_new_option_enters_only_with_another_value_than_its_default(
    options: dict[str, object], enters: bool
) -> None:
    before = parse_recipe(HEAD + COLUMNS, "a")
    after = _NewerRecipe.model_validate(before.model_dump(exclude_unset=True) | options)

    assert (after.fingerprint != before.fingerprint) == enters


@pytest.mark.parametrize(("value", "enters"), [("", False), ("-", True)])
def test_a_new_option_of_a_column_enters_only_with_another_value_than_its_default(
    value: str, enters: bool
) -> None:
    before = Keep.model_validate({"type": "string"})
    after = _NewerKeep.model_validate({"type": "string", "placeholder": value})

    assert (fingerprint_content(after) != fingerprint_content(before)) == enters


@pytest.mark.parametrize("model", [Recipe, RowFilter, Keep, Hash, Drop])
def test_what_always_enters_and_what_never_does_are_options(model: type[FingerprintedModel]) -> None:
    assert model.always_in_fingerprint <= model.model_fields.keys()
    assert model.never_in_fingerprint <= model.model_fields.keys()
    assert not model.always_in_fingerprint & model.never_in_fingerprint


def test_the_fingerprint_knows_the_pepper_where_it_makes_a_difference() -> None:
    keyed = parse_recipe(HEAD + COLUMNS + "  Key: {hash: identifier}\n", "a")
    plain = parse_recipe(HEAD + COLUMNS + "  Mail: {hash: email}\n", "a")

    assert len({keyed.fingerprint_under(version) for version in (None, "one", "two")}) == 3
    assert {plain.fingerprint_under(version) for version in (None, "one", "two")} == {plain.fingerprint}


def test_the_fingerprint_changes_with_the_content_and_not_with_the_spelling() -> None:
    recipe = parse_recipe(HEAD + COLUMNS, "a")
    respelt = parse_recipe(HEAD + "columns: {'Id': {required: yes, type: 'bigint'}} # same\n", "b")
    changed = parse_recipe(HEAD.replace("version: 1", "version: 2") + COLUMNS, "a")

    assert recipe.fingerprint == respelt.fingerprint != changed.fingerprint


@pytest.mark.parametrize("versions", [FIRST_VERSIONS, NEWEST_VERSIONS])
def test_how_digits_are_read_enters_only_where_a_recipe_says_it(versions: dict[str, int]) -> None:
    head = "dataset: t\nversion: 1\nmode: append\nmatch: [t]\ncolumns:\n"
    implicit, *explicit = (
        parse_recipe(head + f"  P: {{hash: phone, required: true, default_country: US{more}}}\n", "t")
        .under(versions)
        .fingerprint
        for more in ("", ", digits: own_code", ", digits: international")
    )

    assert len({implicit, *explicit}) == 3
