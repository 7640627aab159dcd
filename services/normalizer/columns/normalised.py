"""Columns written as a rule writes them: what has an everyday shape all at once, the rest value by value.

Decoding, calling a rule and encoding again costs about a microsecond a value, ten times what recognising an
everyday value does (matchkeys/shapes.py).
"""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from services.normalizer.columns.arrays import Mask, Text, null_where, text_of, true_or_false
from services.normalizer.matchkeys import Rule, ValueRule
from services.normalizer.matchkeys.shape import LONGEST, Shape
from services.normalizer.matchkeys.text import NOTHING

_NOTHING = pa.array(sorted(NOTHING), pa.string())
_LONGEST = pa.scalar(LONGEST, pa.int32())
_LOST = "\ufffd"


def normalised(text: Text, rule: Rule, default_country: str | None = None) -> Text:
    """Trimmed text as the rule writes it; NULL where it is invalid.

    Raises:
        UnknownCountry: the default names no country.
    """
    if not isinstance(rule, ValueRule) or rule.everyday is None:
        return _by_rule(text, rule, default_country)
    lowered = text_of(pc.ascii_lower(text))
    everyday = _has_shape(text, lowered, rule.everyday)
    if everyday.false_count == 0:
        return lowered
    others = pc.invert(everyday)
    return text_of(
        pc.replace_with_mask(lowered, others, _by_rule(text_of(text.filter(others)), rule, default_country))
    )


def identifiers(text: Text) -> Text:
    """Trimmed identifiers as they stand; NULL for a word for nothing, or where characters were lost."""
    nothing = pc.is_in(pc.ascii_lower(text), value_set=_NOTHING)
    return null_where(pc.or_(nothing, pc.match_substring(text, _LOST)), text)


def _has_shape(text: Text, lowered: Text, shape: Shape) -> Mask:
    """Where a value needs no rule, NULL included."""
    found = pc.and_(
        pc.match_substring_regex(text, f"^(?:{shape.whole})$"),
        pc.less_equal(pc.binary_length(text), _LONGEST),
    )
    found = pc.and_not(found, pc.is_in(lowered, value_set=_words(shape.nothing)))
    if shape.exempt is not None:
        found = pc.and_not(found, pc.match_substring_regex(text, shape.exempt))
    return true_or_false(pc.or_kleene(found, pc.is_null(text)))


@lru_cache(maxsize=8)
def _words(words: frozenset[str]) -> Text:
    return pa.array(sorted(words), pa.string())


def _by_rule(text: Text, rule: Rule, default_country: str | None) -> Text:
    return pa.array(rule.normalise_many(text.to_pylist(), None, default_country), pa.string())
