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

Reader = Callable[[str, str | None], str | None]


class _Ranges(TypedDict):
    metadata: str
    numbers: dict[str, str]
    """What is assigned under a calling code."""
    after_plus: dict[str, str]
    """What a national number must not begin with after ``+`` and calling code."""
    as_dialled: dict[str, tuple[str, str]]
    """By country: its calling code, and what may stand before a number that is dialled there."""


def everyday_phones(metadata: str) -> Reader:
    """What reads the everyday numbers of a release of the metadata; nothing, if the ranges are another's.

    It takes text and an alpha-2 code or None, and gives E.164 with ``+`` of a valid number, or None where the
    library is to be asked.
    """
    ranges: _Ranges = json.loads(_RANGES.read_bytes())
    if ranges["metadata"] != metadata:
        return lambda _text, _country: None
    codes = ranges["numbers"].keys()
    abroad, at_home = _Abroad(ranges), _AtHome(ranges)

    def read(text: str, country: str | None) -> str | None:
        digits = text.replace(" ", "").replace("-", "").replace("(", "").replace(")", "").replace(".", "")
        if digits[:1] == "+":
            for end in (2, 3, 4):
                if digits[1:end] in codes:
                    return digits if abroad[digits[1:end]](digits) else None
            return None
        plus, expression = at_home[country]
        found = expression(digits)
        return plus + found["number"] if found else None

    return read


_Expression = Callable[[str], re.Match[str] | None]


class _Abroad(dict[str, _Expression]):
    """By calling code: numbers that begin with it. Each is compiled when it first occurs."""

    def __init__(self, ranges: _Ranges) -> None:
        super().__init__()
        self._ranges = ranges

    def __missing__(self, code: str) -> _Expression:
        expression = rf"\+{code}{self._ranges['after_plus'][code]}{self._ranges['numbers'][code]}"
        self[code] = re.compile(expression, re.ASCII).fullmatch
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
