"""Writes one Parquet object, as Clean Rooms and Athena scan it best, and reads back the account in its
footer.

The same rows always give the same bytes.
"""

from __future__ import annotations

import io
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self, cast

import pyarrow as pa
import pyarrow.parquet as pq

from services.normalizer.account import Account
from services.normalizer.errors import AccountMissing
from services.normalizer.recipes.fates import Keep
from services.normalizer.recipes.model import Recipe

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

ROW_GROUP_BYTES = 96 << 20
"""Of rows in memory, not much more than in the file: engines split a file by its row groups."""

_ACCOUNT = "landfall.account"


class ParquetSink:
    """Collects rows into row groups and writes them to a write-only stream, which stays open."""

    def __init__(self, sink: BinaryIO, recipe: Recipe, pepper_version: str | None = None) -> None:
        """Begin an object with the recipe's columns."""
        self._recipe = recipe
        self._pepper_version = pepper_version if recipe.has_identifiers else None
        self._stream = _Stoppable(sink)
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_bytes = 0
        in_the_clear = [
            name
            for source, fate in recipe.used_columns.items()
            if isinstance(fate, Keep)
            for name in fate.output_names(source)
        ]
        self._writer = pq.ParquetWriter(
            cast("BinaryIO", self._stream),
            recipe.arrow_schema,
            compression="snappy",
            use_dictionary=cast("bool", in_the_clear),  # digests hardly repeat; the stubs know no list
            write_statistics=in_the_clear,
            store_schema=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            # The writer writes a footer as soon as it is let go of; it must not make an unfinished object
            # readable.
            self._stream.stop()
            self._writer.close()

    def write(self, rows: pa.RecordBatch) -> None:
        """Add rows."""
        self._waiting.append(rows)
        self._waiting_bytes += rows.nbytes
        if self._waiting_bytes >= ROW_GROUP_BYTES:
            self._write_row_group()

    def finish(self, account: Account) -> None:
        """Write what is left, and the footer with the account and what the rows were made by."""
        if any(rows.num_rows for rows in self._waiting):
            self._write_row_group()
        recipe = self._recipe
        pepper = {} if self._pepper_version is None else {"landfall.pepper": self._pepper_version}
        self._writer.add_key_value_metadata(
            {
                "landfall.dataset": recipe.dataset,
                "landfall.recipe": f"{recipe.dataset}@{recipe.version}",
                "landfall.fingerprint": recipe.fingerprint_under(self._pepper_version),
                "landfall.profiles": ", ".join(recipe.profiles),
                **pepper,
                _ACCOUNT: account.to_json(),
            }
        )
        self._writer.close()

    def _write_row_group(self) -> None:
        table = pa.Table.from_batches(self._waiting)
        self._writer.write_table(table, row_group_size=max(1, table.num_rows))
        self._waiting.clear()
        self._waiting_bytes = 0


def read_account(source: BinaryIO) -> Account:
    """The account in the footer of an object that the normalizer wrote.

    Raises:
        AccountMissing: there is none, or it is not one.
    """
    try:
        metadata = pq.read_metadata(source).metadata or {}
        return Account.from_json(metadata[_ACCOUNT.encode()].decode())
    except (KeyError, ValueError, TypeError):
        raise AccountMissing("the object has no row account in its footer") from None


class _Stoppable(io.RawIOBase):
    """A sink that can be made to swallow what is still written to it. Closing it leaves the sink open."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self._written = 0
        self._stopped = False

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        size = memoryview(data).nbytes
        if not self._stopped:
            self._sink.write(data)
        self._written += size
        return size

    def tell(self) -> int:
        return self._written

    def stop(self) -> None:
        """Write nothing more."""
        self._stopped = True
