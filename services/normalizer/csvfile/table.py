"""Parses pieces into columns of text, with every damaged record set apart.

A piece goes through the parser whole, in one call, if a few checks over all its bytes show that nothing is
wrong with it. Only otherwise is it scanned record by record, and then its sound records are parsed.
"""

from __future__ import annotations

import codecs
import struct
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.csv as pacsv

from services.normalizer.csvfile.pieces import Piece
from services.normalizer.csvfile.records import Records
from services.normalizer.csvfile.scanner import MAX_FIELD_BYTES, Scanner
from services.normalizer.errors import ParserDisagrees
from services.normalizer.rejects import Damage


@dataclass(frozen=True)
class Rows:
    """The sound rows of one piece as columns of text, and what else the piece holds.

    Record offsets count from 0 within the piece, blank lines included.
    """

    table: pa.Table
    """A string column for each position asked for, named by that position; an empty field is NULL."""
    data: bytes
    records: Records | None
    """None where the piece was sound: its rows are its records."""
    scanner: Scanner

    @property
    def record_count(self) -> int:
        """Rows, damaged records and blank lines."""
        return self.table.num_rows if self.records is None else len(self.records)

    @property
    def blank_lines(self) -> int:
        """Lines with nothing on them."""
        return 0 if self.records is None else self.records.blank_lines

    @property
    def damaged(self) -> dict[int, Damage]:
        """What is wrong with each damaged record, by its offset, in order."""
        return {} if self.records is None else self.records.damaged

    def offset(self, row: int) -> int:
        """The record offset of a row of the table."""
        return row if self.records is None else self._offsets_of_rows[row]

    def raw(self, offset: int) -> bytes:
        """A record's bytes without its line end, cut after ``MAX_FIELD_BYTES``."""
        return self.data[self._all_records.content(offset)][:MAX_FIELD_BYTES]

    @cached_property
    def _offsets_of_rows(self) -> list[int]:
        return list(self._all_records.sound())

    @cached_property
    def _all_records(self) -> Records:
        if self.records is not None:
            return self.records
        return Records.collect(self.scanner.scan(self.data, final=True))


@dataclass(frozen=True)
class Parser:
    """Parses the pieces of one file."""

    scanner: Scanner
    positions: tuple[int, ...]
    """The columns to read, counted from 0; at least one."""

    def parse(self, piece: Piece) -> Rows:
        """Read one piece.

        Raises:
            ParserDisagrees: the parser does not find the rows that the scanner found.
        """
        records = piece.records
        if records is None:
            table = self._parse_sound(piece.data)
            if table is not None:
                return Rows(table, piece.data, None, self.scanner)
            records = Records.collect(self.scanner.scan(piece.data, final=True))
        return Rows(self._parse_records(piece.data, records), piece.data, records, self.scanner)

    def _parse_sound(self, data: bytes) -> pa.Table | None:
        """The rows of a piece with sound quoting, or None if anything else may be wrong with it."""
        if b"\0" in data or _may_hold_long_field(data) or not _is_utf8(data):
            return None
        try:
            table = self._parse(data)
        except pa.ArrowInvalid:
            return None  # a ragged row
        if table.num_rows != _count_lines(data):
            return None
        header = self.scanner.header
        return None if header is not None and header.may_repeat_in(table, self.positions) else table

    def _parse_records(self, data: bytes, records: Records) -> pa.Table:
        rows = len(records) - records.blank_lines - len(records.damaged)
        if not rows:
            return pa.table({str(at): pa.array([], pa.string()) for at in self.positions})
        try:
            table = self._parse(b"".join(data[stretch] for stretch in records.sound_stretches()))
        except pa.ArrowInvalid:
            raise ParserDisagrees("the parser refuses records that are well-formed") from None
        if table.num_rows != rows:
            raise ParserDisagrees(f"the parser finds {table.num_rows} rows in {rows} records")
        return table

    def _parse(self, data: bytes) -> pa.Table:
        grammar = self.scanner.grammar
        wanted = [str(at) for at in self.positions]
        if data.startswith(codecs.BOM_UTF8):
            data = codecs.BOM_UTF8 + data  # the parser takes one away, wherever in the file it is
        return pacsv.read_csv(
            cast("BinaryIO", pa.BufferReader(data)),
            read_options=pacsv.ReadOptions(
                use_threads=False,
                block_size=len(data),  # one block: it holds whole records
                column_names=[str(at) for at in range(grammar.columns)],
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=grammar.delimiter.decode(),
                quote_char=grammar.quote.decode() or False,
                double_quote=bool(grammar.quote),
                newlines_in_values=bool(grammar.quote),
                ignore_empty_lines=True,  # they are then noticed by the count of lines
            ),
            convert_options=pacsv.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, pa.string()),
                check_utf8=False,  # done for the whole piece
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )


def _is_utf8(data: bytes) -> bool:
    """Validate without making a copy, several times faster than decoding."""
    whole = pa.py_buffer(struct.pack("<2i", 0, len(data)))
    try:
        pa.Array.from_buffers(pa.string(), 1, [None, whole, pa.py_buffer(data)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _may_hold_long_field(data: bytes) -> bool:
    """Whether some stretch of half the longest field has no line break: no longer field can do without one.

    A field with line breaks inside is noticed when the lines are counted.
    """
    stretch = MAX_FIELD_BYTES // 2
    return any(
        data.find(b"\n", at, at + stretch) < 0 and data.find(b"\r", at, at + stretch) < 0
        for at in range(0, len(data) - stretch, stretch)
    )


def _count_lines(data: bytes) -> int:
    """The lines of data with line ends of one kind; for mixed kinds, a number that differs from the rows'."""
    feeds, returns = data.count(b"\n"), data.count(b"\r")
    if feeds and returns and not feeds == returns == data.count(b"\r\n"):
        return -1
    return max(feeds, returns) + (not data.endswith((b"\n", b"\r")))
