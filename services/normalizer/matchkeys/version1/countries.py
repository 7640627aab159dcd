"""Countries."""

from __future__ import annotations

from services.normalizer.matchkeys.countries import alpha2


def normalise(value: str) -> str | None:
    """The alpha-2 code in lower case."""
    code = alpha2(value)
    return None if code is None else code.lower()
