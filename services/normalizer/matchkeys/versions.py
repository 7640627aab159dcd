"""Which version of a profile a name means where a table has begun with one."""

from __future__ import annotations

from collections.abc import Mapping

from services.normalizer.matchkeys.errors import UndefinedField
from services.normalizer.matchkeys.profile import Profile
from services.normalizer.matchkeys.profiles import PROFILES, profile_under, rule_of


def profile_for(name: str, field: str, versions: Mapping[str, int]) -> Profile:
    """The profile that a name means for one field.

    A name with a version (``plain@1``) means that version. A name without one takes its version from
    ``versions``, and without an entry there the newest. Where that version does not define the field, no row
    can hold it yet: the first later version that defines it applies.

    Raises:
        UnknownProfile: there is no such profile, or not in that version.
    """
    chosen = profile_under(name, versions)
    if "@" in name:
        return chosen
    later = (profile for version, profile in PROFILES[chosen.name].items() if version > chosen.version)
    return next((profile for profile in (chosen, *later) if _defines(profile, field)), chosen)


def _defines(profile: Profile, field: str) -> bool:
    try:
        rule_of(profile.id, field)
    except UndefinedField:
        return False
    return True
