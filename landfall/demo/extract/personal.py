"""What was written about people, by kind, so that a search for leaks knows what to look for."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

_MIN_BYTES = 6  # anything shorter turns up by chance in any log


class Category(StrEnum):
    """A kind of personal data."""

    EMAIL = "email"
    PHONE = "phone"
    SUBSCRIBER_KEY = "subscriber key"
    NAME = "name"
    STREET = "street"
    IP_ADDRESS = "ip address"
    COORDINATE = "coordinate"
    URL_QUERY = "url query"
    FREE_TEXT = "free text"
    SUBSCRIBER_ID = "subscriber id"
    PLACE = "place"
    POSTAL_CODE = "postal code"
    BIRTH_DATE = "birth date"

    @property
    def distinctive(self) -> bool:
        """Whether a value found anywhere, even inside other text, is a leak.

        The others (nine digits, a town, a date) occur by chance within hashes, counts and times: compare them
        with whole values only.
        """
        return self not in _ONLY_AS_WHOLE_VALUES


_ONLY_AS_WHOLE_VALUES = frozenset(
    {Category.SUBSCRIBER_ID, Category.PLACE, Category.POSTAL_CODE, Category.BIRTH_DATE}
)


class Ledger:
    """Collects every personal value as it is written."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: dict[Category, set[str]] = {category: set() for category in Category}

    def add(self, category: Category, *values: str) -> None:
        """Note the values; empty ones are nobody's."""
        self._values[category].update(filter(None, values))

    def close(self) -> Mapping[Category, frozenset[str]]:
        """Everything noted, by category."""
        return {category: frozenset(values) for category, values in self._values.items()}


def is_searchable(value: str) -> bool:
    """Whether a value is long enough, in UTF-8, to be looked for inside other text."""
    return len(value.encode()) >= _MIN_BYTES
