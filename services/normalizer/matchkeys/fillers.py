"""Fillers: what people and programs write into a field that they have no value for.

Hashed, all rows with the same filler would join each other, so a filler has no key. A recipe can name more
(``placeholders``). Words that are also somebody's name (``Na``, ``Nil``, ``Test``) are no fillers.
"""

from __future__ import annotations

import re

NULL_WORDS = frozenset(
    {
        *("nan", "null", "none", "n/a", "n/a.", "n.a.", "n.a", "n\\a", "<na>", "\\n", "undefined", "unknown"),
        *("not available", "not applicable", "not known", "not provided", "not specified", "not set"),
        *("no data", "no value", "no name", "noname", "unspecified"),
        *("#n/a", "#n/d", "#nv", "#getting_data"),
    }
)
"""Compared in lower case. The beginnings and ends of ``_BRACKETS`` may stand around them."""

# Words that are fillers only in brackets or quotation marks: (empty), [NA].
_IN_BRACKETS = frozenset({"", "na", "nil", "empty", "blank", "missing"})
_DIGITS = frozenset("0123456789")
_BRACKETS = "<>()[]{}\"'` "
_LONGEST_WORD = max(map(len, NULL_WORDS)) + 4

_ASCII_LETTER_OR_DIGIT = re.compile("[0-9A-Za-z]")
_PATTERNS = re.compile(
    r"""
      \#(?:ref|value|div/0|null|num|spill|calc)! | \#name\? | \#n/a    # spreadsheets' error words
    | ^\#\S*[!?]$ | ^err:[0-9]+$                                       # in other languages and programs
    | %%.*%% | \{\{.*\}\} | \$\{.*\} | <%.*%> | \*\|.*\|\*             # a template that was not filled in
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
# What nearly every name and place is made of, and postal codes. Neither is a filler, but for the words above.
_ORDINARY = re.compile(r"[^\W\d_](?:[\w '.,&/-]*[\w.,&/-])?|[0-9]{0,2}[1-8][0-9]{0,3}(?:[ -][0-9A-Za-z]+)?")
_SHORTEST_RUN = 8
_SHORTEST_REPEATED = 7
_SHORTEST_NINES = 5
_RUNS = ("0123456789" * 2, "9876543210" * 2, "1231231234")


def is_filler(text: str) -> bool:
    """Whether trimmed text is no value: a word or a number for nothing, or without any letter or digit."""
    if len(text) <= _LONGEST_WORD and text[0] not in _DIGITS and _is_null_word(text.lower()):
        return True
    if _ORDINARY.fullmatch(text):
        return False
    if not has_letter_or_digit(text):
        return True
    return _PATTERNS.search(text) is not None or _is_filler_number(text)


def _is_null_word(word: str) -> bool:
    if word in NULL_WORDS:
        return True
    if word[0] not in _BRACKETS and word[-1] not in _BRACKETS:
        return False
    bare = word.strip(_BRACKETS)
    return bare in NULL_WORDS or bare in _IN_BRACKETS


def has_letter_or_digit(text: str) -> bool:
    """Whether there is any, of any script."""
    if _ASCII_LETTER_OR_DIGIT.search(text) is not None:
        return True
    return not text.isascii() and any(char.isalnum() for char in text)


def is_template(text: str) -> bool:
    """Whether text holds a spreadsheet's error, or a field of a template that was not filled in."""
    return _PATTERNS.search(text) is not None


def _is_filler_number(text: str) -> bool:
    """Whether digits are all zeros, many of one digit, or counted up or down."""
    if not (text.isascii() and text.isdigit()):
        return False
    if text == text[0] * len(text):
        shortest = {"0": 1, "9": _SHORTEST_NINES}.get(text[0], _SHORTEST_REPEATED)
        return len(text) >= shortest
    return len(text) >= _SHORTEST_RUN and any(text in run for run in _RUNS)
