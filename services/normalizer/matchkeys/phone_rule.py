"""The rule for phones: how a profile reads numbers, and how it writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import repeat

from services.normalizer.matchkeys.phone import Digits, ReadIn, reading
from services.normalizer.matchkeys.rules import Rule, Values, regions_of

DEFAULT_DIGITS: Digits = "own_code"
"""How digits without ``+`` are read where a recipe does not say."""

_SHORTEST_UID2, _LONGEST_UID2 = 10, 15


def as_e164(number: str) -> str:
    """With ``+``."""
    return number


def as_digits(number: str) -> str:
    """Without ``+``; a calling code never begins with a zero."""
    return number[1:]


def as_uid2(number: str) -> str | None:
    """With ``+``, of 10 to 15 digits."""
    return number if _SHORTEST_UID2 < len(number) <= _LONGEST_UID2 + 1 else None


@dataclass(frozen=True, slots=True)
class PhoneForm:
    """What a profile takes for a number, and how it writes one that is given as E.164 with ``+``."""

    write: Callable[[str], str | None] = as_e164
    assigned_only: bool = False
    """Whether a number must be in a range that is assigned in its country."""
    frozen: ReadIn | None = None
    """What reads numbers in an old version, where the recipe does not say how to read digits."""


@dataclass(frozen=True, slots=True)
class PhoneRule(Rule):
    """Phones of one profile."""

    form: PhoneForm
    digits: Digits | None = None
    """How digits without ``+`` are read; None: as the version of the profile has it."""

    @property
    def needs_country(self) -> bool:
        """Always."""
        return True

    def reading_digits_as(self, digits: Digits | None) -> PhoneRule:
        """The same rule for a column whose recipe says how to read digits, or does not (None)."""
        return replace(self, digits=digits)

    @property
    def read_as(self) -> Digits:
        """How digits without ``+`` are read."""
        return self.digits or (DEFAULT_DIGITS if self.form.frozen is None else "national")

    def normalise_many(
        self, values: Values, countries: Values | None = None, default_country: str | None = None
    ) -> list[str | None]:
        """See ``Rule``. It counts whether a row names its country or the default has to do."""
        read_in, write = self._read_in, self.form.write
        regions = regions_of(countries, default_country)
        read = {text: read_in(*region) for text, region in regions.items()}
        rows = repeat(None, len(values)) if countries is None else countries
        numbers = [
            None if value is None else read[country](value)
            for value, country in zip(values, rows, strict=True)
        ]
        return numbers if write is as_e164 else [None if each is None else write(each) for each in numbers]

    @property
    def _read_in(self) -> ReadIn:
        if self.digits is None and self.form.frozen is not None:
            return self.form.frozen
        return reading(self.read_as, assigned_only=self.form.assigned_only)
