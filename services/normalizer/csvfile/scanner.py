"""Finds the records of a piece of a file and says what is wrong with each.

This is the careful way, taken for pieces in which something is wrong; sound pieces go through the parser
whole. Blank lines, and lines far from any quote, are taken many at a time; other records one by one.

After a quoting error the record ends at its first line break and reading goes on with the next line, so
that a quote which is never closed costs one line, not the rest of the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from services.normalizer.csvfile.checks import MAX_FIELD_BYTES, is_utf8
from services.normalizer.csvfile.grammar import LINE_END, Grammar, count_line_ends
from services.normalizer.csvfile.header import Header
from services.normalizer.csvfile.records import CODES, RAGGED, STRAY_QUOTE, UNTERMINATED_QUOTE, Records
from services.normalizer.rejects import Damage

MAX_RECORD_BYTES = 8_000_000

_BLANK_LINES = re.compile(rb"[\r\n]++")
_FEW_BYTES = 512
"""Of lines without a quote; fewer are not worth taking together."""
_FEW_RECORDS = 200
"""With quotes, before lines without are looked for again."""
_ANY_FIELDS = 2
"""The group of a grammar's ``any_record`` for a record with another number of fields."""
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
        header = scanner.header
        self._repeats = None if header is None else header.beginning.match

    def run(self, size: int) -> Records:
        data, found = self._data, self._found
        at, enough = 0, min(size, self._known)
        while at < enough:
            if data[at] in b"\r\n":
                at = self._take_blank_lines(at)
            elif (end := self._end_of_lines(at)) > at:
                self._take_lines(at, end)
                at = end
            elif (end := self._take_records(at, enough)) > at:
                at = end
            else:
                break  # it goes on in the next piece
        return found

    @cached_property
    def _is_whole(self) -> bool:
        """Whether a record that ends with the data ends there."""
        return self._final or self._data.endswith(b"\n")

    @cached_property
    def _is_clean(self) -> bool:
        """Whether no record can hold a NUL or bytes that are no UTF-8; half a character may end the data."""
        data = self._data
        whole = len(data) if self._final else max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        return b"\0" not in data and is_utf8(data[:whole])

    def _take_records(self, at: int, enough: int) -> int:
        """Take a few records one by one.

        Returns:
            Where the next begins; ``at`` if the first goes on in the next piece.
        """
        data, add = self._data, self._found.add
        match, line_end = self._grammar.any_record.match, LINE_END.search
        for _ in range(_FEW_RECORDS):
            line = line_end(data, at) if at < self._open_until else None
            if line is not None and line.start() >= self._open_until:
                line = None
            record = match(data, at) if line is None else match(data, at, line.start())
            if record is not None:
                group = record.lastindex or 0
                stop, end = record.span(group) if line is None else line.span()
                code = self._code_of(at, stop, ragged=group == _ANY_FIELDS)
            elif (broken := self._cut(at, line)) is not None:
                stop, end, code = broken
            else:
                break
            if stop == at or (end == len(data) and not self._is_whole):
                break
            add(at, stop, end, code)
            at = end
            if at >= enough:
                break
        return at

    def _code_of(self, at: int, stop: int, *, ragged: bool) -> int:
        """What is wrong with a record whose quoting is sound."""
        if self._is_clean and stop - at <= MAX_FIELD_BYTES:
            if ragged:
                return RAGGED
            if self._repeats is None or self._repeats(self._data, at) is None:
                return 0
        return CODES[self._scanner.damage_of(self._data[at:stop], ragged=ragged)]

    def _cut(self, at: int, line: re.Match[bytes] | None) -> tuple[int, int, int] | None:
        """Where a record with broken quoting ends, at its first line break, and what is wrong with it.

        Args:
            line: the line end, where an earlier record, since cut, had a quote open over it. If this record
                has one open there, too, it goes on as that one did, to the same error. So each line is looked
                at by itself, however many lines such records would span.

        Returns:
            None if what follows the data may close its quote.
        """
        data, grammar = self._data, self._grammar
        fields = (
            grammar.fields.match(data, at) if line is None else grammar.fields.match(data, at, line.start())
        )
        error_at = fields.end() if fields else at
        # There stands a quote that is not closed, or the text after a closing quote.
        unclosed = data.startswith(grammar.quote, error_at)
        if line is None:
            if unclosed and self._may_be_closed(at):
                return None
            self._open_until = len(data) if unclosed else error_at
            self._open_to_the_end = unclosed
            line = LINE_END.search(data, at)
        elif unclosed and self._open_to_the_end and self._may_be_closed(at):
            return None
        stop, end = line.span() if line else (len(data), len(data))
        # A closing quote on a later line, with text after it, was most likely meant to open a field of that
        # line.
        return stop, end, UNTERMINATED_QUOTE if unclosed or stop < error_at else STRAY_QUOTE

    def _may_be_closed(self, at: int) -> bool:
        """Whether a quote that the data does not close may be closed by what follows the data."""
        return not self._final and len(self._data) - at <= MAX_RECORD_BYTES

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
                self._found.add(start, stop, line_end, CODES[damage])

    def _all_sound(self, data: bytes, lines: list[bytes], ragged: list[bool]) -> bool:
        """Whether nothing is wrong with any of the lines but the number of their fields."""
        if b"\0" in data or not is_utf8(data):
            return False
        repeats = self._repeats
        if repeats is None:
            return True
        return not any(repeats(line) for line, is_ragged in zip(lines, ragged, strict=True) if not is_ragged)
