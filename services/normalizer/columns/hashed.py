"""Hashing columns: match keys by profile, digests that the source made, and identifiers.

Every conversion is meant for distinct values; where a value is read by its row's country, for distinct pairs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from services.normalizer.columns.arrays import Text, newly_null, null_where, text_of, text_or, trimmed
from services.normalizer.columns.conversion import Conversion, Converted
from services.normalizer.matchkeys import identifier_keys, profile_of, rule_of

_BETWEEN = "\x1f"
_SEPARATOR = cast("Text", pa.scalar(_BETWEEN))  # the stubs want arrays only
_LOCALE = re.compile(r"[A-Za-z]{2,3}[-_]([A-Za-z]{2})")
_HEX_DIGEST = r"^[0-9a-fA-F]{64}$"
_BASE64_DIGEST = r"^[0-9a-zA-Z+/]{43}=$"


def to_identifier(pepper: bytes | None) -> Conversion:
    """Hash identifiers, under the pepper if there is one."""

    def convert(text: Text) -> Converted:
        return _converted(text, identifier_keys(text.to_pylist(), pepper))

    return convert


def to_match_key(profile: str, field: str, default_country: str | None) -> Conversion:
    """Make match keys by a profile."""
    rule = rule_of(profile, field)

    def convert(text: Text) -> Converted:
        return _converted(text, rule.keys(text.to_pylist(), None, default_country))

    return convert


def with_countries(text: Text, countries: Text) -> Text:
    """Each value with its row's country, for ``to_match_key_by_country``."""
    return text_of(pc.binary_join_element_wise(text_or(countries, ""), text, _SEPARATOR))


def to_match_key_by_country(profile: str, field: str, default_country: str | None) -> Conversion:
    """Make match keys by a profile of what ``with_countries`` gives."""
    rule = rule_of(profile, field)

    def convert(pairs: Text) -> Converted:
        values: list[str | None] = []
        countries: list[str | None] = []
        for pair in pairs.to_pylist():
            country, _, value = (pair or "").partition(_BETWEEN)
            values.append(None if pair is None else value)
            countries.append(_country(country))
        return _converted(pa.array(values, pa.string()), rule.keys(values, countries, default_country))

    return convert


def to_known_digest(profile: str) -> Conversion:
    """Take digests that the source made, if they have the profile's shape; hexadecimal ones in lower case."""
    base64 = profile_of(profile).name == "uid2"

    def convert(text: Text) -> Converted:
        given = trimmed(text)
        fits = pc.match_substring_regex(given, _BASE64_DIGEST if base64 else _HEX_DIGEST)
        values = null_where(pc.invert(fits), given)
        return Converted(values if base64 else pc.ascii_lower(values), newly_null(given, values))

    return convert


def _converted(text: Text, keys: Sequence[str | None]) -> Converted:
    values = pa.array(keys, pa.string())
    return Converted(values, newly_null(trimmed(text), values))


def _country(text: str) -> str:
    """The country of a locale (``de-AT``, ``en_US``); any other text as it is."""
    locale = _LOCALE.fullmatch(text.strip())
    return locale[1] if locale else text
