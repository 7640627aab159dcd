"""First and last names, as each standard writes them before hashing."""

from __future__ import annotations

import string
import unicodedata

from services.normalizer.matchkeys.text import (
    decomposed,
    lowered,
    only_letters,
    only_letters_and_digits,
    something,
)

# Amazon's spelling of these seven letters. Other accented letters are simply dropped by its rule.
_AMAZON_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "æ": "ae"})
_ASCII_PUNCTUATION = str.maketrans("", "", string.punctuation)


def plain(value: str) -> str | None:
    """Trim, lower case."""
    return lowered(value)


def amazon(value: str) -> str | None:
    """Lower case; ä→ae, ö→oe, ü→ue, ß→ss, ø→o, æ→ae; then only ``a-z0-9``."""
    text = lowered(value)
    return None if text is None else something(only_letters_and_digits(text.translate(_AMAZON_LETTERS)))


def entity_resolution(value: str) -> str | None:
    """NFD, lower case, only ``a-z``: accents go, their letters stay."""
    text = lowered(value)
    return None if text is None else something(only_letters(decomposed(text).lower()))


def google_first(value: str) -> str | None:
    """Lower case, no white space, not even between two names."""
    text = lowered(value)
    return None if text is None else something("".join(text.split()))


def google_last(value: str) -> str | None:
    """Lower case, no punctuation; white space between two names stays."""
    text = lowered(value)
    return None if text is None else something(without_punctuation(text).strip())


def meta(value: str) -> str | None:
    """Lower case, no punctuation, no white space; letters of every script stay (``valéry``, ``정``)."""
    text = lowered(value)
    return None if text is None else something(without_spaces_and_punctuation(text))


def without_punctuation(text: str) -> str:
    """Without ASCII punctuation and the Unicode categories P*; accents and letters of every script stay."""
    text = text.translate(_ASCII_PUNCTUATION)
    if text.isascii():
        return text
    return "".join(c for c in text if not unicodedata.category(c).startswith("P"))


def without_spaces_and_punctuation(text: str) -> str:
    """Without white space as well: what Meta asks of names and places."""
    return without_punctuation("".join(text.split()))
