"""The Glue (Hive) name of each Arrow type that a recipe can produce."""

from __future__ import annotations

import pyarrow as pa


def glue_columns(schema: pa.Schema) -> dict[str, str]:
    """Column name to Glue type, in the schema's order: what the catalog must show for a curated object."""
    return {field.name: glue_type(field.type) for field in schema}


def glue_type(kind: pa.DataType) -> str:
    """The Glue type of an Arrow type.

    Raises:
        TypeError: Clean Rooms has no safe type for it.
    """
    if pa.types.is_timestamp(kind):
        return "timestamp"
    if isinstance(kind, pa.Decimal128Type):
        return f"decimal({kind.precision},{kind.scale})"
    names: dict[pa.DataType, str] = {
        pa.string(): "string",
        pa.int64(): "bigint",
        pa.float64(): "double",
        pa.bool_(): "boolean",
        pa.date32(): "date",
    }
    if kind not in names:
        raise TypeError(f"no Glue type stands for {kind}")
    return names[kind]
