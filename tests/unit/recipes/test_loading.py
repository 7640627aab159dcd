"""Recipes that are wrong: refused with the file, the line and what is wrong there."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.normalizer.errors import RecipeInvalid
from services.normalizer.recipes import load_recipe, load_recipes
from services.normalizer.recipes.loading import parse_recipe

HEAD = "dataset: things\nversion: 1\nmode: append\nmatch: [things]\n"
COLUMNS = "columns:\n  Id: {type: bigint, required: true}\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        pytest.param(HEAD + COLUMNS + "  X: int\n", 7, "columns.X", id="an unknown type"),
        pytest.param(HEAD + COLUMNS + "  X: decimal\n", 7, "in quotes", id="a decimal of no size"),
        pytest.param(
            HEAD + COLUMNS + "  X: {type: decimal(9,2)}\n", 7, "in quotes", id="a decimal cut in two"
        ),
        pytest.param(HEAD + COLUMNS + "  X: decimal(39,0)\n", 7, "at most 38", id="a long decimal"),
        pytest.param(HEAD + COLUMNS + "  X: decimal(2,3)\n", 7, "behind its point", id="a small decimal"),
        pytest.param(HEAD + COLUMNS + "  X: {}\n", 7, "Say `drop`", id="a column without a fate"),
        pytest.param(HEAD + COLUMNS + "  X:\n    type: date\n    hide: 1\n", 9, "hide", id="an unknown key"),
        pytest.param(HEAD + COLUMNS + "  X: {hash: emial}\n", 7, "no field 'emial'", id="an unknown field"),
        pytest.param(
            HEAD + COLUMNS + "  X: {hash: email, profiles: [plain, sha]}\n",
            7,
            "'sha'",
            id="an unknown profile",
        ),
        pytest.param(
            HEAD + COLUMNS + "  X: {hash: city, profiles: [google]}\n", 7, "google@2", id="undefined"
        ),
        pytest.param(
            HEAD + COLUMNS + "  X: {hash: identifier, profiles: [plain]}\n", 7, "identifier", id="identifier"
        ),
        pytest.param(
            HEAD + COLUMNS + "  X: {hash: email, already_hashed: plain, profiles: [uid2]}\n",
            7,
            "already",
            id="both",
        ),
        pytest.param(
            HEAD + COLUMNS + "  X: {type: bigint, format: '%Y-%m-%d'}\n", 7, "no format", id="a format"
        ),
        pytest.param(
            HEAD + COLUMNS + "  X: {type: date, format: '%Y-%m'}\n", 7, "year, month and day", id="no day"
        ),
        pytest.param(HEAD + COLUMNS + "  X: {type: date, time_zone: UTC}\n", 7, "no time zone", id="a zone"),
        pytest.param(
            HEAD + COLUMNS + "  X: {type: timestamp, time_zone: Mars/Base}\n", 7, "offset", id="no such zone"
        ),
        pytest.param(HEAD + COLUMNS + "  ID: drop\n", 7, "also a name", id="one column twice"),
        pytest.param(HEAD + COLUMNS + "  Id: drop\n", 7, "stands twice", id="one key twice"),
        pytest.param(
            HEAD + COLUMNS + "  X: {type: date, name: id}\n", 7, "two output", id="one output twice"
        ),
        pytest.param(HEAD + COLUMNS + "  X: {type: date, name: Größe}\n", 7, "a-z", id="an impossible name"),
        pytest.param(
            HEAD + COLUMNS + "  X: {type: date, name: ingest_date}\n",
            7,
            "partition key",
            id="a reserved name",
        ),
        pytest.param(HEAD + "columns:\n  Id: bigint\n", 6, "required", id="nothing required"),
        pytest.param(HEAD + "columns: {}\n", 5, "not be empty", id="no columns"),
        pytest.param(HEAD.replace("append", "replace") + COLUMNS, 3, "mode", id="an unknown mode"),
        pytest.param(HEAD.replace("[things]", "[things.csv]") + COLUMNS, 4, "word of letters", id="no word"),
        pytest.param(
            HEAD.replace("version: 1\n", "") + COLUMNS, 1, "version: this must be given", id="no version"
        ),
        pytest.param(HEAD + "delimiter: space\n" + COLUMNS, 5, "delimiter", id="an unknown delimiter"),
        pytest.param(HEAD + "max_rejected: 5\n" + COLUMNS, 5, "less than or equal to 1", id="no share"),
        pytest.param(
            HEAD.replace("append", "snapshot") + "min_rows_share: 1.1\n" + COLUMNS,
            5,
            "less than or equal to 1",
            id="more rows than the current snapshot",
        ),
        pytest.param(HEAD + "min_rows_share: 0\n" + COLUMNS, 5, "only a snapshot", id="rows are added"),
        pytest.param(HEAD + COLUMNS + "unique_by: [X]\n", 7, "'X'", id="an unknown key column"),
        pytest.param(
            HEAD + COLUMNS + "filters:\n  - {column: Id, keep: ['1'], drop: ['2']}\n",
            8,
            "either",
            id="filter",
        ),
        pytest.param(
            HEAD + COLUMNS + "filters:\n  - {column: X, keep: ['1']}\n",
            8,
            "'X'",
            id="an unknown filter column",
        ),
        pytest.param(
            HEAD + COLUMNS + "  X: {hash: phone, default_country: Narnia}\n", 7, "no country", id="no country"
        ),
        pytest.param(
            HEAD + COLUMNS + "  X: {hash: email, type: date}\n", 7, "columns.X.hash", id="two fates"
        ),
        pytest.param(HEAD + COLUMNS + "  '?': bigint\n", 7, "neither letter nor digit", id="no name"),
        pytest.param(HEAD + COLUMNS + "---\nx: 1\n", 7, "single document", id="two documents"),
        pytest.param(HEAD + "columns: [Id\n", 6, "expected", id="no YAML"),
        pytest.param("- 1\n", 1, "mapping", id="a list"),
        pytest.param(
            HEAD.replace("version: 1", "version: 2024-99-99") + COLUMNS, 2, "no timestamp", id="no day"
        ),
        pytest.param(
            HEAD + COLUMNS + "filters:\n  - {column: Id, drop: [0000-00-00]}\n", 8, "in quotes", id="day 0"
        ),
        pytest.param(
            HEAD + COLUMNS + "filters:\n  - {column: Id, drop: [0b_]}\n", 8, "no int", id="no number"
        ),
        pytest.param(HEAD + COLUMNS + "  X: &x [*x]\n", 7, "'*x' holds itself", id="what holds itself"),
        pytest.param(HEAD + COLUMNS + "  X: " + "[" * 3000 + "\n", 7, "too deeply", id="3,000 brackets"),
        pytest.param(HEAD + COLUMNS + "  X: " + "{a: " * 3000 + "\n", 7, "too deeply", id="3,000 braces"),
        pytest.param(
            HEAD.replace("dataset: things", "dataset: My-Things") + COLUMNS,
            1,
            "(the dataset names the table)",
            id="an impossible dataset",
        ),
    ],
)
def test_a_wrong_recipe_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(RecipeInvalid) as caught:
        parse_recipe(text, "things.yaml")

    assert caught.value.message.startswith(f"things.yaml:{line}: ")
    assert words in caught.value.message


def test_where_a_list_holds_one_text_it_needs_no_brackets() -> None:
    bare = parse_recipe(
        HEAD.replace("[things]", "things") + COLUMNS + "  X: {hash: email, profiles: plain}\nunique_by: Id\n",
        "a",
    )
    in_brackets = parse_recipe(
        HEAD + COLUMNS + "  X: {hash: email, profiles: [plain]}\nunique_by: [Id]\n", "a"
    )

    assert bare == in_brackets


@pytest.mark.parametrize("name", ["On", "No", "yes", "null", "2026", "1.50", "2024-99-99"])
def test_a_column_is_named_by_the_text_of_its_key(name: str) -> None:
    recipe = parse_recipe(HEAD + COLUMNS + f"  {name}: {{type: string, name: x}}\n", "a")

    assert list(recipe.columns) == ["Id", name]


def test_a_fault_in_a_column_is_told_by_the_name_that_was_written() -> None:
    with pytest.raises(RecipeInvalid, match=r"^r\.yaml:7: columns\.No\."):
        parse_recipe(HEAD + COLUMNS + "  No: int\n", "r.yaml")


def test_columns_may_stand_under_an_anchor_and_be_merged() -> None:
    recipe = parse_recipe(HEAD + "columns:\n  Id: &id {type: bigint, required: true}\n  X: {<<: *id}\n", "a")

    assert recipe.columns["Id"] == recipe.columns["X"]


def test_a_recipe_may_make_more_columns_than_an_allow_list_of_clean_rooms_names() -> None:
    recipe = parse_recipe(HEAD + COLUMNS + "".join(f"  X{n}: bigint\n" for n in range(1000)), "wide.yaml")

    assert len(recipe.arrow_schema) == 1001


def test_every_fault_has_a_line_of_its_own() -> None:
    with pytest.raises(RecipeInvalid) as caught:
        parse_recipe(HEAD.replace("append", "x") + COLUMNS + "  X: int\n", "r.yaml")

    assert [message.split(": ")[0] for message in caught.value.message.splitlines()] == [
        "r.yaml:3",
        "r.yaml:7",
    ]


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"\xff"])
def test_a_file_that_holds_no_recipe_is_refused_by_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "things.yaml"
    path.write_bytes(content)

    with pytest.raises(RecipeInvalid, match=r"things\.yaml"):
        load_recipe(path)


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(RecipeInvalid, match=r"things\.yaml: No such file"):
        load_recipe(tmp_path / "things.yaml")


def test_a_folder_without_recipes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeInvalid, match="no recipe"):
        load_recipes(tmp_path)
