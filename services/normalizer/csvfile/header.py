"""A file's header, to recognise its repetition among the rows, as joined exports have it.

Names are compared as bytes without ASCII case, space and punctuation, so that quoting makes no difference. A
field much longer than its name is none, whatever is left of it: that allows rows to be told by their lengths.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from services.normalizer.csvfile.grammar import Grammar

_NOT_IN_NAMES = re.compile(rb"[^a-z0-9\x80-\xff]+")
_MARK = codecs.BOM_UTF8


@dataclass(frozen=True)
class Header:
    """The first record of a file, as it stands there without a byte order mark."""

    grammar: Grammar
    record: bytes

    @cached_property
    def _names(self) -> list[bytes]:
        return [_name(field) for field in self.grammar.split(self.record)]

    def repeated_by(self, record: bytes) -> bool:
        """Whether a well-formed record is the header once more; a byte order mark may precede it."""
        if not self._beginning.match(record):
            return False
        fields = self.grammar.split(record.removeprefix(_MARK))
        return [_name(field) for field in fields] == self._names and all(
            len(field) <= _longest(name) for field, name in zip(fields, self._names, strict=True)
        )

    @property
    def beginning(self) -> re.Pattern[bytes]:
        """What a record begins with that repeats the header."""
        return self._beginning

    def may_repeat_in(self, table: pa.Table, positions: Sequence[int]) -> bool:
        """False only if no row repeats the header, as far as can be told by the columns that were read.

        Args:
            table: text columns, named by their positions.
        """
        rows: pa.ChunkedArray | None = None  # type: ignore[type-arg]
        for at in positions:
            length = pc.binary_length(table.column(str(at)))
            name = self._names[at]
            fit = pc.and_(
                pc.greater_equal(length, pa.scalar(len(name), pa.int32())),
                pc.less_equal(length, pa.scalar(_longest(name) + len(_MARK), pa.int32())),
            )
            rows = fit if rows is None else pc.and_(rows, fit)
            if not pc.any(rows).as_py():
                return False
        likely = table.column(str(positions[0])).filter(rows)
        return bool(pc.any(pc.match_substring_regex(likely, self._pattern(positions[0]))).as_py())

    def _pattern(self, at: int) -> str:
        other = "[^a-zA-Z0-9]*"
        letters = map(re.escape, self._names[at].decode(errors="replace"))
        return f"(?i)^{other}{other.join(letters)}{other}$"

    @cached_property
    def _beginning(self) -> re.Pattern[bytes]:
        """Matches more than repetitions, but few rows, and those that it does not match soon."""
        letters = (re.escape(bytes([octet])) for octet in self._names[0])
        other = _NOT_IN_NAMES.pattern.removesuffix(b"+") + b"*+"
        return re.compile(b"(?:" + _MARK + b")?+" + other + other.join(letters), re.IGNORECASE)


def _name(field: bytes) -> bytes:
    return _NOT_IN_NAMES.sub(b"", field.lower())


def _longest(name: bytes) -> int:
    return 2 * len(name) + 8
