"""The types of output columns: those that Parquet, Glue and Clean Rooms all understand alike."""

from __future__ import annotations

from typing import Literal

import pyarrow as pa

ColumnType = Literal["string", "url", "bigint", "double", "boolean", "date", "timestamp"]

UTC_TIMESTAMP = pa.timestamp("ms", tz="UTC")

ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "string": pa.string(),
    "url": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": UTC_TIMESTAMP,
}
