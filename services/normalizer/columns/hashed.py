"""Hashing columns: match keys by profile, digests that the source made, and identifiers.

Every conversion is meant for distinct values; where a value is read by its row's country, for distinct pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from services.normalizer.columns.arrays import Mask, Text, if_any, newly_null, null_where, trimmed
from services.normalizer.columns.conversion import Conversion, ConversionByCountry, Converted
from services.normalizer.columns.digests import sha256_hex
from services.normalizer.columns.normalised import identifiers, normalised
from services.normalizer.matchkeys import Rule, digest, identifier_keys, rule_of
from services.normalizer.matchkeys.text import composed

_BASE64_DIGEST = r"^[0-9a-zA-Z+/]{43}=$"
_DIGEST_SHAPES: Mapping[Callable[[str], str], str] = {
    digest.sha256_hex: r"^[0-9a-fA-F]{64}$",
    digest.sha256_base64: _BASE64_DIGEST,
    digest.sha1_hex: r"^[0-9a-fA-F]{40}$",
}


def to_identifier(pepper: bytes | None) -> Conversion:
    """Hash identifiers, under the pepper if there is one."""

    def convert(text: Text) -> Converted:
        given = trimmed(text)
        if pepper is None:
            return _converted(given, sha256_hex(identifiers(given)))
        return _converted(given, pa.array(identifier_keys(given.to_pylist(), pepper), pa.string()))

    return convert


def to_match_key(rule: Rule, default_country: str | None) -> Conversion:
    """Make match keys by a rule."""

    def convert(text: Text) -> Converted:
        given = trimmed(text)
        return _converted(given, _encoded(normalised(given, rule, default_country), rule))

    return convert


def to_match_key_by_country(rule: Rule, default_country: str | None) -> ConversionByCountry:
    """Make match keys by a rule of text that is read by its row's country."""

    def convert(text: Text, countries: Text) -> Converted:
        given = trimmed(text)
        rows = countries.to_pylist()
        written = pa.array(rule.normalise_many(given.to_pylist(), rows, default_country), pa.string())
        return _converted(given, _encoded(written, rule))

    return convert


def to_known_digest(profile: str, field: str) -> Conversion:
    """Take digests that the source made, if they are written as the profile writes this field's keys.

    Hexadecimal digits become lower case.
    """
    shape = _DIGEST_SHAPES[rule_of(profile, field).encode]
    in_hex = shape is not _BASE64_DIGEST

    def convert(text: Text) -> Converted:
        given = trimmed(text)
        values = null_where(pc.invert(pc.match_substring_regex(given, shape)), given)
        return Converted(pc.ascii_lower(values) if in_hex else values, newly_null(given, values))

    return convert


def without_placeholders(convert: Conversion, placeholders: Sequence[str]) -> Conversion:
    """The conversion, where some texts are no value: their keys are NULL and count as invalid."""
    words = frozenset(map(_comparable, placeholders))

    def convert_others(text: Text) -> Converted:
        found = _placeholders(text, words)
        return convert(text) if found is None else _invalid_where(found, convert(null_where(found, text)))

    return convert_others


def without_placeholders_by_country(
    convert: ConversionByCountry, placeholders: Sequence[str]
) -> ConversionByCountry:
    """As ``without_placeholders``, of text that is read by its row's country."""
    words = frozenset(map(_comparable, placeholders))

    def convert_others(text: Text, countries: Text) -> Converted:
        found = _placeholders(text, words)
        if found is None:
            return convert(text, countries)
        return _invalid_where(found, convert(null_where(found, text), countries))

    return convert_others


def _placeholders(text: Text, words: frozenset[str]) -> Mask | None:
    """Where a placeholder stands; None if nowhere."""
    values = text.to_pylist()
    return if_any(
        pa.array([value is not None and _comparable(value) in words for value in values], pa.bool_())
    )


def _comparable(text: str) -> str:
    return (composed(text) or "").casefold()


def _invalid_where(found: Mask, made: Converted) -> Converted:
    return replace(made, invalid=found if made.invalid is None else pc.or_(found, made.invalid))


def _converted(given: Text, keys: Text) -> Converted:
    return Converted(keys, newly_null(given, keys))


def _encoded(written: Text, rule: Rule) -> Text:
    if rule.encode is digest.sha256_hex:
        return sha256_hex(written)
    encode = rule.encode
    return pa.array([None if text is None else encode(text) for text in written.to_pylist()], pa.string())
