"""Texts of phone numbers: what spreadsheets made of them, and what people type where they have none."""

from __future__ import annotations

import re

_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d*)?[eE][+-]?\d+")
_WITH_ZEROS = re.compile(r"(?P<number>[^.,]*\d)[.,]0+")
_PLAIN_WITH_FRACTION = re.compile(r"\+?\d{7,}\.\d{1,2}|\+?\d{9,}\.\d+")
_ENDS_LIKE_A_FRACTION = re.compile(r".*\d(?:[.,]\d|,0+)|[^.,]*\d\.0{1,3}", re.DOTALL)
_FEWEST_DIGITS = 7

_UP = "0123456789" * 3
_DOWN = _UP[::-1]
_SHORTEST_SEQUENCE = 6
_ONE_TWO_THREE = re.compile(r"(?:123){2,}(?:12?|4(?:5(?:67?)?)?)?")
_ONE_TO_TEN = "12345678910"
_ALL_TEN = frozenset({"0123456789", "1234567890", "9876543210", "0987654321"})
_REPEATED_GROUP = re.compile(r"(\d{2,3})\1{2,}")
FILLER_ENDS = frozenset(
    {digit * 3 for digit in "0123456789"}
    | {line[at : at + 3] for line in (_UP, _DOWN) for at in range(10)}
    | {"231", "312", "910"}
)
"""The last three digits of every number that is made up or in order: a quick test, passed by few numbers."""
EVERYDAY_FILLER_ENDS = frozenset(
    {digit * 4 for digit in "0123456789"}
    | {line[at : at + 4] for line in (_UP, _DOWN) for at in range(10)}
    | {"3123", "1231", "2312", "8910"}
)
"""As ``FILLER_ENDS``, the last four: for numbers that end with the digits as typed, four or more."""


def without_fraction(text: str) -> str | None:
    """The text without a fraction of zeros (``491701234567.0``); None where digits are or may be lost.

    Spreadsheets and data frames write numbers so. Joined, the zero would make another person's number. Lost
    are those behind an exponent (``4.91701E+11``). Groups of two or more digits between dots are usual, also
    the last: ``01.40.20.50.00`` is a number in France.
    """
    if "." not in text and "," not in text and "e" not in text and "E" not in text:
        return text
    if _SCIENTIFIC.fullmatch(text):
        return None
    if (found := _WITH_ZEROS.fullmatch(text)) and len(only_digits(found["number"])) >= _FEWEST_DIGITS:
        return found["number"]
    if _PLAIN_WITH_FRACTION.fullmatch(text) or _ENDS_LIKE_A_FRACTION.fullmatch(text):
        return None
    return text


def is_made_up(digits: str) -> bool:
    """One digit repeated, or ``123`` over and over.

    People type these where they have no number, also such as are assigned to someone (``99999999`` in
    Norway); all such rows would join each other.
    """
    return len(set(digits)) == 1 or _ONE_TWO_THREE.fullmatch(digits) is not None


def is_in_order(digits: str) -> bool:
    """Digits in order, up or down: ``0123456789``, ``87654321``.

    To be asked of bare digits only: ``+65 1234 5678`` and ``1 (234) 567-8901`` are published examples.
    """
    return digits == _ONE_TO_TEN or (len(digits) >= _SHORTEST_SEQUENCE and (digits in _UP or digits in _DOWN))


def is_all_ten_in_order(digits: str) -> bool:
    """All ten digits in order, as they are on a keyboard or a phone, up or down."""
    return digits in _ALL_TEN


def is_unlikely(calling_code: int, national: str) -> bool:
    """Whether a number that is merely as long as one is none: made up, or of an area that cannot be.

    In the North American plan no area begins with 0 or 1.
    """
    return (
        national.startswith("0000")
        or (calling_code == 1 and national[:1] in {"0", "1"})
        or is_made_up(national)
        or _REPEATED_GROUP.fullmatch(national) is not None
    )


def only_digits(text: str) -> str:
    """The decimal digits of the text, in ASCII."""
    return "".join([str(int(character)) for character in text if character.isdecimal()])
