"""Where the columns that a recipe uses stand in one file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.normalizer.csvfile.evidence import may_be_shown, resembles_value
from services.normalizer.csvfile.names import fold
from services.normalizer.errors import AmbiguousHeader, HeaderMismatch
from services.normalizer.recipes.model import Recipe


@dataclass(frozen=True, slots=True)
class Layout:
    """One file's columns, as its recipe sees them."""

    positions: dict[str, int]
    """By the recipe's name of the column, countries included; what the file does not have is left out."""
    dropped: tuple[str, ...]
    """Columns that the recipe does not mention, as far as their names may be shown: never a value."""
    dropped_unnamed: int
    """How many more there are, whose names may be data."""
    missing: tuple[str, ...]
    """Columns that the recipe uses and the file does not have."""


def lay_out(recipe: Recipe, columns: tuple[str, ...]) -> Layout:
    """Find the recipe's columns among those of a file, by name and alias, in any order.

    Raises:
        HeaderMismatch: a required column is missing. The message does not show the header, which may be a
        row. AmbiguousHeader: the file has two columns of a name that the recipe uses.
    """
    folded = [fold(name) for name in columns]
    positions: dict[str, int] = {}
    twice: list[str] = []
    for source, names in _wanted(recipe):
        found = next((name for name in names if name in folded), None)
        if found is not None:
            positions[source] = folded.index(found)
            if folded.count(found) > 1:
                twice.append(source)
    if lacking := _lacking(recipe, folded):
        raise HeaderMismatch(f"the first record does not name the required {_columns(lacking)}")
    if twice:
        raise AmbiguousHeader(f"the header names more than once the {_columns(twice)}")
    found_at = set(positions.values())
    expected = {fold(name) for name in recipe.dropped_names}
    known_at = found_at.union(at for at, name in enumerate(folded) if name in expected)
    others = [name for at, name in enumerate(columns) if at not in known_at]
    shown = _shown(others, known=len(known_at), wanted=len(recipe.columns))
    return Layout(
        positions,
        shown,
        len(others) - len(shown),
        tuple(name for name in recipe.used_columns if name not in positions),
    )


def _shown(names: list[str], known: int, wanted: int) -> tuple[str, ...]:
    """The names that may be shown; none if the header may be a row.

    One name that the recipe knows may stand in a row by chance, and a row's other fields may look like names.
    """
    damaged = "\ufffd" in "".join(names)  # perhaps a line end of another encoding
    if known < min(2, wanted) or damaged or any(map(resembles_value, names)):
        return ()
    return tuple(filter(may_be_shown, names))


def _wanted(recipe: Recipe) -> Iterable[tuple[str, list[str]]]:
    """Every column to look for, with its names in order of preference."""
    for source in dict.fromkeys((*recipe.used_columns, *recipe.conditions, *recipe.countries)):
        yield source, _names(recipe, source)


def _lacking(recipe: Recipe, folded: list[str]) -> list[str]:
    """Columns without which the file is refused; one that is dropped may still tell its kind."""
    return [
        source
        for source, fate in recipe.columns.items()
        if (fate.required or source in recipe.conditions)
        and not any(name in folded for name in _names(recipe, source))
    ]


def _names(recipe: Recipe, source: str) -> list[str]:
    fate = recipe.columns.get(source)
    return [fold(name) for name in (source, *(fate.aliases if fate else ()))]


def _columns(names: list[str]) -> str:
    return f"column{'s' if len(names) > 1 else ''} {', '.join(names)}"
