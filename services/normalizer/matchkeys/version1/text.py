"""What version 1's rules of text begin and end with."""

from __future__ import annotations

from services.normalizer.matchkeys.text import NOTHING, present


def lowered(value: str) -> str | None:
    """Trimmed and in lower case: the whole of many a standard's rule."""
    text = present(value)
    return None if text is None else text.lower()


def something(text: str) -> str | None:
    """What is left after characters were dropped; None where that is nothing, or a word for nothing."""
    return None if not text or text in NOTHING else text
