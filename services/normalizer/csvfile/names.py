"""Column names as they are compared: without case, spaces and punctuation."""

from __future__ import annotations

import re

_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


def fold(name: str) -> str:
    """``First Name``, ``first_name`` and ``FirstName`` are one name."""
    return _NOT_ALPHANUMERIC.sub("", name.casefold())
