"""YAML that would take a parser hours, or all memory: refused in a moment, with its line."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from services.normalizer.errors import RecipeInvalid
from services.normalizer.recipes import load_recipe
from services.normalizer.recipes.loading import parse_recipe

HEAD = "dataset: things\nversion: 1\nmode: append\nmatch: [things]\n"
COLUMNS = "columns:\n  Id: {type: bigint, required: true}\n"
LARGE = 250_000
_SECONDS = 5.0  # of CPU; the slowest takes one, and those that expand without end never return


def nested_lists(levels: int, width: int) -> str:
    """Each level holds the one before, so many times."""
    lines = [f"a0: &a0 [{','.join('x' * width)}]\n"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * width)}]\n" for n in range(1, levels)]
    return "".join(lines)


def nested_merges(levels: int, width: int) -> str:
    lines = ["a0: &a0 {k0: 1}\n"]
    lines += [
        f"a{n}: &a{n} {{<<: [{','.join([f'*a{n - 1}'] * width)}], k{n}: 1}}\n" for n in range(1, levels)
    ]
    return "".join(lines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(nested_lists(9, 10) + HEAD + COLUMNS, "more than", id="nested aliases"),
        pytest.param(nested_lists(18, 2) + HEAD + COLUMNS, "more than", id="nested pairs of aliases"),
        pytest.param(nested_lists(40, 1) + HEAD + COLUMNS, "too deeply", id="a chain of aliases"),
        pytest.param(nested_merges(9, 8) + HEAD + COLUMNS, "more than", id="nested merge keys"),
        pytest.param(nested_merges(40, 1) + HEAD + COLUMNS, "too deeply", id="a chain of merge keys"),
        pytest.param(HEAD + f"unique_by: [&a Id{', *a' * 51}]\n" + COLUMNS, "50 aliases", id="many aliases"),
        pytest.param(
            f"a: &a [{'x,' * 9000}]\nb: [*a, *a]\n" + HEAD + COLUMNS, "20,000 values", id="a long list twice"
        ),
        pytest.param(
            HEAD + COLUMNS + "  X: &x {aliases: [*x]}\n", "holds itself", id="an alias inside its anchor"
        ),
        pytest.param("[" * LARGE, "too deeply", id="brackets"),
        pytest.param("{a: " * (LARGE // 4), "too deeply", id="braces"),
        pytest.param("- " * (LARGE // 2), "too deeply", id="dashes"),
        pytest.param("? " * (LARGE // 2), "too deeply", id="complex keys"),
        pytest.param(HEAD + f"x: [{'1,' * 100_000}]\n", "20,000 values", id="many values"),
        pytest.param(HEAD.replace(" 1", f" {'1' * LARGE}") + COLUMNS, "too long", id="a long number"),
        pytest.param(HEAD.replace(" 1", f" 0x{'f' * LARGE}") + COLUMNS, "too long", id="a long hex number"),
        pytest.param(
            HEAD.replace(" 1", f" 1{':1' * (LARGE // 2)}") + COLUMNS, "too long", id="a long sexagesimal"
        ),
        pytest.param(HEAD + COLUMNS + "---\nx: 1\n" * 20_000, "single document", id="many documents"),
        pytest.param(
            HEAD + COLUMNS + "".join(f"  X{n}: bogus\n" for n in range(9000)), "more faults", id="many faults"
        ),
        pytest.param(HEAD + COLUMNS + f"  X: {'a' * LARGE}\n", "aaa …", id="a long value that is wrong"),
    ],
)
def test_what_is_too_much_is_refused_in_a_moment_and_in_a_few_words(text: str, words: str) -> None:
    began = time.process_time()
    with pytest.raises(RecipeInvalid) as caught:
        parse_recipe(text, "things.yaml")

    assert time.process_time() - began < _SECONDS
    assert words in caught.value.message
    assert max(map(len, caught.value.message.splitlines())) < 1000


@pytest.mark.parametrize("size", [256 * 1024 + 1, 300_000_000])
def test_a_large_file_is_refused_without_reading_it(tmp_path: Path, size: int) -> None:
    path = tmp_path / "things.yaml"
    with path.open("wb") as file:
        file.truncate(size)

    with pytest.raises(RecipeInvalid, match=r"things\.yaml: this is larger than 256 KiB"):
        load_recipe(path)


def test_a_recipe_of_a_thousand_columns_with_a_few_aliases_is_within_the_limits() -> None:
    columns = "".join(f"  Field{n}: {{type: string, aliases: [F{n}, CD_F{n}]}}\n" for n in range(1000))
    merged = "".join(f"  Day{n}: {{<<: *day, name: d{n}}}\n" for n in range(20))
    text = HEAD + COLUMNS + "  Day: &day {type: date, format: ['%Y-%m-%d']}\n" + columns + merged

    assert len(parse_recipe(text, "wide.yaml").columns) == 1022
