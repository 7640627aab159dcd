"""First and last names, as each standard writes them before hashing."""

from __future__ import annotations

import re

from services.normalizer.matchkeys.text import (
    clean_words,
    entity_resolution_accents,
    lower,
    lowered,
    non_empty,
    only_letters,
    only_letters_and_digits,
    without_spaces_and_punctuation,
)

# Amazon's spelling of these seven letters. Other accented letters are simply dropped by its rule.
_AMAZON_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "æ": "ae"})

_GOOGLE_HONORIFICS = re.compile(r"(?<!\S)(?:mr|mrs|ms|dr)\.(?:\s|$)")
_GOOGLE_SUFFIX = re.compile(r"(?:,\s*|\s+)(?:jr\.|sr\.|2nd|3rd|ii|iii|iv|v|vi|cpa|dc|dds|vm|jd|md|phd)\s?$")
_GOOGLE_NOTHING_BUT_A_SUFFIX = frozenset({"jr.", "sr."})


def plain(value: str) -> str | None:
    """Trim, lower case."""
    return lowered(value)


def amazon(value: str) -> str | None:
    """Lower case; ä→ae, ö→oe, ü→ue, ß→ss, ø→o, æ→ae; then only ``a-z0-9``."""
    text = lowered(value)
    return None if text is None else non_empty(only_letters_and_digits(text.translate(_AMAZON_LETTERS)))


def entity_resolution(value: str) -> str | None:
    """Lower case, ``å`` → ``aa``, NFD, only ``a-z``: other accents go, their letters stay."""
    text = lowered(value)
    if text is None:
        return None
    return non_empty(only_letters(entity_resolution_accents(text)))


def google_first(value: str) -> str | None:
    """Trim, lower case; without ``Mr.``, ``Mrs.``, ``Ms.`` and ``Dr.``.

    This and ``google_last`` follow the user data formatter of Google's Data Manager API utilities: inner
    spaces, punctuation and digits stay.
    """
    text = clean_words(value)
    return None if text is None else non_empty(_GOOGLE_HONORIFICS.sub("", lower(text)).strip())


def google_last(value: str) -> str | None:
    """Trim, lower case; without suffixes such as ``, Jr.``, ``III`` and ``PhD`` behind it."""
    text = clean_words(value)
    if text is None:
        return None
    text, before = lower(text), None
    while text != before:
        before = text
        text = _GOOGLE_SUFFIX.sub("", text).strip()
    return None if text in _GOOGLE_NOTHING_BUT_A_SUFFIX else non_empty(text)


def meta(value: str) -> str | None:
    """Lower case, no punctuation, no white space; letters of every script stay (``valéry``, ``정``)."""
    text = lowered(value)
    return None if text is None else non_empty(without_spaces_and_punctuation(text))
