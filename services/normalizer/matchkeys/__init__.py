"""Match keys: values written as a standard writes them, then hashed, so that both sides of a join agree.

Pure functions; nothing is read, written or logged. ``match_key`` is for one value, ``match_keys`` for the
distinct values of a batch, ``rule_of`` for whoever does both halves apart. Identifiers that are not
declared match keys have ``identifier_keys``.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.normalizer.matchkeys.errors import PepperEmpty, UndefinedField, UnknownCountry, UnknownProfile
from services.normalizer.matchkeys.identifier import identifier_key, identifier_keys
from services.normalizer.matchkeys.phone import Digits, Readings, readings_of
from services.normalizer.matchkeys.phone_rule import PhoneRule
from services.normalizer.matchkeys.profile import Profile
from services.normalizer.matchkeys.profiles import (
    ALL_PROFILES,
    FIRST_VERSIONS,
    NEWEST_VERSIONS,
    PROFILES,
    profile_of,
    profile_under,
    rule_of,
)
from services.normalizer.matchkeys.rules import MatchKey, Rule, ValueRule
from services.normalizer.matchkeys.versions import profile_for

__all__ = [
    "ALL_PROFILES",
    "FIRST_VERSIONS",
    "NEWEST_VERSIONS",
    "PROFILES",
    "Digits",
    "MatchKey",
    "PepperEmpty",
    "PhoneRule",
    "Profile",
    "Readings",
    "Rule",
    "UndefinedField",
    "UnknownCountry",
    "UnknownProfile",
    "ValueRule",
    "identifier_key",
    "identifier_keys",
    "match_key",
    "match_keys",
    "profile_for",
    "profile_of",
    "profile_under",
    "readings_of",
    "rule_of",
]


def match_key(profile: str, field: str, value: str | None, country: str | None = None) -> MatchKey:
    """What one value becomes under a profile, in a row of that country; both parts are None if it is invalid.

    Raises:
        UnknownProfile, UndefinedField: the profile or its field does not exist.
        UnknownCountry: the country is none.
    """
    return rule_of(profile, field).key(value, country)


def match_keys(
    profile: str,
    field: str,
    values: Sequence[str | None],
    countries: Sequence[str | None] | None = None,
    default_country: str | None = None,
) -> list[str | None]:
    """The match keys of many values in their order; see ``Rule.normalise_many`` for the terms.

    Raises:
        UnknownProfile, UndefinedField: the profile or its field does not exist.
        UnknownCountry: the default country is none.
        ValueError: there are not as many countries as values.
    """
    return rule_of(profile, field).keys(values, countries, default_country)
