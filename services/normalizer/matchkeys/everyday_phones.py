"""Fixed lines and mobiles in everyday notations, recognised by one expression a country.

The phone library takes some two and a half microseconds a number, an expression a third of that. The
expressions are made of the library's own metadata (``phone_ranges.json``, written by ``make docs``) and match
nothing of which the library says anything else; a test compares hundreds of thousands of numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

_RANGES = Path(__file__).with_name("phone_ranges.json")

_Expression = Callable[[str], re.Match[str] | None]


class _Ranges(TypedDict):
    metadata: str
    numbers: dict[str, str]
    """What is assigned under a calling code."""
    after_plus: dict[str, str]
    """What a national number must not begin with after ``+`` and calling code."""
    perhaps: dict[str, str]
    """By calling code, those of no country included: whatever may be valid after it."""
    as_dialled: dict[str, tuple[str, str]]
    """By country: its calling code, and what may stand before a number that is dialled there."""


class EverydayPhones:
    """The everyday numbers of one release of the metadata; none, if the ranges are another's.

    Numbers come back as E.164 with ``+``. None means that the library is to be asked.
    """

    def __init__(self, metadata: str) -> None:
        ranges: _Ranges = json.loads(_RANGES.read_bytes())
        if ranges["metadata"] != metadata:
            ranges = _Ranges(metadata=metadata, numbers={}, after_plus={}, perhaps={}, as_dialled={})
            self._is_known = False
        else:
            self._is_known = True
        self._all_codes = ranges["perhaps"].keys()
        self._abroad, self._at_home, self._perhaps = _Abroad(ranges), _AtHome(ranges), _Perhaps(ranges)

    def dialled(self, text: str, country: str | None) -> str | None:
        """A number with ``+``, or as dialled in a country (an alpha-2 code, or None)."""
        digits = bare(text)
        if digits[:1] == "+":
            return digits if self._abroad[digits[1:4]](digits) else None
        plus, expression = self._at_home[country]
        found = expression(digits)
        return plus + found["number"] if found else None

    def after_plus(self, number: str) -> str | None:
        """A number of ``+`` and bare digits."""
        return number if self._abroad[number[1:4]](number) else None

    def national(self, digits: str, country: str | None) -> str | None:
        """Bare digits as dialled in a country."""
        plus, expression = self._at_home[country]
        found = expression(digits)
        return plus + found["number"] if found else None

    def reader(self, country: str | None, code: str | None) -> Callable[[str], str | None]:
        """What reads bare digits: after ``+`` from anywhere, others as dialled in a country.

        Args:
            code: what digits without ``+`` begin with that are read as if they had one; an empty text means
                all, None means none. Digits that begin with a zero are always read as dialled.
        """
        abroad = self._abroad
        plus, at_home = self._at_home[country]

        def read(digits: str) -> str | None:
            first = digits[:1]
            if first == "+":
                return digits if abroad[digits[1:4]](digits) else None
            if code is not None and first != "0" and digits.startswith(code):
                return number if abroad[digits[:3]](number := "+" + digits) else None
            found = at_home(digits)
            return plus + found["number"] if found else None

        return read

    def certainly_invalid_after_plus(self, digits: str) -> bool:
        """Whether bare digits, with a ``+`` before them, are certainly no valid number of any country."""
        for end in (1, 2, 3):
            if digits[:end] in self._all_codes:
                return not self._perhaps[digits[:end]](digits)
        return self._is_known


def bare(text: str) -> str:
    """The text without the usual separators."""
    return text.replace(" ", "").replace("-", "").replace("(", "").replace(")", "").replace(".", "")


def _no_number(_text: str) -> None:
    return None


class _Abroad(dict[str, _Expression]):
    """By the first three digits after ``+``: numbers of their calling code.

    Each expression is compiled when its code first occurs.
    """

    def __init__(self, ranges: _Ranges) -> None:
        super().__init__()
        self._ranges = ranges
        self._by_code: dict[str, _Expression] = {}

    def __missing__(self, start: str) -> _Expression:
        code = next((start[:end] for end in (1, 2, 3) if start[:end] in self._ranges["numbers"]), None)
        found = _no_number if code is None else self._of(code)
        if start.isascii() and start.isdecimal():  # any other text may be anything, so it is not kept
            self[start] = found
        return found

    def _of(self, code: str) -> _Expression:
        if code not in self._by_code:
            expression = rf"\+{code}{self._ranges['after_plus'][code]}{self._ranges['numbers'][code]}"
            self._by_code[code] = re.compile(expression, re.ASCII).fullmatch
        return self._by_code[code]


class _Perhaps(dict[str, _Expression]):
    """By calling code: digits that may be valid after ``+``. Compiled as ``_Abroad`` is."""

    def __init__(self, ranges: _Ranges) -> None:
        super().__init__()
        self._ranges = ranges

    def __missing__(self, code: str) -> _Expression:
        self[code] = re.compile(code + self._ranges["perhaps"][code], re.ASCII).fullmatch
        return self[code]


class _AtHome(dict[str | None, tuple[str, _Expression]]):
    """By country: ``+`` with its calling code, and its numbers without. Compiled as ``_Abroad`` is."""

    def __init__(self, ranges: _Ranges) -> None:
        super().__init__()
        self._ranges = ranges

    def __missing__(self, country: str | None) -> tuple[str, _Expression]:
        known = self._ranges["as_dialled"].get(country or "")
        if known is None:
            self[country] = "", _no_number
        else:
            code, before = known
            expression = rf"{before}(?P<number>{self._ranges['numbers'][code]})"
            self[country] = f"+{code}", re.compile(expression, re.ASCII).fullmatch
        return self[country]
