"""Whole numbers, decimals and truth values, read strictly: what is not plainly one is invalid."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from services.normalizer.columns.arrays import Text, newly_null, null_where, trimmed
from services.normalizer.columns.conversion import Converted

# Arrow's own casts also take hexadecimal, nan and inf.
_SHORT_WHOLE = r"^[+-]?[0-9]{1,18}$"
_LONG_WHOLE = r"^[+-]?[0-9]{19,}$"
_DECIMAL = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"
_BIGINT = range(-(2**63), 2**63)
_TRUTH = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0"), False),
}


def to_bigint(text: Text) -> Converted:
    """Decimal digits with an optional sign, within 64 bits."""
    given = trimmed(text)
    short = _where(given, _SHORT_WHOLE)
    values = pc.cast(pc.replace_substring_regex(short, r"^\+", ""), pa.int64())
    long = _where(given, _LONG_WHOLE)
    if long.null_count < len(long):
        values = pc.coalesce(values, pa.array(map(_within_64_bits, long.to_pylist()), pa.int64()))
    return Converted(values, newly_null(given, values))


def to_double(text: Text) -> Converted:
    """A decimal number with a point and an optional exponent; no thousands separators, no infinity."""
    given = trimmed(text)
    values = pc.cast(_where(given, _DECIMAL), pa.float64())
    values = pc.if_else(pc.is_finite(values), values, pa.scalar(None, pa.float64()))
    return Converted(values, newly_null(given, values))


def to_boolean(text: Text) -> Converted:
    """``true``, ``t``, ``yes``, ``y``, ``1`` and their opposites, in any case."""
    given = trimmed(text)
    values = pa.array([word and _TRUTH.get(word.lower()) for word in given.to_pylist()], pa.bool_())
    return Converted(values, newly_null(given, values))


def _where(text: Text, pattern: str) -> Text:
    return null_where(pc.invert(pc.match_substring_regex(text, pattern)), text)


def _within_64_bits(digits: str | None) -> int | None:
    if digits is None or len(digits.lstrip("+-0")) > 19:
        return None
    number = int(digits)
    return number if number in _BIGINT else None
