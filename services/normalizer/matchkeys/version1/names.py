"""First and last names, as each standard writes them before hashing."""

from __future__ import annotations

from services.normalizer.matchkeys.text import (
    decomposed,
    only_letters,
    only_letters_and_digits,
    without_punctuation,
    without_spaces_and_punctuation,
)
from services.normalizer.matchkeys.version1.text import lowered, something

# Amazon's spelling of these seven letters. Other accented letters are simply dropped by its rule.
_AMAZON_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "æ": "ae"})


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
