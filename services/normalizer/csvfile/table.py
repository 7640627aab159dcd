"""Parses pieces into columns of text, with every damaged record set apart.

A piece goes through the parser whole, in one call, if a few checks over all its bytes show that nothing is
wrong with it. Only otherwise is it scanned record by record, and then its sound records are parsed.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.csv as pacsv

from services.normalizer.csvfile.checks import (
    MAX_FIELD_BYTES,
    count_filled_lines,
    count_lines,
    is_utf8,
    may_hold_long_field,
)
from services.normalizer.csvfile.pieces import Piece
from services.normalizer.csvfile.records import Records
from services.normalizer.csvfile.scanner import Scanner
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
    """None where the piece was sound: its rows and blank lines are its records."""
    scanner: Scanner
    blank_lines: int = 0
    """Lines with nothing on them."""

    @property
    def record_count(self) -> int:
        """Rows, damaged records and blank lines."""
        return self.table.num_rows + self.blank_lines if self.records is None else self.records.count

    def damaged_by_reason(self) -> dict[Damage, int]:
        """How many records are damaged, and how."""
        return {} if self.records is None else self.records.damaged_by_reason()

    def first_damaged(self, count: int) -> Iterable[tuple[int, Damage]]:
        """Offset and damage of the first so many damaged records, in order."""
        return () if self.records is None else self.records.first_damaged(count)

    def offset(self, row: int) -> int:
        """The record offset of a row of the table."""
        rows_only = self.records is None and not self.blank_lines
        return row if rows_only else self._offsets_of_rows[row]

    def raw(self, offset: int) -> bytes:
        """A record's bytes without its line end, cut after ``MAX_FIELD_BYTES``."""
        return self.data[self._all_records.content(offset)][:MAX_FIELD_BYTES]

    @cached_property
    def _offsets_of_rows(self) -> Sequence[int]:
        return self._all_records.sound_offsets()

    @cached_property
    def _all_records(self) -> Records:
        if self.records is not None:
            return self.records
        return self.scanner.records(self.data, final=True)


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
            sound = self._parse_sound(piece.data)
            if sound is not None:
                table, blank_lines = sound
                return Rows(table, piece.data, None, self.scanner, blank_lines)
            records = self.scanner.records(piece.data, final=True)
        table = self._parse_records(piece.data, records)
        return Rows(table, piece.data, records, self.scanner, records.blank_lines)

    def _parse_sound(self, data: bytes) -> tuple[pa.Table, int] | None:
        """Rows and blank lines of a piece with sound quoting, or None if anything may be wrong with it.

        A line break in a quoted field makes one row of two lines. The first line of the field is not blank,
        so that such a row is noticed by the number of lines that are not.
        """
        if b"\0" in data or may_hold_long_field(data) or not is_utf8(data):
            return None
        lines = count_lines(data)
        try:
            table = self._parse(data)
        except pa.ArrowInvalid:
            if data.strip(b"\r\n"):
                return None  # a ragged row
            return self._no_rows(), lines
        if table.num_rows != lines and table.num_rows != count_filled_lines(data):
            return None
        header = self.scanner.header
        if header is not None and header.may_repeat_in(table, self.positions):
            return None
        return table, lines - table.num_rows

    def _parse_records(self, data: bytes, records: Records) -> pa.Table:
        rows = records.sound_count
        if not rows:
            return self._no_rows()
        try:
            table = self._parse(b"".join(data[stretch] for stretch in records.sound_stretches()))
        except pa.ArrowInvalid:
            raise ParserDisagrees("the parser refuses records that are well-formed") from None
        if table.num_rows != rows:
            raise ParserDisagrees(f"the parser finds {table.num_rows} rows in {rows} records")
        return table

    def _no_rows(self) -> pa.Table:
        return pa.table({str(at): pa.array([], pa.string()) for at in self.positions})

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
                ignore_empty_lines=True,  # they are then noticed by the number of lines
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
