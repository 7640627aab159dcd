"""The table of profiles: which standard writes which field how.

A match key joins only where both sides write a value the same way, and the standards contradict each other;
so a profile has a name and a version (``plain@1``), and both are recorded with the output. Any change to
what a profile makes of any value needs a new version.

- ``plain``: trim, lower case, E.164; what two parties agree on who follow no platform.
- ``amazon``: Amazon Ads and Amazon Marketing Cloud.
- ``entity-resolution``: AWS Entity Resolution.
- ``google``: Google Customer Match. City, state, postal code and country go to Google unhashed: no key is
  defined.
- ``meta``: Meta Custom Audiences and Conversions API.
- ``uid2``: Unified ID 2.0, whose digests are in Base64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.normalizer.matchkeys import address, countries, emails, names, person, phone, text
from services.normalizer.matchkeys.digest import sha256_base64, sha256_hex
from services.normalizer.matchkeys.errors import UndefinedField, UnknownProfile
from services.normalizer.matchkeys.rules import CountryRule, Rule, ValueRule
from services.normalizer.matchkeys.shapes import EVERYDAY

_ByValue = Mapping[str, Callable[[str], str | None]]
_ByCountry = Mapping[str, Callable[[str, str | None], str | None]]

# Other names of fields that people use, in their canonical spelling.
_ALIASES = {
    "birth_date": "date_of_birth",
    "birthdate": "date_of_birth",
    "country_code": "country",
    "dob": "date_of_birth",
    "e_mail": "email",
    "email_address": "email",
    "family_name": "last_name",
    "firstname": "first_name",
    "given_name": "first_name",
    "lastname": "last_name",
    "phone_number": "phone",
    "postal_code": "zip",
    "postcode": "zip",
    "province": "state",
    "surname": "last_name",
    "zip_code": "zip",
}


@dataclass(frozen=True, slots=True)
class Profile:
    """A standard in one version: the rules of the fields that it hashes, by field."""

    name: str
    version: int
    rules: Mapping[str, Rule]

    @property
    def id(self) -> str:
        """Name and version as recorded with the output, e.g. ``plain@1``."""
        return f"{self.name}@{self.version}"


def _profile(
    name: str,
    version: int,
    by_value: _ByValue,
    by_country: _ByCountry,
    encode: Callable[[str], str] = sha256_hex,
) -> Profile:
    id_ = f"{name}@{version}"
    rules: dict[str, Rule] = {
        field: ValueRule(id_, encode, made, EVERYDAY.get(made)) for field, made in by_value.items()
    }
    for field, made in by_country.items():
        rules[field] = CountryRule(f"{id_} ({phone.LIBRARY})" if field == "phone" else id_, encode, made)
    return Profile(name, version, MappingProxyType(rules))


_PLAIN = _profile(
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
    {"phone": phone.valid},
)

_AMAZON = _profile(
    "amazon",
    1,
    {
        "email": emails.amazon,
        "first_name": names.amazon,
        "last_name": names.amazon,
        "city": address.amazon_city,
        "country": countries.normalise,
    },
    {"phone": phone.possible_digits, "state": address.state_code, "zip": address.amazon_zip},
)

_ENTITY_RESOLUTION = _profile(
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
    {"phone": phone.possible_digits, "state": address.state_code},
)

_GOOGLE = _profile(
    "google",
    1,
    {"email": emails.google, "first_name": names.google_first, "last_name": names.google_last},
    {"phone": phone.possible},
)

_META = _profile(
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
    {"phone": phone.possible_digits, "state": address.meta_state, "zip": address.meta_zip},
)

_UID2 = _profile("uid2", 1, {"email": emails.uid2}, {"phone": phone.uid2}, sha256_base64)

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {profile.name: profile for profile in (_PLAIN, _AMAZON, _ENTITY_RESOLUTION, _GOOGLE, _META, _UID2)}
)


def profile_of(name: str) -> Profile:
    """The profile of a name (``plain``: its current version) or of a name and version (``plain@1``).

    Raises:
        UnknownProfile: no such profile, or not in that version.
    """
    wanted, _, version = name.strip().lower().replace("_", "-").partition("@")
    profile = PROFILES.get(wanted)
    if profile is None or version not in {"", str(profile.version)}:
        known = ", ".join(known.id for known in PROFILES.values())
        raise UnknownProfile(f"there is no profile '{name}'; the profiles are {known}")
    return profile


def rule_of(profile: str, field: str) -> Rule:
    """The rule for a field (``first_name``, also written ``first-name`` or ``First Name``) of a profile.

    Raises:
        UnknownProfile: no such profile, or not in that version.
        UndefinedField: the profile defines no such field.
    """
    found = profile_of(profile)
    name = field.strip().lower().replace("-", "_").replace(" ", "_")
    rule = found.rules.get(_ALIASES.get(name, name))
    if rule is None:
        known = ", ".join(sorted(found.rules))
        raise UndefinedField(f"the profile {found.id} defines no field '{field}'; its fields are {known}")
    return rule
