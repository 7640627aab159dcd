"""Gathers rows into row groups of a size by which engines split a file, in little more memory than that.

Of a column whose values repeat, a batch that waits holds each value once (an Arrow dictionary), as the file
will, so that what waits is about as large as what is going to be written. By how much encoding shrinks the
rest is learned: first by writing a part of the rows to nowhere, then from every row group.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, cast

import pyarrow as pa

from services.normalizer.columns.arrays import Values

ROW_GROUP_BYTES = 64 << 20
"""Of a row group in the file, about, unless it is the last: engines want 64 to 128 MB."""
MOST_IN_MEMORY = 160 << 20
"""Of rows that wait. Where they shrink to less than two fifths in the file, its row groups are smaller."""
DICTIONARY_BYTES = 2 << 20
"""Of a column's different values in a row group; if there are more, they are written as they come."""

Column: TypeAlias = "pa.ChunkedArray[Any]"
Encode = Callable[[pa.Table], int]
"""Encodes rows as one row group, and says how many bytes that makes in the file."""

REPEATING_TEXT = pa.dictionary(pa.int32(), pa.string())
"""The type of a text column whose values repeat."""


def packed(rows: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Rows with each text once in the columns whose type in the schema is ``REPEATING_TEXT``."""
    columns = [
        values if values.type == field.type else values.dictionary_encode()
        for values, field in zip(rows.columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


class RowGroups:
    """The rows of one file on their way into row groups."""

    def __init__(self, schema: pa.Schema, write: Encode, rehearse: Encode) -> None:
        """Begin.

        Args:
            schema: the columns, texts that repeat as ``REPEATING_TEXT``.
            write: appends a row group to the file.
            rehearse: does all that ``write`` does, but for appending it.
        """
        self._schema = schema
        self._write = write
        self._rehearse = rehearse
        self._waiting: list[pa.RecordBatch] = []
        self._bytes = 0
        self._shrinking: float | None = None
        """Bytes in the file for each byte that waits."""

    def add(self, rows: pa.RecordBatch) -> None:
        """Take rows, and write a row group if they complete one."""
        compact = packed(rows, self._schema)
        self._waiting.append(compact)
        self._bytes += compact.nbytes
        if self._bytes >= ROW_GROUP_BYTES and (
            self._bytes >= MOST_IN_MEMORY or self._size_in_the_file() >= ROW_GROUP_BYTES
        ):
            self._write_row_group()

    def finish(self) -> None:
        """Write what is left, if anything is."""
        if any(rows.num_rows for rows in self._waiting):
            self._write_row_group()

    def _size_in_the_file(self) -> int:
        if self._shrinking is None:
            some = self._waiting[: len(self._waiting) // 4 + 1]
            self._shrinking = self._rehearse(_table(some)) / sum(rows.nbytes for rows in some)
        return int(self._bytes * self._shrinking)

    def _write_row_group(self) -> None:
        self._shrinking = self._write(_table(self._waiting)) / max(1, self._bytes)
        self._waiting, self._bytes = [], 0


def _table(batches: Sequence[pa.RecordBatch]) -> pa.Table:
    """The batches as one table, with one dictionary a column where that is small.

    The writer takes a second dictionary as the sign that values do not repeat, and writes them as they are.
    """
    table = pa.Table.from_batches(batches)
    return pa.Table.from_arrays([_unified(column) for column in table.columns], schema=table.schema)


def _unified(column: Column) -> Column:
    if column.type != REPEATING_TEXT or max(map(_dictionary_bytes, column.chunks)) > DICTIONARY_BYTES:
        return column
    unified = column.unify_dictionaries()
    return column if _dictionary_bytes(unified.chunks[0]) > DICTIONARY_BYTES else unified


def _dictionary_bytes(values: Values) -> int:
    return cast("pa.DictionaryArray[Any, Any]", values).dictionary.nbytes
