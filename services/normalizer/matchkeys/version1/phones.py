"""Phone numbers in version 1. Frozen.

Digits without ``+`` are read as dialled in the row's country. ``00`` before a country code counts as ``+``
where the text is no valid number of the country. A merely possible number is no number if it is one digit
repeated or begins with four zeros.
"""

from __future__ import annotations

from services.normalizer.matchkeys.phone import Read
from services.normalizer.matchkeys.phone_library import (
    EVERYDAY,
    Number,
    e164,
    is_possible,
    is_valid,
    parsed,
)
from services.normalizer.matchkeys.phone_rule import PhoneForm, as_digits, as_e164, as_uid2
from services.normalizer.matchkeys.text import damaged

_read_everyday = EVERYDAY.dialled


def valid(value: str, country: str | None) -> str | None:
    """E.164 with ``+`` of a number in a range that is assigned in its country; None for any other text."""
    return _best(value, country, possible_will_do=False)


def possible(value: str, country: str | None) -> str | None:
    """E.164 with ``+`` of a number as long as its country's numbers are, assigned or not."""
    return _best(value, country, possible_will_do=True)


def _valid_in(country: str | None, _named_by_row: bool) -> Read:
    return lambda value: _best(value, country, possible_will_do=False)


def _possible_in(country: str | None, _named_by_row: bool) -> Read:
    return lambda value: _best(value, country, possible_will_do=True)


ASSIGNED = PhoneForm(as_e164, assigned_only=True, frozen=_valid_in)
POSSIBLE = PhoneForm(as_e164, frozen=_possible_in)
POSSIBLE_DIGITS = PhoneForm(as_digits, frozen=_possible_in)
UID2 = PhoneForm(as_uid2, frozen=_possible_in)


def _best(value: str, country: str | None, *, possible_will_do: bool) -> str | None:
    """The first valid reading of the text, or else, if that will do, the first possible one."""
    text = value.strip()
    if not text or damaged(text):
        return None
    # Nearly every number ends with one of the next two, so each stands without a call more than it needs.
    everyday = _read_everyday(text, country)
    if everyday is not None:
        return everyday
    number = parsed(text, country)
    if number is not None and is_valid(number):
        return e164(number)
    abroad = parsed("+" + text[2:], None) if text.startswith("00") else None
    if abroad is not None and is_valid(abroad):
        return e164(abroad)
    if possible_will_do:
        for reading in (number, abroad):
            if reading is not None and is_possible(reading) and (likely := _unless_filler(reading)):
                return likely
    return None


def _unless_filler(number: Number) -> str | None:
    formatted = e164(number)
    national = formatted.removeprefix(f"+{number.country_code}")
    return None if len(set(national)) == 1 or national.startswith("0000") else formatted
