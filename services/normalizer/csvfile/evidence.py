"""Tells a header from rows: which names may be shown, and whether the first record holds values.

Where the line ends of a file are lost, or are characters that end no line here, its first record is the whole
file. Some recipe's columns are found in it, and everything else in it is somebody's data.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from services.normalizer.csvfile.names import fold

MAX_HEADER_BYTES = 256 << 10
"""Four thousand columns, each with a name of 64 bytes."""
_USUAL_HEADER_BYTES = 64 << 10
_MORE_COLUMNS = 100
_COLUMNS_TIMES = 4
_MAX_NAME_CHARS = 128  # as in a Data Extension

# Characters that end a line elsewhere (VT, FF, FS, GS, RS, NEL, U+2028, U+2029), and line ends spelt out.
# A byte 0x85 that is no UTF-8 (NEL in Latin-1) is read as U+DC85 where damage is to be told apart.
LOST_LINE_END = re.compile(r"[\x0b\x0c\x1c-\x1e\x85\u2028\u2029\udc85]|\\r\\n|\\[rn]")

_SHOWN = re.compile(r"(?=.{1,50}\Z)[^\W\d][\w .:/()#-]*")
_MAX_SHOWN_DIGITS = 4
_MAX_SHOWN_WORDS = 6
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}:\d{2}")
_MOMENT = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[T ]+\d{1,2}:\d{2}")
_LONG_DIGITS = re.compile(r"\d(?:[ ().-]?\d){5}")
_PHONE_DIGITS = re.compile(r"\d(?:[ ().-]?\d){8}")
_LINE_BREAK = re.compile(r"[\r\n]")
_DELIMITER = re.compile(r"[,;\t|]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_NUMBER = re.compile(r"[\W_]*\d[\W\d_]*")


def may_be_shown(name: str) -> bool:
    """Whether a column name looks like one and not like a value; short, of letters and a few digits."""
    return (
        _SHOWN.fullmatch(name) is not None
        and sum(map(str.isdigit, name)) <= _MAX_SHOWN_DIGITS
        and len(name.split()) <= _MAX_SHOWN_WORDS
        and not resembles_value(name)
    )


def resembles_value(name: str) -> bool:
    """Whether a field of the first record looks like a value: an address, a date, a number, several rows."""
    return bool(
        name.strip()
        and (_is_no_name(name) or _NUMBER.fullmatch(name) or _DATE.search(name) or _LONG_DIGITS.search(name))
    )


def _is_no_name(name: str) -> bool:
    """Whether a field is hardly a column's name; names of periods (``2026-01``, ``Sent_202601``) are none."""
    return bool(
        "@" in name
        or len(name) > _MAX_NAME_CHARS
        or _MOMENT.search(name)
        or _PHONE_DIGITS.search(name)
        or _CONTROL.search(name)
        or LOST_LINE_END.search(name)
        or _holds_rows(name)
    )


def holds_values(fields: Sequence[str], size: int, known: Collection[str], *, rows_fit: bool) -> bool:
    """Whether the first record holds values beside, or glued to, column names.

    Args:
        fields: of the first record.
        size: of the first record in bytes.
        known: folded names that the recipe mentions.
        rows_fit: some of the first rows have as many fields. Then a few odd names are no reason for doubt.
    """
    unknown = [name for name in fields if name.strip() and fold(name) not in known]
    odd = sum(map(_is_no_name, unknown))
    if rows_fit:
        return any(map(_holds_rows, unknown)) or odd >= max(3, len(fields) / 5)
    if odd or size > _USUAL_HEADER_BYTES:
        return True
    if sum(fold(name) in known for name in fields) * 2 > len(fields):
        return False  # a swallowed row has as many fields as the header, and its first is glued to a name
    repeated = Counter(map(fold, unknown)).most_common(1)
    return (
        any(map(resembles_value, unknown))
        or len(fields) > _COLUMNS_TIMES * len(known) + _MORE_COLUMNS
        or any(count >= 3 for _, count in repeated)
    )


def _holds_rows(name: str) -> bool:
    """A quoted name that a line break divides, with a delimiter in it or longer than a name can be."""
    return bool(_LINE_BREAK.search(name)) and (
        len(name) > _MAX_NAME_CHARS or _DELIMITER.search(name) is not None
    )
