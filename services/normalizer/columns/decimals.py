"""Decimals of a fixed precision and scale, read exactly: what would have to be rounded is invalid."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from services.normalizer.columns.arrays import Text, newly_null, null_where, trimmed
from services.normalizer.columns.conversion import Conversion, Converted

_BARE_POINT, _ZERO_BEFORE_IT = r"^([+-]?)\.", r"\10."
_ZEROS_AT_THE_END = r"(\.[0-9]*?)0+$"


def to_decimal(kind: pa.Decimal128Type) -> Conversion:
    """A conversion to decimals of that precision and scale.

    Read are digits with an optional sign and point. No exponent, no thousands separator and no currency is.
    Zeros that say nothing, in front and behind the point, do not count as digits.
    """
    whole, fraction = kind.precision - kind.scale, kind.scale
    shape = rf"^[+-]?0*[0-9]{{0,{whole}}}(\.[0-9]{{0,{fraction}}}0*)?$"

    def convert(text: Text) -> Converted:
        given = trimmed(text)
        fits = pc.and_(pc.match_substring_regex(given, shape), pc.match_substring_regex(given, "[0-9]"))
        digits = pc.replace_substring_regex(null_where(pc.invert(fits), given), _BARE_POINT, _ZERO_BEFORE_IT)
        # The cast fails for more digits behind the point than it can hold, even where they are zeros.
        values = pc.cast(pc.replace_substring_regex(digits, _ZEROS_AT_THE_END, r"\1"), kind)
        return Converted(values, newly_null(given, values))

    return convert
