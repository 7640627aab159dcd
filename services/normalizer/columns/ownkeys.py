"""A guard against identifiers in text that is kept: no row may show its own subscriber's key or id.

Links are personalised: ``https://…/preferences/0035500000AbCdE`` names its reader as well as any column
does. What looks like an e-mail address is found by its looks (leakguard.py); any other key only by
comparing it with its row.

Rows are compared one by one only where some key of the batch begins like some word of some text of the batch.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import compress
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc

from services.normalizer.columns.arrays import Mask, Text, text_of, trimmed

# Shorter keys would be found in half the words there are.
_WORD = re.compile(r"[0-9a-z]{4,}")
_FIRST_WORD = r"(?P<word>[0-9a-z]{4,})"


class OwnKeys:
    """The keys of a batch's rows."""

    def __init__(self, columns: Sequence[Text]) -> None:
        """Take columns of keys, row by row."""
        self._columns: list[tuple[Text, Text]] = []
        for column in columns:
            keys = text_of(pc.utf8_lower(trimmed(column)))
            first_words = text_of(pc.struct_field(pc.extract_regex(keys, _FIRST_WORD), "word"))
            self._columns.append((keys, first_words))

    def shown_in(self, text: Text) -> Mask | None:
        """Where a row's text holds one of its keys, in any case, URL-encoded or not; None if nowhere."""
        distinct = [_plain(value) for value in text.unique().to_pylist() if value is not None]
        words = pa.array({word for value in distinct for word in _WORD.findall(value)}, pa.string())
        shown = [False] * len(text)
        for keys, first_words in self._columns:
            suspects = pc.and_(pc.is_in(first_words, value_set=words), pc.is_valid(text))
            if pc.any(suspects).as_py():
                for row in compress(range(len(text)), suspects.to_pylist()):
                    shown[row] |= str(keys[row]) in _plain(str(text[row]))
        return pa.array(shown, pa.bool_()) if any(shown) else None


def _plain(text: str) -> str:
    return unquote(text).lower()
