"""What a conversion of a column gives, and how one is applied to distinct values only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services.normalizer.columns.arrays import Mask, Text, Values, text_of, true_or_false

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


def by_distinct(text: Text, convert: Conversion) -> Converted:
    """Convert each distinct value once, which most columns of real files reward many times over.

    Of keys and addresses hardly one occurs twice: a column that begins so is converted as it stands.
    """
    sample = text[:_SAMPLE]
    if len(sample.unique()) > _MOSTLY_DISTINCT * len(sample):
        return convert(text)
    encoded = text.dictionary_encode()
    distinct = convert(text_of(encoded.dictionary))
    places = encoded.indices
    return Converted(
        distinct.values.take(places),
        _spread(distinct.invalid, places),
        _spread(distinct.suppressed, places),
    )


def _spread(mask: Mask | None, places: Values) -> Mask | None:
    return None if mask is None else true_or_false(mask.take(places))
