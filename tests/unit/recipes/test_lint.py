"""What is said of recipes that are allowed: what they do, and what may not be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.normalizer.recipes import Recipe, load_recipe, load_recipes
from services.normalizer.recipes.lint import ColumnReport, describe, notes, warnings
from services.normalizer.rejects import Damage
from tests.unit.normalizer.normalizing import recipe_of

FOLDER = Path(__file__).parents[3] / "recipes"
IN_FORCE = [*load_recipes(FOLDER), load_recipe(FOLDER / "templates" / "data_extension.yaml")]


def test_every_named_column_is_described_with_what_it_makes() -> None:
    recipe = recipe_of("""
        Id: {type: bigint, required: true}
        Key: {hash: identifier}
        Email: {hash: email, profiles: [plain, uid2]}
        Old: {hash: email, name: old, already_hashed: amazon}
        Ip: drop
    """)

    assert describe(recipe) == [
        ColumnReport("Id", "kept as bigint", ("id",)),
        ColumnReport("Key", "hashed as an identifier", ("key_hash",)),
        ColumnReport("Email", "hashed as email by plain@2, uid2@2", ("email_plain", "email_uid2")),
        ColumnReport("Old", "taken as hashed by amazon@2", ("old_amazon",)),
        ColumnReport("Ip", "dropped", ()),
    ]


def test_what_a_dropped_column_is_read_for_is_told() -> None:
    recipe = recipe_of(
        "Id: {type: bigint, required: true}\nPhone: {hash: phone, country: land}\nLand: drop\nKind: drop",
        filters="[{column: Kind, drop: [Test]}]",
        unique_by="[Id]",
    )

    assert {each.source: each.fate for each in describe(recipe)} == {
        "Id": "kept as bigint; read to leave out duplicates",
        "Phone": "hashed as phone by plain@2",
        "Land": "dropped; read as the row's country",
        "Kind": "dropped; read to leave out rows",
    }


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("FirstName: string", "FirstName: this is kept in the clear"),
        ("Home Phone: string", "Home Phone: this is kept in the clear"),
        ("UnsubReason: string", "UnsubReason: this is kept in the clear"),
        ("ReferringURL: string", "ReferringURL: a web address is kept with its query"),
        ("Größe: bigint", "Größe: in the table it is called gr_e"),
        ("Phone: {hash: phone}", "Phone: without `country`"),
        ("Mail: {hash: email, default_country: US}", "Mail: the country is not needed"),
    ],
)
def test_what_may_not_be_meant_is_said(column: str, words: str) -> None:
    recipe = recipe_of(f"Id: {{type: bigint, required: true}}\n{column}")

    assert [f"{doubt.source}: {doubt.text}"[: len(words)] for doubt in warnings(recipe)] == [words]


@pytest.mark.parametrize(("columns", "noted"), [(100, 0), (101, 1)])
def test_more_columns_than_an_allow_list_of_clean_rooms_names_are_noted(columns: int, noted: int) -> None:
    recipe = recipe_of(
        "\n".join([f"C{n}: bigint" for n in range(columns - 1)] + ["Id: {type: bigint, required: true}"])
    )

    assert len(notes(recipe)) == noted
    assert warnings(recipe) == []


@pytest.mark.parametrize("recipe", [pytest.param(recipe, id=recipe.dataset) for recipe in IN_FORCE])
def test_nothing_stands_out_in_the_built_in_recipes(recipe: Recipe) -> None:
    assert warnings(recipe) == []


@pytest.mark.parametrize("damage", Damage)
def test_the_page_for_writers_of_recipes_says_what_each_kind_of_damage_is(damage: Damage) -> None:
    assert f"| `{damage.value}` |" in (FOLDER.parent / "docs" / "recipes.md").read_text(encoding="utf-8")
