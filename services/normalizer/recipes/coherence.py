"""What can only be seen of a recipe as a whole: whether its parts go together, and with AWS Clean Rooms.

Every fault has its place, so that the message can point at the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.normalizer.csvfile.names import fold
from shared.cleanrooms import fits_name

if TYPE_CHECKING:
    from services.normalizer.recipes.model import Recipe

_PARTITION_KEYS = frozenset({"ingest_date", "source", "snapshot"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and the keys that lead to it."""

    place: tuple[str | int, ...]
    text: str


class Incoherent(ValueError):
    """Parts of a recipe that do not go together."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.text for fault in faults))
        self.faults = tuple(faults)


def check(recipe: Recipe) -> None:
    """Look at all of a recipe.

    Raises:
        Incoherent: something does not go together.
    """
    faults = [
        *_source_names(recipe),
        *_conditions(recipe),
        *_required(recipe),
        *_snapshot_options(recipe),
        *_clean_rooms(recipe),
    ]
    if faults:
        raise Incoherent(faults)


def _source_names(recipe: Recipe) -> Iterator[Fault]:
    owners: dict[str, str] = {}
    for source, fate in recipe.columns.items():
        for name in (source, *fate.aliases):
            owner = owners.setdefault(fold(name), source)
            if not fold(name):
                yield Fault(("columns", source), f"'{name}' is no name: it has neither letter nor digit")
            elif owner != source:
                yield Fault(
                    ("columns", source), f"'{name}' of column '{source}' is also a name of column '{owner}'"
                )


def _conditions(recipe: Recipe) -> Iterator[Fault]:
    places: list[tuple[tuple[str | int, ...], str]] = [
        (("filters", at, "column"), condition.column) for at, condition in enumerate(recipe.filters)
    ]
    places += [(("unique_by", at), name) for at, name in enumerate(recipe.unique_by)]
    for place, name in places:
        if name not in recipe.columns:
            yield Fault(place, f"'{name}' decides about rows but is not among the columns (`drop` is enough)")


def _required(recipe: Recipe) -> Iterator[Fault]:
    used = recipe.used_columns.values()
    if recipe.header == "first_record" and not any(fate.required for fate in used):
        yield Fault(
            ("columns",), "at least one column must be `required`, or nothing tells a header from a row"
        )


def _snapshot_options(recipe: Recipe) -> Iterator[Fault]:
    if recipe.mode != "snapshot" and "min_rows_share" in recipe.model_fields_set:
        yield Fault(("min_rows_share",), "only a snapshot replaces rows; with `mode: append` leave this out")


def _clean_rooms(recipe: Recipe) -> Iterator[Fault]:
    """What keeps the table out of Clean Rooms. Types need no check: all that a recipe can name are safe."""
    if not fits_name(recipe.dataset):
        yield _no_name(("dataset",), recipe.dataset, "the dataset names the table")
    makers: dict[str, str] = {}
    for source, fate in recipe.used_columns.items():
        place = ("columns", source)
        for name in fate.output_names(source):
            if not fits_name(name):
                yield _no_name(place, name, "`name` sets it")
            if name in _PARTITION_KEYS:
                yield Fault(place, f"'{name}' is the name of a partition key; give the column a `name`")
            if name in makers:
                yield Fault(
                    place, f"two output columns are named '{name}', the other by column '{makers[name]}'"
                )
            makers.setdefault(name, source)


def _no_name(place: tuple[str | int, ...], name: str, hint: str) -> Fault:
    return Fault(place, f"'{name}' is no name in Clean Rooms: use 1 to 128 of a-z, 0-9 and _ ({hint})")
