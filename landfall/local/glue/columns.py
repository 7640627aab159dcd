"""Columns of Glue tables: their types from Arrow's, and the union of the schemas of many files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from landfall.local.glue.errors import CrawlFailedError


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name, in lower case as Glue keeps it, and its Hive type."""

    name: str
    type: str


_PLAIN = {
    pa.bool_(): "boolean",
    pa.int8(): "tinyint",
    pa.int16(): "smallint",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.uint8(): "smallint",
    pa.uint16(): "int",
    pa.uint32(): "bigint",
    pa.float32(): "float",
    pa.float64(): "double",
    pa.string(): "string",
    pa.large_string(): "string",
    pa.binary(): "binary",
    pa.large_binary(): "binary",
    pa.date32(): "date",
}


def columns_of(schema: pa.Schema) -> tuple[Column, ...]:
    """The columns of a file, in its order.

    Raises:
        CrawlFailedError: a column has a type that the local crawler does not know.
    """
    return tuple(Column(field.name.lower(), hive_type(field.type)) for field in schema)


def hive_type(arrow: pa.DataType) -> str:
    """The Hive type of a Parquet column that Arrow reads as ``arrow``.

    Raises:
        CrawlFailedError: there is none.
    """
    if (plain := _PLAIN.get(arrow)) is not None:
        return plain
    if pa.types.is_timestamp(arrow):
        return "timestamp"
    if isinstance(arrow, pa.Decimal128Type):
        return f"decimal({arrow.precision},{arrow.scale})"
    if isinstance(arrow, pa.ListType):
        return f"array<{hive_type(arrow.value_type)}>"
    if isinstance(arrow, pa.StructType):
        fields = ",".join(f"{field.name.lower()}:{hive_type(field.type)}" for field in arrow)
        return f"struct<{fields}>"
    raise CrawlFailedError(f"The local crawler knows no Glue type for {arrow}")


@dataclass(frozen=True, slots=True)
class Union:
    """All columns of many schemas, and the names of those that not all of them type alike."""

    columns: tuple[Column, ...]
    conflicts: tuple[str, ...]


def unite(schemas: Iterable[tuple[Column, ...]]) -> Union:
    """Each column as the first schema that has it types it, in the order in which they first appear."""
    types: dict[str, str] = {}
    conflicts: dict[str, None] = {}
    for schema in dict.fromkeys(schemas):
        for column in schema:
            if types.setdefault(column.name, column.type) != column.type:
                conflicts[column.name] = None
    return Union(tuple(Column(name, kind) for name, kind in types.items()), tuple(conflicts))
