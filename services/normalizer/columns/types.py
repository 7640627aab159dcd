"""The types of output columns: those that Parquet, Glue and Clean Rooms all understand alike."""

from __future__ import annotations

import re

import pyarrow as pa

UTC_TIMESTAMP = pa.timestamp("ms", tz="UTC")

MAX_DECIMAL_DIGITS = 38

_PLAIN: dict[str, pa.DataType] = {
    "string": pa.string(),
    "url": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": UTC_TIMESTAMP,
}
_DECIMAL = re.compile(r"decimal ?\( ?([1-9][0-9]?) ?, ?(0|[1-9][0-9]?) ?\)")


def arrow_type(name: str) -> pa.DataType:
    """The type that a recipe calls so: one of the plain names, or ``decimal(precision,scale)``.

    Raises:
        ValueError: there is no such type; the message says which there are.
    """
    if (plain := _PLAIN.get(name)) is not None:
        return plain
    if found := _DECIMAL.fullmatch(name):
        precision, scale = int(found[1]), int(found[2])
        if scale <= precision <= MAX_DECIMAL_DIGITS:
            return pa.decimal128(precision, scale)
        raise ValueError(
            f"'{name}' is no type: a decimal has at most {MAX_DECIMAL_DIGITS} digits, and no more than that "
            "behind its point"
        )
    if name.startswith("decimal"):
        raise ValueError(
            f"'{name}' is no type: write \"decimal(12,2)\", in quotes where it stands inside {{}}"
        )
    raise ValueError(f"'{name}' is no type: use {', '.join(_PLAIN)} or decimal(12,2)")


def plain_types() -> tuple[str, ...]:
    """The names of all types but decimals."""
    return tuple(_PLAIN)
