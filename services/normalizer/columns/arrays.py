"""The few Arrow operations that conversions share, with exact types (pyarrow's own stubs are loose)."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

import pyarrow as pa
import pyarrow.compute as pc

Text: TypeAlias = pa.StringArray
Mask: TypeAlias = pa.BooleanArray
Values: TypeAlias = "pa.Array[Any]"


def text_of(values: Values) -> Text:
    """Say of an array that it is one of strings."""
    return cast("Text", values)


def trimmed(text: Text) -> Text:
    """Without white space around it (as ``str.strip``); nothing left is NULL."""
    bare = text_of(pc.utf8_trim_whitespace(text))
    return null_where(pc.equal(bare, pa.scalar("")), bare)


def null_where(mask: Mask, text: Text) -> Text:
    """The text, NULL where the mask is True."""
    return text_of(pc.if_else(mask, pa.scalar(None, pa.string()), text))


def text_or(text: Text, instead: str) -> Text:
    """The text, with another for NULL."""
    return text_of(text.fill_null(instead))


def true_or_false(mask: Mask) -> Mask:
    """The mask, with False for NULL."""
    return cast("Mask", mask.fill_null(False))


def if_any(mask: Mask) -> Mask | None:
    """The mask with False for NULL, or None if it is nowhere True."""
    return true_or_false(mask) if mask.true_count else None


def newly_null(before: Values, after: Values) -> Mask | None:
    """Where a value did not survive a conversion; None if all did."""
    return if_any(pc.and_(pc.is_valid(before), pc.is_null(after)))
