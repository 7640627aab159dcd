"""Date of birth and gender: the same in both standards that hash them."""

from __future__ import annotations

import re
from datetime import date

from services.normalizer.matchkeys.text import clean, lower

# A time of day may follow, as databases and Marketing Cloud write it; it says nothing about a birthday.
_TIME = r"(?:[ T]\s*\d{1,2}:\d{2}.*)?"
_SHAPES = tuple(
    re.compile(shape + _TIME, re.ASCII)
    for shape in (
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<year>\d{4})(?P<gap>[-/.])(?P<month>\d{1,2})(?P=gap)(?P<day>\d{1,2})",
        r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})",
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})",
    )
)

_FIRST_YEAR = 1900
_LAST_YEAR = 2099
# What Marketing Cloud and many databases hold where no date was given. Hashed, all such rows would join
# each other.
_NO_DATE = date(1900, 1, 1)

GENDERS = {"f": "f", "female": "f", "woman": "f", "m": "m", "male": "m", "man": "m"}


def date_of_birth(value: str) -> str | None:
    """``YYYYMMDD``.

    Read are ``YYYY-MM-DD``, ``YYYY/MM/DD``, ``YYYY.MM.DD``, ``YYYYMMDD``, Marketing Cloud's ``M/D/YYYY``
    and, with dots, ``D.M.YYYY``; a time of day behind it is ignored. ``D/M/YYYY`` is never guessed, not
    even where the day is above 12: half of such a column would come out wrong. The day must exist, in the
    years 1900 to 2099, and 1 January 1900 means that there is none.
    """
    text = clean(value)
    return None if text is None else day_of(text)


def day_of(text: str) -> str | None:
    """``YYYYMMDD`` of trimmed text; None where it is no date of birth."""
    found = next(filter(None, (shape.fullmatch(text) for shape in _SHAPES)), None)
    if found is None:
        return None
    try:
        day = date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR or day == _NO_DATE:
        return None
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def gender(value: str) -> str | None:
    """``f`` or ``m``, from the initial or the English word; the standards have no others."""
    text = clean(value)
    return None if text is None else GENDERS.get(lower(text))
