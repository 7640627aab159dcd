"""What can be wrong with a request for match keys (a recipe's or an operator's, never a row's).

A value that cannot be normalised is no error: its key is None.
"""

from __future__ import annotations

from shared.errors import PermanentError


class UnknownProfile(PermanentError):
    """A profile, or a version of one, that does not exist."""

    code = "MATCH_PROFILE_UNKNOWN"
    advice = "Name one of the profiles that the message lists."


class UndefinedField(PermanentError):
    """A field that the profile does not define (some standards leave it out, others send it unhashed)."""

    code = "MATCH_FIELD_UNDEFINED"
    advice = (
        "Name one of the fields that the message lists for the profile, or keep or drop the column instead."
    )


class UnknownCountry(PermanentError):
    """A default country that is none."""

    code = "MATCH_COUNTRY_UNKNOWN"
    advice = "Give the ISO 3166 alpha-2 code of the country, for example US."


class PepperEmpty(PermanentError):
    """A pepper of no bytes: HMAC would take it, and protect nothing."""

    code = "PEPPER_EMPTY"
    advice = "Store at least 32 random bytes as the pepper, or configure none."
