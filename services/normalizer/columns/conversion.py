"""What a conversion of a column gives, and how one is applied to distinct values only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from services.normalizer.columns.arrays import Mask, Text, Values, text_of, text_or, true_or_false

_BETWEEN = "\x1f"
_SEPARATOR = cast("Text", pa.scalar(_BETWEEN))  # the stubs want arrays only
_SAMPLE = 4096
_MOSTLY_DISTINCT = 0.95


@dataclass(frozen=True, slots=True)
class Converted:
    """A converted column. None for a mask that would be False throughout."""

    values: Values
    invalid: Mask | None = None
    """Where a value is there that cannot be used; ``values`` is NULL there."""
    suppressed: Mask | None = None
    """Where a value is withheld since it may identify a person; ``values`` is NULL there or cut short."""


Conversion = Callable[[Text], Converted]
"""Converts text, NULL to NULL, to an array of the same length."""

ConversionByCountry = Callable[[Text, Text], Converted]
"""As ``Conversion``, of text and the countries of its rows."""


def by_distinct(text: Text, convert: Conversion) -> Converted:
    """Convert each distinct value once, which most columns of real files reward many times over.

    Of keys and addresses hardly one occurs twice: a column that begins so is converted as it stands.
    """
    if _mostly_distinct(text):
        return convert(text)
    encoded = text.dictionary_encode()
    return _everywhere(convert(text_of(encoded.dictionary)), encoded.indices)


def by_distinct_pair(text: Text, countries: Text, convert: ConversionByCountry) -> Converted:
    """As ``by_distinct``, for text that is read by its row's country."""
    if _mostly_distinct(text):
        return convert(text, countries)
    country = text_or(countries, "").dictionary_encode()
    pairs = pc.binary_join_element_wise(pc.cast(country.indices, pa.string()), text, _SEPARATOR)
    encoded = text_of(pairs).dictionary_encode()
    halves = pc.split_pattern(encoded.dictionary, _BETWEEN, max_splits=1)
    places = pc.cast(text_of(pc.list_element(halves, 0)), pa.int32())
    distinct = convert(text_of(pc.list_element(halves, 1)), text_of(country.dictionary.take(places)))
    return _everywhere(distinct, encoded.indices)


def _mostly_distinct(text: Text) -> bool:
    sample = text[:_SAMPLE]
    return len(sample.unique()) > _MOSTLY_DISTINCT * len(sample)


def _everywhere(distinct: Converted, places: Values) -> Converted:
    return Converted(
        distinct.values.take(places),
        _spread(distinct.invalid, places),
        _spread(distinct.suppressed, places),
    )


def _spread(mask: Mask | None, places: Values) -> Mask | None:
    return None if mask is None else true_or_false(mask.take(places))
