"""Glue types of Parquet columns, and the union of schemas."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.local.glue.columns import Column, columns_of, hive_type, unite
from landfall.local.glue.errors import CrawlFailedError

COLUMNS = st.builds(Column, st.sampled_from("abcd"), st.sampled_from(["string", "bigint"]))
SCHEMAS = st.lists(COLUMNS, max_size=4, unique_by=lambda column: column.name).map(tuple)


@pytest.mark.parametrize(
    ("arrow", "glue"),
    [
        (pa.string(), "string"),
        (pa.int32(), "int"),
        (pa.int64(), "bigint"),
        (pa.float64(), "double"),
        (pa.bool_(), "boolean"),
        (pa.date32(), "date"),
        (pa.timestamp("us"), "timestamp"),
        (pa.timestamp("ms", tz="UTC"), "timestamp"),
        (pa.decimal128(18, 4), "decimal(18,4)"),
        (pa.list_(pa.string()), "array<string>"),
        (
            pa.struct([pa.field("Name", pa.string()), pa.field("n", pa.int64())]),
            "struct<name:string,n:bigint>",
        ),
    ],
    ids=str,
)
def test_arrow_types_have_the_names_that_glue_gives_them(arrow: pa.DataType, glue: str) -> None:
    assert hive_type(arrow) == glue


def test_a_type_without_a_glue_name_fails_the_crawl() -> None:
    with pytest.raises(CrawlFailedError, match="duration"):
        hive_type(pa.duration("s"))


def test_column_names_are_lower_case_in_the_order_of_the_file() -> None:
    schema = pa.table({"SendID": [1], "EventDate": [date(2026, 1, 31)]}).schema
    assert columns_of(schema) == (Column("sendid", "bigint"), Column("eventdate", "date"))


def test_new_columns_are_appended() -> None:
    first, second = (Column("a", "string"),), (Column("b", "date"), Column("a", "string"))
    assert unite([first, second]).columns == (Column("a", "string"), Column("b", "date"))


def test_a_column_that_differs_keeps_its_first_type_and_is_reported() -> None:
    union = unite([(Column("a", "string"),), (Column("a", "bigint"),)])
    assert union.columns == (Column("a", "string"),)
    assert union.conflicts == ("a",)


@given(st.lists(SCHEMAS))
def test_every_column_of_every_schema_is_in_the_union_once(schemas: list[tuple[Column, ...]]) -> None:
    names = [column.name for column in unite(schemas).columns]
    assert sorted(names) == sorted({column.name for schema in schemas for column in schema})


@given(st.lists(SCHEMAS))
def test_a_column_is_in_conflict_exactly_when_two_schemas_type_it_differently(
    schemas: list[tuple[Column, ...]],
) -> None:
    types: dict[str, set[str]] = {}
    for schema in schemas:
        for column in schema:
            types.setdefault(column.name, set()).add(column.type)
    assert set(unite(schemas).conflicts) == {name for name, kinds in types.items() if len(kinds) > 1}
