"""Finds out how one file is written: encoding, delimiter, quotes, header."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from services.normalizer.csvfile.blocks import Blocks
from services.normalizer.csvfile.checks import MAX_FIELD_BYTES
from services.normalizer.csvfile.encoding import open_utf8
from services.normalizer.csvfile.evidence import LOST_LINE_END, MAX_HEADER_BYTES, holds_values
from services.normalizer.csvfile.grammar import (
    DELIMITERS,
    LINE_END,
    Delimiter,
    Grammar,
    Quotes,
    count_line_ends,
)
from services.normalizer.csvfile.header import Header
from services.normalizer.csvfile.names import fold
from services.normalizer.csvfile.pieces import Piece, pieces
from services.normalizer.csvfile.scanner import Scanner
from services.normalizer.errors import HeaderMismatch
from shared.text import Encoding

_FIRST_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is known of a file before it is opened. None: find out."""

    names: frozenset[str]
    """Every column name that the recipe mentions, folded; the delimiter is the one that finds most."""
    header: tuple[str, ...] | None = None
    """The columns of a file without a header, in order."""
    encoding: Encoding | None = None
    delimiter: Delimiter | None = None
    quotes: Quotes = True


@dataclass(frozen=True, slots=True)
class CsvFile:
    """An opened file, positioned after its header."""

    encoding: Encoding
    scanner: Scanner
    columns: tuple[str, ...]
    """Names by position; empty for a file without any record."""
    blank_lines: int
    """Before the first record."""
    next_record: int
    """The number of the record that comes first in ``pieces``."""
    _rest: Blocks

    @property
    def empty(self) -> bool:
        """There is no record at all, not even a header."""
        return not self.columns

    def pieces(self, size: int) -> Iterator[Piece]:
        """The records after the header, in pieces of about ``size`` bytes; once only."""
        if self.empty:
            return iter(())
        return pieces(self._rest, self.scanner, size)


def open_csv(source: BinaryIO, expected: Expectation) -> CsvFile:
    """Read the beginning of a file and decide how the rest is to be read.

    Raises:
        HeaderMismatch: the first record is no header with a name that is expected, or, for a file without a
            header, none of the first records has the number of columns.
        UnsupportedEncoding: the file is in UTF-32.
    """
    utf8, encoding = open_utf8(source, expected.encoding)
    blocks = Blocks(utf8)
    blanks, head = _skip_blank_lines(blocks)
    if not head:
        nothing = Scanner(Grammar(b",", b"", 1), None)
        return CsvFile(encoding, nothing, (), blanks, blanks + 1, blocks)
    candidates = _candidates(head, expected)
    if expected.header is not None:
        columns = expected.header
        fitting = [_sound_records(head, each, len(columns)) for each in candidates]
        if not any(fitting):
            raise HeaderMismatch(f"none of the first records has the recipe's {len(columns)} columns")
        _check_only_record(head, columns)
        chosen = candidates[fitting.index(max(fitting))]
        has_header = chosen.names == [fold(name) for name in columns]
    else:
        chosen = max(candidates, key=lambda first: sum(name in expected.names for name in first.names))
        if not expected.names.intersection(chosen.names):
            raise HeaderMismatch("the first record names none of the recipe's columns")
        columns = tuple(chosen.fields)
        has_header = True
        _check_names(head, chosen, expected)
        _check_only_record(head[chosen.end :], columns)
    grammar = Grammar(chosen.delimiter.encode(), chosen.quote, len(columns))
    scanner = Scanner(grammar, Header(grammar, head[: chosen.stop]) if has_header else None)
    next_record = blanks + 1 + has_header
    blocks.put_back(head[chosen.end :] if has_header else head)
    return CsvFile(encoding, scanner, columns, blanks, next_record, blocks)


def _delimiters(expected: Expectation) -> tuple[Delimiter, ...]:
    return DELIMITERS if expected.delimiter is None else (expected.delimiter,)


def _skip_blank_lines(source: Blocks) -> tuple[int, bytes]:
    """Count the blank lines at the beginning, and return enough of what follows to hold the first record."""
    blanks = 0
    while head := source.read(MAX_FIELD_BYTES):
        content = len(head) - len(head.lstrip(b"\r\n"))
        blanks += count_line_ends(head[:content])
        if content < len(head):
            return blanks, head[content:] + source.read(content)
    return blanks, b""


def _check_names(head: bytes, header: _FirstRecord, expected: Expectation) -> None:
    fitting = _sound_records(head[header.end :], header, len(header.fields))
    fields = [field.decode(errors="surrogateescape") for field in header.split(head)]
    if holds_values(fields, header.stop, expected.names, rows_fit=fitting > 0):
        raise HeaderMismatch(
            "the first record holds what look like values beside the names of columns; perhaps the file has "
            "lost its line ends, or has others than CRLF, LF and CR"
        )


def _check_only_record(head: bytes, columns: tuple[str, ...]) -> None:
    """Refuse a file of one column whose rows are a single record: with more columns, that does not fit."""
    only_record = len(columns) == 1 and not LINE_END.search(head.strip(b"\r\n"))
    if only_record and LOST_LINE_END.search(head.decode(errors="surrogateescape")):
        raise HeaderMismatch("the file is a single record, with characters that end a line elsewhere")


def _sound_records(head: bytes, candidate: _FirstRecord, columns: int) -> int:
    """How many of the first records have so many columns: the very first may be a damaged row."""
    scanner = Scanner(Grammar(candidate.delimiter.encode(), candidate.quote, columns), None)
    return scanner.records(head, final=True, size=_FIRST_BYTES).sound_count


@dataclass(frozen=True, slots=True)
class _FirstRecord:
    """The first record as one delimiter and quote split it; no fields if it can be no header.

    It can't if its quoting is not sound, or if it is longer than any header.
    """

    delimiter: Delimiter
    quote: bytes
    fields: list[str]
    stop: int
    end: int
    all_quoted: bool

    @property
    def names(self) -> list[str]:
        return [fold(name) for name in self.fields]

    def split(self, head: bytes) -> list[bytes]:
        """The fields as they are in the file."""
        return Grammar(self.delimiter.encode(), self.quote, 1).split(head[: self.stop])


def _candidates(head: bytes, expected: Expectation) -> list[_FirstRecord]:
    """The first record as it may be meant.

    Where it is to be found out, apostrophes quote if they do so with every name of a header: an apostrophe
    that begins one field of many is part of its text.
    """
    delimiters = _delimiters(expected)
    if isinstance(expected.quotes, str) or not expected.quotes:
        stated = (expected.quotes or "").encode()
        return [_first_record(head, delimiter, stated) for delimiter in delimiters]
    usual = [_first_record(head, delimiter, b'"') for delimiter in delimiters]
    if expected.header is not None:
        return usual
    unusual = [_first_record(head, delimiter, b"'") for delimiter in delimiters]
    return [*(first for first in unusual if first.all_quoted), *usual]


def _first_record(head: bytes, delimiter: Delimiter, quote: bytes) -> _FirstRecord:
    grammar = Grammar(delimiter.encode(), quote, 1)
    match = grammar.fields.match(head)
    stop = match.end() if match else 0
    line_end = LINE_END.match(head, stop)
    if (line_end is None and stop < len(head)) or stop > MAX_HEADER_BYTES:
        return _FirstRecord(delimiter, quote, [], 0, 0, all_quoted=False)
    fields = [field.decode(errors="replace") for field in grammar.split(head[:stop])]
    end = line_end.end() if line_end else stop
    return _FirstRecord(delimiter, quote, fields, stop, end, grammar.quotes_all(head[:stop]))
