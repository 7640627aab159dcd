"""Version 1 of the profiles. Frozen: what a function in this folder makes of any value never changes.

Tables that were begun with it keep it. A function that is the same in the newest version is the newest
version's own; as soon as that one is to change, its old form moves here.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from services.normalizer.matchkeys.digest import sha256_base64
from services.normalizer.matchkeys.profile import Profile, profile
from services.normalizer.matchkeys.version1 import address, countries, emails, names, person, phones, text
from services.normalizer.matchkeys.version1.shapes import EVERYDAY as SHAPES

_PLAIN = profile(
    "plain",
    1,
    {
        "email": emails.plain,
        "first_name": names.plain,
        "last_name": names.plain,
        "city": text.lowered,
        "state": text.lowered,
        "zip": text.lowered,
        "country": countries.normalise,
        "date_of_birth": person.date_of_birth,
        "gender": person.gender,
    },
    {"phone": phones.ASSIGNED},
    SHAPES,
)

_AMAZON = profile(
    "amazon",
    1,
    {
        "email": emails.amazon,
        "first_name": names.amazon,
        "last_name": names.amazon,
        "city": address.amazon_city,
        "country": countries.normalise,
    },
    {"phone": phones.POSSIBLE_DIGITS, "state": address.state_code, "zip": address.amazon_zip},
    SHAPES,
)

_ENTITY_RESOLUTION = profile(
    "entity-resolution",
    1,
    {
        "email": emails.entity_resolution,
        "first_name": names.entity_resolution,
        "last_name": names.entity_resolution,
        "city": address.entity_resolution_city,
        "zip": address.entity_resolution_zip,
        "country": countries.normalise,
    },
    {"phone": phones.POSSIBLE_DIGITS, "state": address.state_code},
    SHAPES,
)

_GOOGLE = profile(
    "google",
    1,
    {"email": emails.google, "first_name": names.google_first, "last_name": names.google_last},
    {"phone": phones.POSSIBLE},
    SHAPES,
)

_META = profile(
    "meta",
    1,
    {
        "email": emails.plain,
        "first_name": names.meta,
        "last_name": names.meta,
        "city": address.meta_city,
        "country": countries.normalise,
        "date_of_birth": person.date_of_birth,
        "gender": person.gender,
    },
    {"phone": phones.POSSIBLE_DIGITS, "state": address.meta_state, "zip": address.meta_zip},
    SHAPES,
)

_UID2 = profile("uid2", 1, {"email": emails.uid2}, {"phone": phones.UID2}, SHAPES, sha256_base64)


def _frozen(made: Profile) -> Profile:
    """The profile with the country columns read as they were."""
    rules = {field: replace(rule, by_first_country_column=True) for field, rule in made.rules.items()}
    return replace(made, rules=MappingProxyType(rules))


PROFILES = tuple(map(_frozen, (_PLAIN, _AMAZON, _ENTITY_RESOLUTION, _GOOGLE, _META, _UID2)))
