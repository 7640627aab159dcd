"""What an everyday shape is. The shapes themselves are beside the rules of each version."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST = 254
"""Bytes of the longest value that can have a shape: as long as an address may be."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Expressions that RE2 and ``re`` read alike, and words that are exempt, whatever the shape."""

    whole: str
    """Matches the whole of a trimmed value."""
    nothing: frozenset[str]
    """Words that have no key, in lower case."""
    exempt: str | None = None
    """Is found in values that have the shape and yet need the rule itself."""
