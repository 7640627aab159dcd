r"""What a record is, as regular expressions over UTF-8 bytes.

RFC 4180 with what is found in practice: a record ends with CRLF, LF or a lone CR; a quote opens a quoted
field only as the field's first byte and is an ordinary character elsewhere in an unquoted one; inside a
quoted field a quote is doubled; after the closing quote only a delimiter or a line end may stand.

All repetitions are possessive, so that matching takes time linear in the bytes, damaged or not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Delimiter = Literal[",", "\t", "|", ";"]
DELIMITERS: tuple[Delimiter, ...] = (",", "\t", "|", ";")

QUOTE = b'"'
LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True)
class Grammar:
    """A file's syntax: its delimiter, whether quotes mean anything, and how many columns a record has."""

    delimiter: bytes
    quoted: bool
    columns: int

    @property
    def _field(self) -> bytes:
        stop = re.escape(self.delimiter) + rb"\r\n"
        if not self.quoted:
            return rb"[^" + stop + rb"]*+"
        return rb'(?>"(?:[^"]++|"")*+"|[^"' + stop + rb"][^" + stop + rb"]*+|)"

    @cached_property
    def record(self) -> re.Pattern[bytes]:
        """A record with the expected columns, and its line end (group 1; empty at the end of the data)."""
        further = rb"(?:" + re.escape(self.delimiter) + self._field + rb"){%d}" % (self.columns - 1)
        return re.compile(self._field + further + rb"(\r\n|\n|\r|\Z)")

    @cached_property
    def fields(self) -> re.Pattern[bytes]:
        """As many well-formed fields as there are, with no line end."""
        return re.compile(self._field + rb"(?:" + re.escape(self.delimiter) + self._field + rb")*+")

    @cached_property
    def _one(self) -> re.Pattern[bytes]:
        return re.compile(rb"(" + self._field + rb")(?:" + re.escape(self.delimiter) + rb"|\Z)")

    def split(self, record: bytes) -> list[bytes]:
        """The fields of one well-formed record without its line end, unquoted."""
        values = []
        at = 0
        while match := self._one.match(record, at):
            values.append(self._unquote(match[1]))
            if match.end(1) == len(record):
                break
            at = match.end()
        return values

    def _unquote(self, field: bytes) -> bytes:
        if self.quoted and field.startswith(QUOTE):
            return field[1:-1].replace(b'""', QUOTE)
        return field
