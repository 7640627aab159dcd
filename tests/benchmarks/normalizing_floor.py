"""What normalising can't do without, each part for itself: parsing, hashing, the phone library, writing.

Arguments: the CSV, and the Parquet that was made of it. Prints JSON: CPU seconds by part, and how many cells
were hashed.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import rphonenumbers  # type: ignore[import-untyped]  # it ships no types

_HASHED = (
    "SubscriberKey",
    "EmailAddress",
    "SubscriberID",
    "FirstName",
    "LastName",
    "Phone",
    "City",
    "Zip",
)


def main(source: Path, made: Path) -> None:
    """Measure every part once."""
    seconds: dict[str, float] = {}

    @contextmanager
    def part(name: str) -> Iterator[None]:
        used = time.process_time()
        yield
        seconds[name] = time.process_time() - used

    with part("parse"):
        table = _parse(source)
    cells = [
        value.encode() for name in _HASHED for value in table.column(name).to_pylist() if value is not None
    ]
    with part("hash"):
        for cell in cells:
            hashlib.sha256(cell).hexdigest()
    phones = list(zip(table.column("Phone").to_pylist(), table.column("Country").to_pylist(), strict=True))
    with part("phones"):
        _validate(phones)
    rows = pq.read_table(made, use_threads=False)
    with part("write"):
        pq.write_table(
            rows,
            io.BytesIO(),
            compression="snappy",
            use_dictionary=cast("bool", ["country", "status"]),  # the stubs know no list
            write_statistics=False,
            store_schema=False,
        )
    print(json.dumps({**seconds, "cells": len(cells)}))


def _parse(source: Path) -> pa.Table:
    return pacsv.read_csv(
        source,
        read_options=pacsv.ReadOptions(use_threads=False, block_size=4 << 20),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys((*_HASHED, "Country", "Status"), pa.string()), strings_can_be_null=True
        ),
    )


def _validate(phones: list[tuple[str | None, str | None]]) -> None:
    """As a program would that does nothing else: parse, check, format."""
    parse, is_valid, write = rphonenumbers.parse, rphonenumbers.is_valid_number, rphonenumbers.format_number
    unreadable, e164 = rphonenumbers.NumberParseException, rphonenumbers.PhoneNumberFormat.E164
    for text, country in phones:
        try:
            number = parse(text, country)
        except unreadable:
            continue
        if is_valid(number):
            write(number, e164)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
