"""Phone numbers, as the newest version of the profiles reads them.

A number is read as people write it: ``(650) 253-0000`` with its row's country, ``+44 (0) 7911 123456`` with
none. In addition to the library:

- Digits without ``+`` and without a leading zero may be a national number or, as Marketing Cloud wants them,
  an international one without its ``+``. ``Digits`` says which.
- ``00`` before a country code is understood in every country, also where another prefix is dialled abroad,
  or none is known. It counts only where the text is no valid number of the row's own country.
- An extension is dropped: E.164 has no place for it. So is a fraction of zeros.
- A ``+`` in front of a national number makes it another country's number or none; it is not repaired by
  guessing.
- What people type where they have no number has no key, because all such rows would join each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Literal

from services.normalizer.matchkeys.everyday_phones import bare
from services.normalizer.matchkeys.phone_library import (
    CODES,
    EVERYDAY,
    Number,
    calling_code,
    e164,
    is_possible,
    is_valid,
    parsed,
)
from services.normalizer.matchkeys.phone_text import (
    EVERYDAY_FILLER_ENDS,
    FILLER_ENDS,
    is_all_ten_in_order,
    is_in_order,
    is_made_up,
    is_unlikely,
    only_digits,
    without_fraction,
)
from services.normalizer.matchkeys.text import composed

Digits = Literal["own_code", "international", "national", "strict"]
"""How digits without ``+`` are read. Digits that begin with a zero are always read as dialled.

- ``own_code``: valid digits that begin with the row's own calling code are international; otherwise those
  that are valid in the row's country are national; otherwise valid ones are international. Where the row
  names no country and only the default speaks, as ``strict``.
