"""Finds the records of a piece of a file one by one and says what is wrong with each.

This is the careful way, taken for pieces in which something is wrong; sound pieces go through the parser
whole.

After a quoting error the record ends at its first line break and reading goes on with the next line, so
that a quote which is never closed costs one line, not the rest of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.normalizer.csvfile.grammar import LINE_END, Grammar
from services.normalizer.csvfile.header import Header
from services.normalizer.csvfile.records import Record
from services.normalizer.rejects import Damage

MAX_FIELD_BYTES = 1_000_000
MAX_RECORD_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class Scanner:
    """Scans pieces of one file."""

    grammar: Grammar
    header: Header | None
    """None where the file has none."""

    def scan(self, data: bytes, *, final: bool) -> Iterator[Record]:
        """Yield the records in ``data``, which begins with a record.

        Unless the data is ``final``, a last record that may go on in the next piece is not yielded. Such a
        rest is at most ``MAX_RECORD_BYTES`` long, or a single line.
        """
        at = 0
        while at < len(data):
            record = self._next(data, at, final)
            if record is None or (record.end == len(data) and not final and not data.endswith(b"\n")):
                return  # it goes on in the next piece, or its lone CR may be half a line end
            yield record
            at = record.end

    def _next(self, data: bytes, at: int, final: bool) -> Record | None:
        match = self.grammar.record.match(data, at)
        if match is not None:
            stop, end = match.span(1)
            return Record(at, stop, end, self._damage(data[at:stop], ragged=False))
        fields = self.grammar.fields.match(data, at)
        stop = fields.end() if fields else at
        line_end = LINE_END.match(data, stop)
        if line_end is not None or stop == len(data):
            end = line_end.end() if line_end else stop
            return Record(at, stop, end, self._damage(data[at:stop], ragged=stop > at))
        return self._cut_at_first_line(data, at, stop, final)

    def _cut_at_first_line(self, data: bytes, at: int, error_at: int, final: bool) -> Record | None:
        """A record with broken quoting.

        At ``error_at`` stands a quote that ``data`` does not close, or the text after a closing quote.
        """
        unclosed = data.startswith(self.grammar.quote, error_at)
        if unclosed and not final and len(data) - at <= MAX_RECORD_BYTES:
            return None
        line_end = LINE_END.search(data, at)
        stop, end = line_end.span() if line_end else (len(data), len(data))
        # A closing quote on a later line, with text after it, was most likely meant to open a field of that
        # line.
        unterminated = unclosed or stop < error_at
        return Record(at, stop, end, Damage.UNTERMINATED_QUOTE if unterminated else Damage.STRAY_QUOTE)

    def _damage(self, record: bytes, *, ragged: bool) -> Damage | None:
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
