"""What every normaliser of text begins with, and the character classes that several of them share.

Cases and forms are exactly Python's ``str.strip``, ``str.lower`` and ``unicodedata.normalize``: a partner
computes the same with an ordinary program.
"""

from __future__ import annotations

import re
import string
import unicodedata

from services.normalizer.matchkeys.fillers import is_filler

# What programs write where there was nothing (pandas, SQL exports, spreadsheets), compared in lower case.
# Hashed, all such rows would join each other. Real names and places such as "Na" or "Nat" are left out on
# purpose. Identifiers and version 1 of the profiles know these only; fillers.py has more.
NOTHING = frozenset({"nan", "null", "none", "n/a", "#n/a", "<na>", "<null>", "(null)", "\\n", "undefined"})
_LONGEST_NOTHING = max(map(len, NOTHING))

# U+FFFD stands where decoding failed; a lone surrogate is half a character and has no UTF-8 to hash.
_DAMAGE = re.compile("[\ufffd\ud800-\udfff]")
# Zero-width space, word joiner and byte order mark come with pasted text and belong to no name or address.
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")

# A whole number that passed through a spreadsheet or a data frame: 2134.0
_FLOAT = re.compile(r"([0-9]+)[.,]0*", re.ASCII)
# Any other decimal or scientific notation: what the digits were cannot be told.
_DECIMAL = re.compile(r"[+-]?[0-9]+\s*[.,][0-9.,\s]*(?:e[+-]?[0-9]+)?|[+-]?[0-9]+e\+[0-9]+", re.ASCII | re.I)

_NUMERIC = frozenset("+-0123456789")
"""How a number begins."""

_NOT_LETTERS = re.compile(r"[^a-z]+")
_NOT_LETTERS_OR_DIGITS = re.compile(r"[^a-z0-9]+")
_ASCII_PUNCTUATION = str.maketrans("", "", string.punctuation)


def damaged(text: str) -> bool:
    """Whether characters were lost in decoding: different values are damaged alike, so they have no key."""
    return not text.isascii() and _DAMAGE.search(text) is not None


def present(value: str) -> str | None:
    """The value without white space around it; None where there is no value.

    No value is: nothing but white space, a word that programs write for nothing, or damaged text.
    """
    text = value.strip()
    if not text or damaged(text):
        return None
    if len(text) <= _LONGEST_NOTHING and text.lower() in NOTHING:
        return None
    return text


def composed(value: str) -> str | None:
    """The value in Unicode NFC, without invisible characters and white space around it; None if damaged."""
    if value.isascii():
        return value.strip()
    if damaged(value):
        return None
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", value)).strip()


def clean(value: str) -> str | None:
    """The value as ``composed``, where it is one: no filler. A whole number loses its ``.0``."""
    text = composed(value)
    if not text or is_filler(text):
        return None
    found = _FLOAT.fullmatch(text) if text[0] in _NUMERIC and not text.isdigit() else None
    if found is None:
        return text
    return None if is_filler(found[1]) else found[1]


def clean_words(value: str) -> str | None:
    """As ``clean``, for a name or a place, which is no decimal number."""
    text = clean(value)
    return None if text is None or _is_decimal(text) else text


def lower(text: str) -> str:
    """Lower case, composed again: a few letters have a composed form in lower case only."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text.lower())


def lowered(value: str) -> str | None:
    """Composed, trimmed and in lower case: the whole of many a standard's rule for names and places."""
    text = clean_words(value)
    return None if text is None else lower(text)


def non_empty(text: str) -> str | None:
    """What is left after characters were dropped; None where that is nothing, or a filler."""
    return None if not text or is_filler(text) or _is_decimal(text) else text


def _is_decimal(text: str) -> bool:
    return text[0] in _NUMERIC and not text.isdigit() and _DECIMAL.fullmatch(text) is not None


def decomposed(text: str) -> str:
    """Unicode NFD: accents become characters of their own; ø, ł, đ, ß and æ have none."""
    return text if text.isascii() else unicodedata.normalize("NFD", text)


def entity_resolution_accents(text: str) -> str:
    """Unicode NFD with ``å`` as ``aa``: how the library published for AWS Entity Resolution takes accents."""
    return decomposed(text.replace("å", "aa"))


def without_accents(text: str) -> str:
    """NFD without the accents themselves (category Mn)."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")


def only_letters(text: str) -> str:
    """What is left of lower-case text when all but ``a-z`` is dropped; may be empty."""
    return _NOT_LETTERS.sub("", text)


def only_letters_and_digits(text: str) -> str:
    """What is left of lower-case text when all but ``a-z0-9`` is dropped; may be empty."""
    return _NOT_LETTERS_OR_DIGITS.sub("", text)


def without_punctuation(text: str) -> str:
    """Without ASCII punctuation and the Unicode categories P*; accents and letters of every script stay."""
    text = text.translate(_ASCII_PUNCTUATION)
    if text.isascii():
        return text
    return "".join(c for c in text if not unicodedata.category(c).startswith("P"))


def without_spaces_and_punctuation(text: str) -> str:
    """Without white space as well: what Meta asks of names and places."""
    return without_punctuation("".join(text.split()))


def folded(text: str) -> str:
    """A spelling to look names up by: no accents, case, spaces or punctuation (``Québec`` → ``quebec``)."""
    return only_letters_and_digits(without_accents(text).lower().replace("&", "and"))
