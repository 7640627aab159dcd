"""Phone numbers, by the one phone library in use: rphonenumbers, a Rust port of Google's libphonenumber.

Everything that touches the library is in this module, so that another can take its place; there is no
second one to fall back on, because metadata differ from release to release and a key must not depend on
what happened to be installed. A test compares it with the Python port, whose release is pinned to the same
metadata.

A number is read as people write it: ``(650) 253-0000`` with its row's country, ``+44 (0) 7911 123456`` with
none. In addition to the library:

- ``00`` before a country code is understood in every country, also where another prefix is dialled abroad,
  or none is known. It counts only where the text is no valid number of the row's own country.
- An extension is dropped: E.164 has no place for it.
- A ``+`` in front of a national number makes it another country's number or none; it is not repaired by
  guessing.
- A merely possible number is no number if it is one digit repeated or begins with four zeros: people type
  that where they have none, and all such rows would join each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import rphonenumbers as _library  # type: ignore[import-untyped]  # it ships no types

from services.normalizer.matchkeys.everyday_phones import everyday_phones
from services.normalizer.matchkeys.text import damaged


class _Number(Protocol):
    """The part of the library's number that is used here."""

    country_code: int


_parse: Callable[[str, str | None], _Number] = _library.parse
_is_valid: Callable[[_Number], bool] = _library.is_valid_number
_possibility: Callable[[_Number], int] = _library.is_possible_number_with_reason
_format: Callable[[_Number, int], str] = _library.format_number
_Unreadable: type[Exception] = _library.NumberParseException
_E164: int = _library.PhoneNumberFormat.E164
_POSSIBLE: int = _library.ValidationResult.IS_POSSIBLE

# What keys depend on besides the number itself: recorded with the output.
LIBRARY = f"rphonenumbers {_library.__version__}, metadata {_library.__phonenumbers_version__}"

_read_everyday = everyday_phones(_library.__phonenumbers_version__)

_SHORTEST_UID2, _LONGEST_UID2 = 10, 15


def valid(value: str, country: str | None) -> str | None:
    """E.164 with ``+`` of a number in a range that is assigned in its country; None for any other text."""
    return _best(value, country, possible_will_do=False)


def possible(value: str, country: str | None) -> str | None:
    """E.164 with ``+`` of a number as long as its country's numbers are, assigned or not.

    For the standards whose publishers hash every such number: their own examples are ``+1 (555) 123-4567``
    and ``+65 1234 5678``, which no one is assigned.
    """
    return _best(value, country, possible_will_do=True)


def possible_digits(value: str, country: str | None) -> str | None:
    """As ``possible``, without the ``+``; a country code never begins with a zero."""
    number = possible(value, country)
    return None if number is None else number[1:]


def uid2(value: str, country: str | None) -> str | None:
    """As ``possible``, of 10 to 15 digits."""
    number = possible(value, country)
    return number if number is not None and _SHORTEST_UID2 < len(number) <= _LONGEST_UID2 + 1 else None


def _best(value: str, country: str | None, *, possible_will_do: bool) -> str | None:
    """The first valid reading of the text, or else, if that will do, the first possible one."""
    text = value.strip()
    if not text or damaged(text):
        return None
    # Nearly every number ends with one of the next two, so each stands without a call more than it needs.
    everyday = _read_everyday(text, country)
    if everyday is not None:
        return everyday
    number: _Number | None
    try:
        number = _parse(text, country)
    except _Unreadable:
        number = None
    else:
        if _is_valid(number):
            return _format(number, _E164)
    abroad = _from_abroad(text)
    if abroad is not None and _is_valid(abroad):
        return _format(abroad, _E164)
    if possible_will_do:
        for reading in (number, abroad):
            if (
                reading is not None
                and _possibility(reading) == _POSSIBLE
                and (likely := _unless_filler(reading))
            ):
                return likely
    return None


def _from_abroad(text: str) -> _Number | None:
    """``00…`` read as ``+…``; None for any other text."""
    if not text.startswith("00"):
        return None
    try:
        return _parse("+" + text[2:], None)
    except _Unreadable:
        return None


def _unless_filler(number: _Number) -> str | None:
    formatted = _format(number, _E164)
    national = formatted.removeprefix(f"+{number.country_code}")
    return None if len(set(national)) == 1 or national.startswith("0000") else formatted
