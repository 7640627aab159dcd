"""Finds the records of a piece of a file and says what is wrong with each.

This is the careful way, taken for pieces in which something is wrong; sound pieces go through the parser
whole. Blank lines, and lines far from any quote, are taken many at a time; other records one by one.

After a quoting error the record ends at its first line break and reading goes on with the next line, so
that a quote which is never closed costs one line, not the rest of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate

from services.normalizer.csvfile.checks import MAX_FIELD_BYTES, is_utf8
from services.normalizer.csvfile.grammar import LINE_END, Grammar, count_line_ends
from services.normalizer.csvfile.header import Header
from services.normalizer.csvfile.records import RAGGED, Record, Records
from services.normalizer.rejects import Damage

MAX_RECORD_BYTES = 8_000_000

_BLANK_LINES = re.compile(rb"[\r\n]++")
_FEW_BYTES = 512
"""Of lines without a quote; fewer are not worth taking together."""
_LINES_BYTES = 256 << 10
"""Of lines that are taken together, at most: each of them is an object meanwhile."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """Scans pieces of one file."""

    grammar: Grammar
    header: Header | None
    """None where the file has none."""

    def records(self, data: bytes, *, final: bool, size: int | None = None) -> Records:
        """The records in ``data``, which begins with a record.

        Unless the data is ``final``, a last record that may go on in the next piece is left out. Such a rest
        is at most ``MAX_RECORD_BYTES`` long, or a single line.

        Args:
            size: how many bytes are enough.
        """
        return _Scan(self, data, final=final).run(len(data) if size is None else size)

    def damage_of(self, record: bytes, *, ragged: bool) -> Damage | None:
        """What is wrong with a record whose quoting is sound."""
        if len(record) > MAX_FIELD_BYTES and self._too_long(record):
            return Damage.TOO_LONG
        if b"\0" in record:
            return Damage.NUL_BYTE
        try:
            record.decode()
        except UnicodeDecodeError:
            return Damage.BAD_ENCODING
        if ragged:
            return Damage.RAGGED
        repeated = self.header is not None and self.header.repeated_by(record)
        return Damage.HEADER_REPEATED if repeated else None

    def _too_long(self, record: bytes) -> bool:
        if len(record) > MAX_RECORD_BYTES:
            return True
        return any(len(field) > MAX_FIELD_BYTES for field in self.grammar.split(record))


class _Scan:
    """One way through a piece, in time linear in its bytes."""

    def __init__(self, scanner: Scanner, data: bytes, *, final: bool) -> None:
        self._scanner = scanner
        self._grammar = scanner.grammar
        self._data = data
        self._final = final
        # A lone CR at the end may be half a line end.
        self._known = len(data) - (not final and data.endswith(b"\r"))
        self._found = Records()
        self._quote_at = -1
        self._open_until = 0
        self._open_to_the_end = False

    def run(self, size: int) -> Records:
        data, found = self._data, self._found
        at = 0
        while at < min(size, self._known):
            if data[at] in b"\r\n":
                at = self._take_blank_lines(at)
            elif (end := self._end_of_lines(at)) > at:
                self._take_lines(at, end)
                at = end
            else:
                record = self._next(at)
                if record is None or (
                    record.end == len(data) and not self._final and not data.endswith(b"\n")
                ):
                    break  # it goes on in the next piece
                found.add(*record)
                at = record.end
        return found

    def _take_blank_lines(self, at: int) -> int:
        run = _BLANK_LINES.match(self._data, at, self._known)
        end = run.end() if run else at
        self._found.add_blank_lines(count_line_ends(self._data[at:end]), end)
        return end

    def _end_of_lines(self, at: int) -> int:
        """Where lines without a quote end that are worth taking together, else ``at``."""
        data, quote = self._data, self._grammar.quote
        if self._quote_at < at:
            self._quote_at = data.find(quote, at) if quote else -1
            if self._quote_at < 0:
                self._quote_at = len(data)
        stop = min(self._quote_at, self._known, at + _LINES_BYTES)
        if stop - at < _FEW_BYTES:
            return at
        end = max(data.rfind(b"\n", at, stop), data.rfind(b"\r", at, stop)) + 1
        if data.startswith(b"\r\n", end - 1):
            end += 1
        return max(at, end)

    def _take_lines(self, at: int, end: int) -> None:
        data = self._data[at:end]
        lines = data.splitlines(keepends=True)
        ends = list(accumulate(map(len, lines), initial=at))
        starts = ends[:-1]
        if b"\r" not in data:
            stops = [line_end - 1 for line_end in ends[1:]]
        else:
            contents = data.splitlines()
            stops = [start + len(line) for start, line in zip(starts, contents, strict=True)]
        delimiters, delimiter = self._grammar.columns - 1, self._grammar.delimiter
        ragged = [line.count(delimiter) != delimiters for line in lines]
        if self._all_sound(data, lines, ragged):
            codes = [RAGGED if each else 0 for each in ragged]
            self._found.add_lines(starts, stops, codes, end)
            return
        for start, stop, line_end, is_ragged in zip(starts, stops, ends[1:], ragged, strict=True):
            if start == stop:
                self._found.add_blank_lines(1, line_end)
            else:
                damage = self._scanner.damage_of(self._data[start:stop], ragged=is_ragged)
                self._found.add(start, stop, line_end, damage)

    def _all_sound(self, data: bytes, lines: list[bytes], ragged: list[bool]) -> bool:
        """Whether nothing is wrong with any of the lines but the number of their fields."""
        if b"\0" in data or not is_utf8(data):
            return False
        begins: Callable[[bytes], object] = (
            _never if self._scanner.header is None else self._scanner.header.may_begin
        )
        return not any(begins(line) for line, is_ragged in zip(lines, ragged, strict=True) if not is_ragged)

    def _next(self, at: int) -> Record | None:
        data, grammar = self._data, self._grammar
        if at < self._open_until:
            line_end = LINE_END.search(data, at)
            if line_end is not None and line_end.start() < self._open_until:
                return self._next_line(at, *line_end.span())
        match = grammar.record.match(data, at)
        if match is not None:
            stop, end = match.span(1)
            return Record(at, stop, end, self._scanner.damage_of(data[at:stop], ragged=False))
        fields = grammar.fields.match(data, at)
        stop = fields.end() if fields else at
        line_end = LINE_END.match(data, stop)
        if line_end is not None or stop == len(data):
            end = line_end.end() if line_end else stop
            return Record(at, stop, end, self._scanner.damage_of(data[at:stop], ragged=stop > at))
        return self._cut_at_first_line(at, stop)

    def _cut_at_first_line(self, at: int, error_at: int) -> Record | None:
        """A record with broken quoting.

        At ``error_at`` stands a quote that ``data`` does not close, or the text after a closing quote.
        """
        data = self._data
        unclosed = data.startswith(self._grammar.quote, error_at)
        if unclosed and self._may_be_closed(at):
            return None
        self._open_until = len(data) if unclosed else error_at
        self._open_to_the_end = unclosed
        line_end = LINE_END.search(data, at)
        stop, end = line_end.span() if line_end else (len(data), len(data))
        # A closing quote on a later line, with text after it, was most likely meant to open a field of that
        # line.
        unterminated = unclosed or stop < error_at
        return Record(at, stop, end, Damage.UNTERMINATED_QUOTE if unterminated else Damage.STRAY_QUOTE)

    def _next_line(self, at: int, stop: int, end: int) -> Record | None:
        """The record at a line over whose end an earlier record, since cut, had a quote open.

        If this record has one open there, too, it goes on as that one did, to the same error. So each line is
        looked at by itself, however many lines such records would span.
        """
        data, grammar = self._data, self._grammar
        fields = grammar.fields.match(data, at, stop)
        error_at = fields.end() if fields else at
        if error_at == stop:
            ragged = grammar.record.match(data, at, stop) is None
            return Record(at, stop, end, self._scanner.damage_of(data[at:stop], ragged=ragged))
        if not data.startswith(grammar.quote, error_at):
            return Record(at, stop, end, Damage.STRAY_QUOTE)
        if self._open_to_the_end and self._may_be_closed(at):
            return None
        return Record(at, stop, end, Damage.UNTERMINATED_QUOTE)

    def _may_be_closed(self, at: int) -> bool:
        """Whether a quote that the data does not close may be closed by what follows the data."""
        return not self._final and len(self._data) - at <= MAX_RECORD_BYTES


def _never(_: bytes) -> bool:
    return False
