"""A rule: how one profile writes one field, and how it encodes the digest of what it wrote."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import repeat

from services.normalizer.matchkeys.countries import alpha2, of_row
from services.normalizer.matchkeys.errors import UnknownCountry
from services.normalizer.matchkeys.shape import Shape

Values = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class MatchKey:
    """What a value became. Both parts are None where the value is invalid under its profile."""

    normalized: str | None
    match_key: str | None


@dataclass(frozen=True, slots=True)
class Rule(ABC):
    """One field of one profile.

    ``fingerprint`` names all that a key depends on besides the value: the profile with its version and, for
    phones, the library with its metadata. ``encode`` takes a normalised value.
    """

    fingerprint: str
    encode: Callable[[str], str]
    by_first_country_column: bool = field(default=False, kw_only=True)
    """Whether a row's country is read from the first of a recipe's columns that the *file* has, also where
    the row does not fill it, as version 1 did. Otherwise from the first that the row fills."""

    @property
    @abstractmethod
    def needs_country(self) -> bool:
        """Whether a value means different things in different countries."""

    @abstractmethod
    def normalise_many(
        self, values: Values, countries: Values | None = None, default_country: str | None = None
    ) -> list[str | None]:
        """The values as the profile writes them, in their order; None where one is missing or invalid.

        Meant for the distinct values of a batch (distinct pairs with their countries, where the rule needs
        them). ``countries`` are texts as found in the rows, one a value: codes, English names or locales. A
        blank one is the default; one that names no country is unknown, because the default would make a
        wrong key of a foreign value.

        Raises:
            UnknownCountry: the default names no country.
            ValueError: there are not as many countries as values.
        """

    def keys(
        self, values: Values, countries: Values | None = None, default_country: str | None = None
    ) -> list[str | None]:
        """The match keys of many values; the same terms as ``normalise_many``."""
        encode = self.encode
        normalised = self.normalise_many(values, countries, default_country)
        return [None if text is None else encode(text) for text in normalised]

    def key(
        self, value: str | None, country: str | None = None, default_country: str | None = None
    ) -> MatchKey:
        """The normalised value and the key of one value, whose row names a country or leaves it to a default.

        Raises:
            UnknownCountry: one of the countries is none.
        """
        if country is not None and of_row(country) is None:
            raise UnknownCountry(
                "the country is neither an ISO 3166 code, the English name of a country, nor a locale"
            )
        countries = None if country is None else (country,)
        normalized = self.normalise_many((value,), countries, default_country)[0]
        return MatchKey(normalized, None if normalized is None else self.encode(normalized))


@dataclass(frozen=True, slots=True)
class ValueRule(Rule):
    """A field whose values mean the same everywhere.

    Of values of the ``everyday`` shape the rule does no more than lower-case them.
    """

    normalise: Callable[[str], str | None]
    everyday: Shape | None = None

    @property
    def needs_country(self) -> bool:
        """Never."""
        return False

    def normalise_many(
        self,
        values: Values,
        countries: Values | None = None,  # noqa: ARG002 (the interface; not needed here)
        default_country: str | None = None,
    ) -> list[str | None]:
        """See ``Rule``; the countries are not looked at."""
        _region(default_country)
        normalise = self.normalise
        return [None if value is None else normalise(value) for value in values]


@dataclass(frozen=True, slots=True)
class CountryRule(Rule):
    """A field whose values depend on the country: an alpha-2 code, or None where it is not known."""

    normalise: Callable[[str, str | None], str | None]

    @property
    def needs_country(self) -> bool:
        """Always."""
        return True

    def normalise_many(
        self, values: Values, countries: Values | None = None, default_country: str | None = None
    ) -> list[str | None]:
        """See ``Rule``."""
        normalise, regions = self.normalise, regions_of(countries, default_country)
        rows = repeat(None, len(values)) if countries is None else countries
        return [
            None if value is None else normalise(value, regions[country][0])
            for value, country in zip(values, rows, strict=True)
        ]


def regions_of(
    countries: Values | None, default_country: str | None
) -> dict[str | None, tuple[str | None, bool]]:
    """By the text that a row has for its country, or None: the alpha-2 code, and whether the row names it.

    The code is None where the country is unknown.

    Raises:
        UnknownCountry: the default names no country.
    """
    default = _region(default_country), False
    known: dict[str | None, tuple[str | None, bool]] = {None: default}
    for country in set(countries or ()) - {None}:
        known[country] = (of_row(country), True) if country and country.strip() else default
    return known


def _region(country: str | None) -> str | None:
    if country is None:
        return None
    found = alpha2(country)
    if found is None:
        raise UnknownCountry(
            "the default country is neither an ISO 3166 code nor the English name of a country"
        )
    return found
