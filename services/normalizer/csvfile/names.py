"""Column names as they are compared: without case, spaces and punctuation."""

from __future__ import annotations

import re

_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
_FIT_TO_SHOW = re.compile(r"\w[\w .:/()#-]{0,63}")


def fold(name: str) -> str:
    """``First Name``, ``first_name`` and ``FirstName`` are one name."""
    return _NOT_ALPHANUMERIC.sub("", name.casefold())


def presentable(name: str, position: int) -> str:
    """A header name as it may be shown, or the column's number where it does not look like a name.

    Args:
        position: of the column, from 0.
    """
    return name if _FIT_TO_SHOW.fullmatch(name) else f"column {position + 1}"
