"""The object that is written: its schema, its row groups, its footer."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.normalizer.account import Account
from services.normalizer.errors import AccountMismatch, AccountMissing
from services.normalizer.parquet import Footer, ParquetSink, read_footer
from services.normalizer.recipes.model import Recipe
from tests.unit.normalizer.normalizing import Outcome, WriteOnly, recipe_of, run

ALL_TYPES = """
    S: {type: string, required: true}
    U: url
    I: bigint
    D: double
    B: boolean
    Day: date
    T: timestamp
    E: {hash: email}
    K: {hash: identifier}
"""


def footer(outcome: Outcome) -> pq.FileMetaData:
    return pq.read_metadata(io.BytesIO(outcome.parquet))


def test_the_schema_is_the_recipes_whatever_the_file_has() -> None:
    recipe = recipe_of(ALL_TYPES)
    expected = {
        "s": pa.string(),
        "u": pa.string(),
        "i": pa.int64(),
        "d": pa.float64(),
        "b": pa.bool_(),
        "day": pa.date32(),
        "t": pa.timestamp("ms", tz="UTC"),
        "email_plain": pa.string(),
        "k_hash": pa.string(),
    }

    for content in ("", "S\n", "S\na\n", "K,S,E,T\n1,a,b,c\n"):
        schema = pq.read_schema(io.BytesIO(run(content, recipe).parquet))
        assert {field.name: field.type for field in schema} == expected


def test_every_column_is_compressed_with_snappy() -> None:
    group = footer(run("S\na\n", recipe_of(ALL_TYPES))).row_group(0)

    assert {group.column(at).compression for at in range(group.num_columns)} == {"SNAPPY"}


def test_the_footer_says_how_the_rows_were_made() -> None:
    recipe = recipe_of(ALL_TYPES, version="7")

    metadata = footer(run("S\na\n", recipe)).metadata or {}

    assert metadata[b"landfall.dataset"] == b"things"
    assert metadata[b"landfall.recipe"] == b"things@7"
    assert metadata[b"landfall.fingerprint"].decode() == recipe.fingerprint
    assert metadata[b"landfall.profiles"] == b"plain@2"


def test_the_footer_names_the_version_of_the_pepper_and_not_the_pepper() -> None:
    recipe = recipe_of("S: {type: string, required: true}\nK: {hash: identifier}")
    outcome = run("S,K\na,k\n", recipe, pepper=b"the pepper itself")

    metadata = footer(outcome).metadata or {}

    assert metadata[b"landfall.pepper"] == b"pepper-v1"
    assert metadata[b"landfall.fingerprint"].decode() == recipe.fingerprint_under("pepper-v1")
    assert b"the pepper itself" not in outcome.parquet


def test_where_no_pepper_made_a_difference_none_is_named() -> None:
    with_identifier = recipe_of("S: {type: string, required: true}\nK: {hash: identifier}")
    without = recipe_of("S: {type: string, required: true}\nE: {hash: email}")

    for outcome in (run("S\na\n", with_identifier), run("S\na\n", without, pepper=b"secret")):
        assert b"landfall.pepper" not in (footer(outcome).metadata or {})


@pytest.mark.parametrize("pepper", [None, b"secret"])
def test_the_footer_read_back_tells_of_all_that_was_written(pepper: bytes | None) -> None:
    recipe = recipe_of(ALL_TYPES + "\nM: decimal(12,2)", version="7")
    outcome = run("S,New,I\na,x,\n", recipe, pepper=pepper)

    told = read_footer(io.BytesIO(outcome.parquet))

    assert told == Footer.of(recipe, outcome.account, None if pepper is None else "pepper-v1")
    assert list(told.columns) == recipe.arrow_schema.names
    assert outcome.account.dropped_columns == ("New",)


def test_another_objects_footer_has_no_account() -> None:
    other = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), other)

    with pytest.raises(AccountMissing):
        read_footer(other)


def test_an_object_that_was_given_up_has_no_footer() -> None:
    recipe: Recipe = recipe_of("S: {type: string, required: true}")
    sink = WriteOnly()

    with pytest.raises(KeyError), ParquetSink(sink, recipe):  # type: ignore[arg-type]  # all it needs
        raise KeyError

    with pytest.raises(pa.ArrowInvalid):
        pq.read_metadata(io.BytesIO(bytes(sink.content)))


def test_the_sink_stays_open() -> None:
    sink = WriteOnly()

    with ParquetSink(sink, recipe_of("S: {type: string, required: true}")) as made:  # type: ignore[arg-type]  # all it needs
        made.finish(Account(rows_in=0, rows_out=0))

    assert not sink.closed


def test_an_account_that_does_not_add_up_can_not_be_made() -> None:
    with pytest.raises(AccountMismatch):
        Account(rows_in=3, rows_out=1, rejected=1, rejected_by_reason={"ragged": 1})


def test_an_account_whose_reasons_do_not_add_up_can_not_be_made() -> None:
    with pytest.raises(AccountMismatch):
        Account(rows_in=2, rows_out=1, rejected=1)
