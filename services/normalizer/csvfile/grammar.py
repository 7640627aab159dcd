r"""What a record is, as regular expressions over UTF-8 bytes.

RFC 4180 with what is found in practice: a record ends with CRLF, LF or a lone CR; a quote opens a quoted
field only as the field's first byte and is an ordinary character elsewhere in an unquoted one; inside a
quoted field a quote is doubled; after the closing quote only a delimiter or a line end may stand.

All repetitions are possessive, so that matching takes time linear in the bytes, damaged or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

Delimiter = Literal[",", "\t", "|", ";"]
DELIMITERS: tuple[Delimiter, ...] = (",", "\t", "|", ";")
Quotes = Literal[True, False, '"', "'"]
"""The character that quotes; False where none does, True where it is to be found out."""
LINE_END = re.compile(rb"\r\n|\n|\r")


_CR, _LF = pa.scalar(13, pa.uint8()), pa.scalar(10, pa.uint8())


def count_line_ends(data: bytes) -> int:
    """How many line ends there are, each CRLF being one.

    Pairs are counted as whole columns: ``bytes.count`` is slow for two bytes.
    """
    if b"\r" not in data:
        return data.count(b"\n")
    octets = pa.Array.from_buffers(pa.uint8(), len(data), [None, pa.py_buffer(data)])
    returns, feeds = pc.equal(octets, _CR), pc.equal(octets, _LF)
    pairs = pc.and_(returns[:-1], feeds[1:])
    return returns.true_count + feeds.true_count - pairs.true_count


@dataclass(frozen=True)
class Grammar:
    """A file's syntax: its delimiter, what quotes a field, and how many columns a record has."""

    delimiter: bytes
    quote: bytes
    """Empty where quotes mean nothing."""
    columns: int

    @property
    def _field(self) -> bytes:
        stop = re.escape(self.delimiter) + rb"\r\n"
        if not self.quote:
            return rb"[^" + stop + rb"]*+"
        quoted = rb"%b(?:[^%b]++|%b%b)*+%b" % ((self.quote,) * 5)
        return rb"(?>" + quoted + rb"|[^" + self.quote + stop + rb"][^" + stop + rb"]*+|)"

    @cached_property
    def record(self) -> re.Pattern[bytes]:
        """A record with the expected columns, and its line end (group 1; empty at the end of the data)."""
        further = rb"(?:" + re.escape(self.delimiter) + self._field + rb"){%d}" % (self.columns - 1)
        return re.compile(self._field + further + rb"(\r\n|\n|\r|\Z)")

    @cached_property
    def any_record(self) -> re.Pattern[bytes]:
        """A record with sound quoting and its line end: group 1 with the expected columns, else group 2."""
        further = rb"(?:" + re.escape(self.delimiter) + self._field + rb")*+"
        return re.compile(self.record.pattern + rb"|" + self._field + further + rb"(\r\n|\n|\r|\Z)")

    @cached_property
    def fields(self) -> re.Pattern[bytes]:
        """As many well-formed fields as there are, with no line end."""
        return re.compile(self._field + rb"(?:" + re.escape(self.delimiter) + self._field + rb")*+")

    @cached_property
    def _one(self) -> re.Pattern[bytes]:
        return re.compile(rb"(" + self._field + rb")(?:" + re.escape(self.delimiter) + rb"|\Z)")

    def split(self, record: bytes) -> list[bytes]:
        """The fields of one well-formed record without its line end, unquoted."""
        return [self._unquote(field) for field in self._as_they_stand(record)]

    def quotes_all(self, record: bytes) -> bool:
        """Whether every field of a well-formed record stands in quotes."""
        return bool(self.quote) and all(field.startswith(self.quote) for field in self._as_they_stand(record))

    def _as_they_stand(self, record: bytes) -> Iterator[bytes]:
        at = 0
        while match := self._one.match(record, at):
            yield match[1]
            if match.end(1) == len(record):
                break
            at = match.end()

    def _unquote(self, field: bytes) -> bytes:
        if self.quote and field.startswith(self.quote):
            return field[1:-1].replace(self.quote * 2, self.quote)
        return field
