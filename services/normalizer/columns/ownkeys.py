"""A guard against identifiers in text that is kept: no row may show its own subscriber's key or id.

Links are personalised: ``https://…/preferences/0035500000AbCdE`` names its reader as well as any column
does. What looks like an e-mail address is found by its looks (leakguard.py); any other key only by
comparing it with its row.

Rows are compared one by one only where the key's first word is some word of some text of the batch; and the
first words are only looked for where a key holds such a word at all, while these are few.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc

from services.normalizer.columns.arrays import Mask, Text, text_of, trimmed, true_or_false

# Shorter keys would be found in half the words there are.
_WORD = re.compile(r"[0-9a-z]{4,}")
_FIRST_WORD = r"(?P<word>[0-9a-z]{4,})"
_FEW = 50
_LONG = 200  # a text of a megabyte without a space is one word, and no pattern


class OwnKeys:
    """The keys of a batch's rows."""

    def __init__(self, columns: Sequence[Text]) -> None:
        """Take columns of keys, row by row."""
        self._columns = [_Keys(text_of(pc.utf8_lower(trimmed(column)))) for column in columns]

    def shown_in(self, text: Text) -> Mask | None:
        """Where a row's text holds one of its keys, in any case, URL-encoded or not; None if nowhere."""
        distinct = [_plain(value) for value in text.unique().to_pylist() if value is not None]
        words = {word for value in distinct for word in _WORD.findall(value)}
        if not words:
            return None
        shown = [False] * len(text)
        for column in self._columns:
            for row in column.beginning_with(words):
                if text[row].is_valid:
                    shown[row] |= str(column.keys[row]) in _plain(str(text[row]))
        return pa.array(shown, pa.bool_()) if any(shown) else None


@dataclass(frozen=True)
class _Keys:
    """One column of keys in lower case."""

    keys: Text

    def beginning_with(self, words: set[str]) -> list[int]:
        """The rows whose key has one of the words as its first."""
        wanted = pa.array(words, pa.string())
        if len(words) > _FEW or max(map(len, words)) > _LONG:
            return _listed(_places(pc.is_in(self._first_words, value_set=wanted)))
        holding = _places(pc.match_substring_regex(self.keys, "|".join(words)))
        first_words = _first_words(text_of(self.keys.take(holding)))
        return _listed(holding.filter(pc.is_in(first_words, value_set=wanted)))

    @cached_property
    def _first_words(self) -> Text:
        return _first_words(self.keys)


def _first_words(keys: Text) -> Text:
    return text_of(pc.struct_field(pc.extract_regex(keys, _FIRST_WORD), "word"))


def _places(mask: Mask) -> pa.UInt64Array:
    return pc.indices_nonzero(true_or_false(mask))


def _listed(places: pa.UInt64Array) -> list[int]:
    return cast("list[int]", places.to_pylist())


def _plain(text: str) -> str:
    return unquote(text).lower()
