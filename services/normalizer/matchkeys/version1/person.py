"""Date of birth and gender."""

from __future__ import annotations

from services.normalizer.matchkeys.person import GENDERS, day_of
from services.normalizer.matchkeys.text import present
from services.normalizer.matchkeys.version1.text import lowered


def date_of_birth(value: str) -> str | None:
    """``YYYYMMDD``."""
    text = present(value)
    return None if text is None else day_of(text)


def gender(value: str) -> str | None:
    """``f`` or ``m``."""
    text = lowered(value)
    return None if text is None else GENDERS.get(text)
