"""What AWS Clean Rooms accepts of a table, checked when a recipe is loaded rather than when a query fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from shared.cleanrooms import MAX_COLUMNS, fits_name

_PARTITION_KEYS = frozenset({"ingest_date", "source", "snapshot"})


def misfits(dataset: str, columns: Sequence[str]) -> list[str]:
    """What keeps a table of this name with these columns out of Clean Rooms; empty if nothing does.

    Types need no check: all that a recipe can name are safe there.
    """
    found = [
        f"'{name}' is no name there: use 1 to 128 of a-z, 0-9 and _"
        for name in (dataset, *columns)
        if not fits_name(name)
    ]
    found += [
        f"two output columns are named '{name}'" for name, times in Counter(columns).items() if times > 1
    ]
    found += [f"'{name}' is the name of a partition key" for name in columns if name in _PARTITION_KEYS]
    if len(columns) > MAX_COLUMNS:
        found.append(f"{len(columns)} output columns are more than the {MAX_COLUMNS} allowed")
    return found
