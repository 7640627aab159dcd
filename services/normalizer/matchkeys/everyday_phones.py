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
        self._codes = ranges["numbers"].keys()
        self._all_codes = ranges["perhaps"].keys()
        self._abroad, self._at_home, self._perhaps = _Abroad(ranges), _AtHome(ranges), _Perhaps(ranges)

    def dialled(self, text: str, country: str | None) -> str | None:
        """A number with ``+``, or as dialled in a country (an alpha-2 code, or None)."""
        digits = bare(text)
        return self.after_plus(digits) if digits[:1] == "+" else self.national(digits, country)

    def after_plus(self, number: str) -> str | None:
        """A number of ``+`` and bare digits."""
        for end in (2, 3, 4):
            if number[1:end] in self._codes:
                return number if self._abroad[number[1:end]](number) else None
        return None

    def national(self, digits: str, country: str | None) -> str | None:
        """Bare digits as dialled in a country."""
        plus, expression = self._at_home[country]
        found = expression(digits)
        return plus + found["number"] if found else None

    def certainly_invalid_after_plus(self, digits: str) -> bool:
        """Whether bare digits, with a ``+`` before them, are certainly no valid number of any country."""
        for end in (1, 2, 3):
            if digits[:end] in self._all_codes:
                return not self._perhaps[digits[:end]](digits)
        return self._is_known


def bare(text: str) -> str:
    """The text without the usual separators."""
    return text.replace(" ", "").replace("-", "").replace("(", "").replace(")", "").replace(".", "")


class _Abroad(dict[str, _Expression]):
    """By calling code: numbers that begin with it. Each is compiled when it first occurs."""

    def __init__(self, ranges: _Ranges) -> None:
        super().__init__()
        self._ranges = ranges

    def __missing__(self, code: str) -> _Expression:
        expression = rf"\+{code}{self._ranges['after_plus'][code]}{self._ranges['numbers'][code]}"
        self[code] = re.compile(expression, re.ASCII).fullmatch
        return self[code]


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
            self[country] = "", lambda _digits: None
        else:
            code, before = known
            expression = rf"{before}(?P<number>{self._ranges['numbers'][code]})"
            self[country] = f"+{code}", re.compile(expression, re.ASCII).fullmatch
        return self[country]
