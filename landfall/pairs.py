"""Options given as NAME=VALUE."""

from __future__ import annotations

from collections.abc import Iterable

import typer


def pairs(texts: Iterable[str]) -> dict[str, str]:
    """Each text's name and value; empty texts are left out.

    Raises:
        BadParameter: a text has no ``=``, or no name before it.
    """
    found = [text.strip().partition("=") for text in texts if text.strip()]
    if not all(name and equals for name, equals, _ in found):
        raise typer.BadParameter("these are given as NAME=VALUE")
    return {name: value for name, _, value in found}
