"""What every normaliser of text begins with, and the character classes that several of them share.

Cases and forms are exactly Python's ``str.strip``, ``str.lower`` and ``unicodedata.normalize``: a partner
computes the same with an ordinary program.
"""

from __future__ import annotations

import re
import unicodedata

# What programs write where there was nothing (pandas, SQL exports, spreadsheets), compared in lower case.
# Hashed, all such rows would join each other. Real names and places such as "Na" or "Nat" are left out on
# purpose.
NOTHING = frozenset({"nan", "null", "none", "n/a", "#n/a", "<na>", "<null>", "(null)", "\\n", "undefined"})
_LONGEST_NOTHING = max(map(len, NOTHING))

# U+FFFD stands where decoding failed; a lone surrogate is half a character and has no UTF-8 to hash.
_DAMAGE = re.compile("[\ufffd\ud800-\udfff]")

_NOT_LETTERS = re.compile(r"[^a-z]+")
_NOT_LETTERS_OR_DIGITS = re.compile(r"[^a-z0-9]+")


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


def lowered(value: str) -> str | None:
    """Trimmed and in lower case: the whole of many a standard's rule."""
    text = present(value)
    return None if text is None else text.lower()


def something(text: str) -> str | None:
    """What is left after characters were dropped; None where that is nothing, or a word for nothing."""
    return None if not text or text in NOTHING else text


def decomposed(text: str) -> str:
    """Unicode NFD: accents become characters of their own; ø, ł, đ, ß and æ have none."""
    return text if text.isascii() else unicodedata.normalize("NFD", text)


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


def folded(text: str) -> str:
    """A spelling to look names up by: no accents, case, spaces or punctuation (``Québec`` → ``quebec``)."""
    return only_letters_and_digits(without_accents(text).lower().replace("&", "and"))
