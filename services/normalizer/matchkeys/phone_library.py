"""The one phone library in use: rphonenumbers, a Rust port of Google's libphonenumber.

Everything that touches the library is in this module, so that another can take its place. There is no second
one to fall back on: metadata differ from release to release, and a key must not depend on what happened to
be installed. A test compares it with the Python port, whose release is pinned to the same metadata.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Protocol

import rphonenumbers as _library  # type: ignore[import-untyped]  # it ships no types

from services.normalizer.matchkeys.everyday_phones import EverydayPhones


class Number(Protocol):
    """The part of the library's number that is used here."""

    country_code: int


_parse: Callable[[str, str | None], Number] = _library.parse
_possibility: Callable[[Number], int] = _library.is_possible_number_with_reason
_format: Callable[[Number, int], str] = _library.format_number
_code_of_region: Callable[[str], int] = _library.country_code_for_region
_Unreadable: type[Exception] = _library.NumberParseException
_E164: int = _library.PhoneNumberFormat.E164
_POSSIBLE: int = _library.ValidationResult.IS_POSSIBLE

METADATA: str = _library.__phonenumbers_version__
LIBRARY = f"rphonenumbers {_library.__version__}, metadata {METADATA}"
"""What keys depend on besides the number itself: recorded with the output."""

EVERYDAY = EverydayPhones(METADATA)

is_valid: Callable[[Number], bool] = _library.is_valid_number
"""Whether the number is in a range that is assigned in its country."""


def parsed(text: str, country: str | None) -> Number | None:
    """The number that the text is in a country (an alpha-2 code; None: after a ``+`` alone), if it is one."""
    try:
        return _parse(text, country)
    except _Unreadable:
        return None


def is_possible(number: Number) -> bool:
    """Whether the number is as long as its country's numbers are, assigned or not."""
    return _possibility(number) == _POSSIBLE


def e164(number: Number) -> str:
    """``+``, calling code and national number."""
    return _format(number, _E164)


@cache
def calling_code(country: str | None) -> int | None:
    """What numbers of a country begin with after ``+``; None where it has no numbers."""
    return None if country is None else _code_of_region(country) or None


class _Codes(dict[str | None, str]):
    """Calling codes by country, as text; a text that no digits begin with where there is none."""

    def __missing__(self, country: str | None) -> str:
        code = calling_code(country)
        self[country] = "none" if code is None else str(code)
        return self[country]


CODES = _Codes()
