"""Values of our own, from lines or from one column of a CSV file, each distinct one once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from landfall.errors import OperatorError
from services.normalizer.csvfile.dialect import Expectation, open_csv
from services.normalizer.csvfile.names import fold
from services.normalizer.csvfile.table import Parser
from services.normalizer.errors import HeaderMismatch, UnsupportedEncoding

Value = tuple[str, str | None]
"""A value and its row's country."""

_PIECE_BYTES = 2 << 20


def distinct_values(values: Iterable[Value]) -> list[Value]:
    """Each pair once, without those that are blank."""
    return list(dict.fromkeys(value for value in values if value[0].strip()))


def column_values(source: BinaryIO, column: str, country: str | None) -> Iterator[Value]:
    """One column of a CSV file, read as the normalizer reads files; damaged rows are left out.

    Raises:
        OperatorError: the file has no such column, or is none that the normalizer reads.
    """
    wanted = [column] if country is None else [column, country]
    try:
        file = open_csv(source, Expectation(frozenset(map(fold, wanted))))
    except (HeaderMismatch, UnsupportedEncoding):
        raise OperatorError(f"The file has no header with the column {column}: check its name.") from None
    names = [fold(name) for name in file.columns]
    missing = [name for name in wanted if fold(name) not in names]
    if missing:
        raise OperatorError(f"The file has no column {', '.join(missing)}: check the name.")
    positions = [names.index(fold(name)) for name in wanted]
    parser = Parser(file.scanner, tuple(sorted(set(positions))))
    for piece in file.pieces(_PIECE_BYTES):
        table = parser.parse(piece).table
        columns = [table.column(str(at)).to_pylist() for at in positions]
        countries = columns[1] if country is not None else [None] * table.num_rows
        for value, its in zip(columns[0], countries, strict=True):
            if value is not None:
                yield value, its
