"""The registry of profiles: which standard writes which field how, in every version.

A match key joins only where both sides write a value the same way, and the standards contradict each other;
so a profile has a name and a version (``plain@1``), and both are recorded with the output. Any change to
what a profile makes of any value needs a new version. The old ones stay: a table keeps the version that it
was begun with.

- ``plain``: trim, lower case, E.164; what two parties agree on who follow no platform.
- ``amazon``: Amazon Ads and Amazon Marketing Cloud.
- ``entity-resolution``: AWS Entity Resolution.
- ``google``: Google Customer Match. City, state, postal code and country go to Google unhashed: no key is
  defined.
- ``meta``: Meta Custom Audiences and Conversions API.
- ``uid2``: Unified ID 2.0, whose digests are in Base64.
- ``euid``, ``the-trade-desk``: the rules of ``uid2`` under their own names.
- ``entity-resolution-service``: as ``entity-resolution``, with the e-mail rule of the service's guide instead
  of the published library's.
- ``liveramp``: e-mails as ``plain``; North American phones as SHA-1 of their ten digits.
- ``reddit``: e-mails of every domain without dots and ``+suffix``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from services.normalizer.matchkeys import partners, version1, version2
from services.normalizer.matchkeys.errors import UndefinedField, UnknownProfile
from services.normalizer.matchkeys.profile import Profile
from services.normalizer.matchkeys.rules import Rule

# Other names of fields that people use, in their canonical spelling.
_ALIASES = {
    "address": "street",
    "address1": "street",
    "address_line": "street",
    "address_line1": "street",
    "address_line_1": "street",
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
    "street1": "street",
    "street_address": "street",
    "surname": "last_name",
    "zip_code": "zip",
}


def _registry(*profiles: Profile) -> Mapping[str, Mapping[int, Profile]]:
    found: dict[str, dict[int, Profile]] = {}
    for profile in sorted(profiles, key=lambda each: each.version):
        found.setdefault(profile.name, {})[profile.version] = profile
    return MappingProxyType({name: MappingProxyType(versions) for name, versions in found.items()})


PROFILES = _registry(*version1.PROFILES, *version2.PROFILES, *partners.PROFILES)
"""By name: the profile's versions, the newest last."""

ALL_PROFILES: Mapping[str, Profile] = MappingProxyType(
    {profile.id: profile for versions in PROFILES.values() for profile in versions.values()}
)
"""Every version of every profile, by its id."""

FIRST_VERSIONS: Mapping[str, int] = MappingProxyType({name: min(PROFILES[name]) for name in PROFILES})
NEWEST_VERSIONS: Mapping[str, int] = MappingProxyType({name: max(PROFILES[name]) for name in PROFILES})


def profile_of(name: str) -> Profile:
    """The profile of a name (``plain``: its newest version) or of a name and version (``plain@1``).

    Raises:
        UnknownProfile: no such profile, or not in that version.
    """
    return profile_under(name, NEWEST_VERSIONS)


def profile_under(name: str, versions: Mapping[str, int]) -> Profile:
    """The profile of a name, or of a name and version, where a name alone means the version in a mapping.

    A name that the mapping leaves out means the newest version. A version in the name (``plain@1``) counts,
    whatever the mapping says.

    Raises:
        UnknownProfile: no such profile, or not in that version.
    """
    wanted, at, version = name.strip().lower().replace("_", "-").partition("@")
    if not at and wanted in PROFILES:
        version = str(versions.get(wanted, NEWEST_VERSIONS[wanted]))
    profile = ALL_PROFILES.get(f"{wanted}@{version}")
    if profile is None:
        shown = name if at or not version else f"{wanted}@{version}"
        raise UnknownProfile(f"there is no profile '{shown}'; the profiles are {', '.join(ALL_PROFILES)}")
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
