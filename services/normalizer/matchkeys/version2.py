"""Version 2 of the profiles, the newest: its rules are in the modules beside this one, one a field."""

from __future__ import annotations

from services.normalizer.matchkeys import address, countries, emails, names, person, streets, text
from services.normalizer.matchkeys.digest import sha256_base64
from services.normalizer.matchkeys.phone_rule import PhoneForm, as_digits, as_uid2
from services.normalizer.matchkeys.profile import profile
from services.normalizer.matchkeys.shapes import EVERYDAY as SHAPES

_PLAIN = profile(
    "plain",
    2,
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
    {"phone": PhoneForm(assigned_only=True)},
    SHAPES,
)

_AMAZON = profile(
    "amazon",
    2,
    {
        "email": emails.amazon,
        "first_name": names.amazon,
        "last_name": names.amazon,
        "city": address.amazon_city,
        "country": countries.normalise,
    },
    {
        "phone": PhoneForm(as_digits),
        "state": address.state_code,
        "street": streets.amazon,
        "zip": address.amazon_zip,
    },
    SHAPES,
)

_ENTITY_RESOLUTION = profile(
    "entity-resolution",
    2,
    {
        "email": emails.entity_resolution,
        "first_name": names.entity_resolution,
        "last_name": names.entity_resolution,
        "city": address.entity_resolution_city,
        "zip": address.entity_resolution_zip,
        "country": countries.normalise,
    },
    {"phone": PhoneForm(as_digits), "state": address.state_code, "street": streets.entity_resolution},
    SHAPES,
)

_GOOGLE = profile(
    "google",
    2,
    {"email": emails.google, "first_name": names.google_first, "last_name": names.google_last},
    {"phone": PhoneForm()},
    SHAPES,
)

_META = profile(
    "meta",
    2,
    {
        "email": emails.plain,
        "first_name": names.meta,
        "last_name": names.meta,
        "city": address.meta_city,
        "country": countries.normalise,
        "date_of_birth": person.date_of_birth,
        "gender": person.gender,
    },
    {"phone": PhoneForm(as_digits), "state": address.meta_state, "zip": address.meta_zip},
    SHAPES,
)

_UID2 = profile("uid2", 2, {"email": emails.uid2}, {"phone": PhoneForm(as_uid2)}, SHAPES, sha256_base64)

PROFILES = (_PLAIN, _AMAZON, _ENTITY_RESOLUTION, _GOOGLE, _META, _UID2)