- ``international``: as if a ``+`` stood before them.
- ``national``: as dialled in the row's country.
- ``strict``: whichever reading is valid; no number where both are and differ.
"""

Readings = Literal["own_code", "national", "abroad", "both", "none"]
"""Which valid readings digits without ``+`` have: international by the row's own calling code (where they may
be national as well), national, international by another code, both of the last two, or none."""

Read = Callable[[str], str | None]
"""Gives the number that a text is, as E.164 with ``+``; None where it is none, or it cannot be told which."""

ReadIn = Callable[[str | None, bool], Read]
"""What reads numbers in rows of one country: an alpha-2 code or None, and whether the row itself names it."""

_Everyday = Callable[[str], str | None]
"""What ``_by_library`` says of everyday numbers without separators; None where it must be asked."""

_Tier = Callable[[Number | None], str | None]
_CANNOT_BE_TOLD = ""
_FIRST_DIGIT = re.compile(r"\d")
# 3-3-4 in the North American way: no country code is among the digits.
_NORTH_AMERICAN = re.compile(r"\([2-9]\d\d\) ?\d{3}[ .-]?\d{4}|[2-9]\d\d([.-])\d{3}\1\d{4}", re.ASCII)


@cache
def reading(digits: Digits, *, assigned_only: bool) -> ReadIn:
    """What reads numbers, by country.

    Args:
        digits: how those without ``+`` are read.
        assigned_only: take numbers in ranges that are assigned alone; otherwise also those that are merely
            as long as their country's numbers, for the standards whose publishers hash every such number:
            their own examples are ``+1 (555) 123-4567`` and ``+65 1234 5678``, which no one is assigned.
    """
    tiers = (_assigned,) if assigned_only else (_assigned, _possible)

    @cache
    def read_in(country: str | None, named_by_row: bool) -> Read:
        if named_by_row or digits != "own_code":
            return _reader(country, digits, tiers)
        as_named = _reader(country, "own_code", tiers)
        by_default = _reader(country, "strict", tiers)
        if calling_code(country) != 1:
            return by_default
        return lambda value: (as_named if _is_north_american(value.strip()) else by_default)(value)

    return read_in


def _reader(country: str | None, mode: Digits, tiers: Sequence[_Tier]) -> Read:
    """What reads the numbers of one country; every number passes here, so an everyday one takes few calls."""
    everyday = _everyday(country, mode)

    def read(value: str) -> str | None:
        text = value.strip()
        if "." not in text:  # it may begin a fraction, and joins nothing here
            number = everyday(text.replace(" ", "").replace("-", "").replace("(", "").replace(")", ""))
            if number is not None:
                return (
                    None
                    if number[-4:] in EVERYDAY_FILLER_ENDS and _is_filler(text, number)
                    else number or None
                )
        return carefully(text)

    def carefully(text: str) -> str | None:
        whole = without_fraction(composed(text) or "")
        if not whole:
            return None
        number = everyday(bare(whole))
        if number is None:
            number = _by_library(whole, country, mode, tiers)
        return None if not number or _is_filler(whole, number) else number

    return read


def readings_of(value: str, country: str | None) -> Readings | None:
    """Which valid readings a text has in a country; None where its reading depends on no option.

    That is so with a ``+`` or a leading zero, and where the text is no number at all, or a filler.
    """
    text = without_fraction(composed(value) or "")
    start = None if not text else _FIRST_DIGIT.search(text)
    if not text or start is None or start[0] == "0" or "+" in text or "\uff0b" in text:
        return None
    abroad_number = parsed("+" + text[start.start() :], None)
    home, abroad = _assigned(parsed(text, country)), _assigned(abroad_number)
    if any(number is not None and _is_filler(text, number) for number in (home, abroad)):
        return None
    if abroad_number is not None and abroad and abroad_number.country_code == calling_code(country):
        return "own_code"
    if home and abroad:
        return "both"
    return "national" if home else "abroad" if abroad else "none"


def _is_north_american(text: str) -> bool:
    """Whether the text itself shows that it is a national number of its country, one with that plan."""
    return ("-" in text or "." in text or "(" in text) and _NORTH_AMERICAN.fullmatch(text) is not None


def _everyday(country: str | None, mode: Digits) -> _Everyday:
    """What reads everyday numbers, in the mode."""
    if mode == "own_code":
        return EVERYDAY.reader(country, CODES[country])
    if mode == "international":
        return EVERYDAY.reader(country, "")
    as_dialled = EVERYDAY.reader(country, None)
    if mode == "national":
        return as_dialled

    def undisputed(digits: str) -> str | None:
        home = as_dialled(digits)
        if home is None or digits[0] in "+0" or EVERYDAY.certainly_invalid_after_plus(digits):
            return home
        abroad = EVERYDAY.after_plus("+" + digits)
        if abroad is None:
            return None
        return home if home == abroad else _CANNOT_BE_TOLD

    return undisputed


def _by_library(text: str, country: str | None, mode: Digits, tiers: Sequence[_Tier]) -> str | None:
    home = parsed(text, country)
    start = _FIRST_DIGIT.search(text)
    if start is None or mode == "national" or "+" in text or "\uff0b" in text or start[0] == "0":
        return _first(tiers, home, parsed("+" + text[2:], None) if text.startswith("00") else None)
    abroad = parsed("+" + text[start.start() :], None)
    if mode == "international":
        return _first(tiers, abroad)
    if mode == "strict":
        return _undisputed(tiers, home, abroad)
    if abroad is not None and abroad.country_code == calling_code(country):
        return _first(tiers, abroad, home)
    return _assigned(home) or _assigned(abroad) or _first(tiers[1:], home)


def _first(tiers: Sequence[_Tier], *readings: Number | None) -> str | None:
    """The first reading that satisfies the first tier, else the first that satisfies the next."""
    return next((found for tier in tiers for each in readings if (found := tier(each))), None)


def _undisputed(tiers: Sequence[_Tier], home: Number | None, abroad: Number | None) -> str | None:
    """The only reading of the first tier that has one; None where it has two that differ.

    That a number abroad may be as long as the digits are says nothing for it, but it speaks against another.
    """
    for tier in tiers:
        national, international = tier(home), tier(abroad)
        if national and international and national != international:
            return None
        found = national or (international if tier is _assigned else None)
        if found:
            return found
    return None


def _assigned(number: Number | None) -> str | None:
    return e164(number) if number is not None and is_valid(number) else None


def _possible(number: Number | None) -> str | None:
    if number is None or not is_possible(number):
        return None
    found = e164(number)
    code = number.country_code
    return None if is_unlikely(code, found.removeprefix(f"+{code}")) else found


def _is_filler(text: str, number: str) -> bool:
    if number[-3:] not in FILLER_ENDS:
        return False
    read = parsed(number, None)
    code = "" if read is None else str(read.country_code)
    national, typed = number.removeprefix(f"+{code}"), only_digits(text)
    return (
        is_made_up(national)
        or is_made_up(typed)
        or is_all_ten_in_order(typed)
        or (text.isdecimal() and (is_in_order(national) or is_in_order(typed)))
    )
