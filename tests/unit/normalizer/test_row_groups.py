"""Row groups: as large as engines want them, of which columns hold each value once, with every value kept."""

from __future__ import annotations

import io

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.normalizer import rowgroups
from services.normalizer.recipes.model import Recipe
from services.normalizer.rowgroups import DICTIONARY_BYTES
from tests.unit.normalizer.normalizing import Outcome, recipe_of, run

PEOPLE = recipe_of("""
    Id: {type: bigint, required: true}
    Email: {hash: email}
    City: {hash: city, profiles: [plain, meta]}
    Plan: string
    Page: url
""")
WANTED = 400_000
NOTES = recipe_of("Id: {type: bigint, required: true}\nNote: string")


def people(rows: int) -> str:
    lines = (
        f"{at},p{at}@example.com,City {at % 20},plan-{at % 3},https://example.com/{at % 50}\n"
        for at in range(rows)
    )
    return "Id,Email,City,Plan,Page\n" + "".join(lines)


def footer(outcome: Outcome) -> pq.FileMetaData:
    return pq.read_metadata(io.BytesIO(outcome.parquet))


def sizes(outcome: Outcome) -> list[int]:
    """Bytes of each row group in the file."""
    groups = (footer(outcome).row_group(at) for at in range(footer(outcome).num_row_groups))
    return [
        sum(group.column(at).total_compressed_size for at in range(group.num_columns)) for group in groups
    ]


def encodings(outcome: Outcome, name: str) -> tuple[str, ...]:
    group = footer(outcome).row_group(0)
    columns = (group.column(at) for at in range(group.num_columns))
    return next(column.encodings for column in columns if column.path_in_schema == name)


def of_small_groups(monkeypatch: pytest.MonkeyPatch, recipe: Recipe, content: str) -> Outcome:
    monkeypatch.setattr(rowgroups, "ROW_GROUP_BYTES", WANTED)
    return run(content, recipe, piece_bytes=20_000)


def test_all_row_groups_but_the_last_are_of_the_size_in_the_file_that_is_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outcome = of_small_groups(monkeypatch, PEOPLE, people(20_000))

    *most, last = sizes(outcome)
    assert len(most) > 2
    assert all(WANTED * 0.9 <= size <= WANTED * 1.2 for size in most)
    assert last <= WANTED * 1.2


def test_a_file_of_less_has_one() -> None:
    assert len(sizes(run(people(10_000), PEOPLE, piece_bytes=20_000))) == 1


def test_rows_that_shrink_a_lot_do_not_wait_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rowgroups, "MOST_IN_MEMORY", 500_000)
    content = "Id,Note\n" + "7,\n" * 150_000

    assert len(sizes(of_small_groups(monkeypatch, NOTES, content))) > 2


def test_row_groups_are_cut_alike_in_every_run(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (of_small_groups(monkeypatch, PEOPLE, people(10_000)).parquet for _ in range(2))

    assert first == second


def test_digests_that_repeat_are_written_once_and_those_that_do_not_as_they_are() -> None:
    outcome = run(people(1000), PEOPLE)

    for name in ("city_plain", "city_meta", "plan", "page"):
        assert "RLE_DICTIONARY" in encodings(outcome, name)
    assert "RLE_DICTIONARY" not in encodings(outcome, "email_plain")


def test_the_columns_are_plain_texts_for_whoever_reads_the_file() -> None:
    schema = pq.read_schema(io.BytesIO(run(people(10), PEOPLE).parquet))

    assert {str(schema.field(name).type) for name in ("city_plain", "plan", "page")} == {"string"}


def test_no_value_is_lost_where_there_are_too_many_to_be_held_once() -> None:
    texts = [f"{at} {'long ' * 20}".strip() for at in range(DICTIONARY_BYTES // 80)]
    content = "Id,Note\n" + "".join(f"{at},{text}\n" for at, text in enumerate(texts * 2))

    assert run(content, NOTES, piece_bytes=500_000).column("note") == texts * 2


@settings(deadline=None)
@given(st.lists(st.sampled_from(["", "a", "b", "ß", "long " * 50]), max_size=60), st.integers(20, 200))
def test_every_value_is_where_it_was(texts: list[str], piece_bytes: int) -> None:
    content = "Id,Note\n" + "".join(f"{at},{text}\n" for at, text in enumerate(texts))

    assert run(content, NOTES, piece_bytes=piece_bytes).column("note") == [
        text.strip() or None for text in texts
    ]
