"""What a file asks of the catalog: for each table and partition, where its rows lie and their columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from services.cataloger.errors import ColumnsDiffer
from services.cataloger.ordering import order_of
from shared.identity import LandedFile
from shared.manifests import CuratedObject, NormalizeManifest

Columns = tuple[tuple[str, str], ...]
"""Names and Glue types, in order."""


@dataclass(frozen=True, slots=True)
class Need:
    """What must be found in one table for one file's rows in one partition of it."""

    table: str
    table_location: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
    location: str
    """The folder of the rows: a partition of their own, or the folder that they share with other files."""
    columns: Columns
    order: str = ""
    """Of a snapshot: the greater is the newer. Empty where rows are appended."""

    @property
    def is_snapshot(self) -> bool:
        """Whether the rows replace those of their source rather than join them."""
        return bool(self.order)

    @property
    def partition(self) -> dict[str, str]:
        """Partition keys and values."""
        return dict(zip(self.keys, self.values, strict=True))


def needs_of(normalized: NormalizeManifest) -> list[Need]:
    """One need for each table and partition, however many members went there, in the manifest's order.

    Raises:
        ColumnsDiffer: two members of the file give a column of the same table different types.
    """
    found: dict[tuple[str, str], Need] = {}
    for curated in normalized.curated:
        where = curated.dataset, curated.location
        before = found.get(where)
        columns = united(before.columns if before else (), tuple(curated.columns.items()), curated.dataset)
        found[where] = _need(normalized.file, curated, _one_of_many(columns))
    return list(found.values())


def united(first: Columns, second: Columns, table: str) -> Columns:
    """The first columns, then those that only the second has.

    Raises:
        ColumnsDiffer: a column that both have is of different types.
    """
    types = dict(first)
    differing = sorted(name for name, kind in second if types.get(name, kind) != kind)
    if differing:
        raise ColumnsDiffer(f"table {table} has another type for {', '.join(differing)}")
    return (*first, *((name, kind) for name, kind in second if name not in types))


def _need(file: LandedFile, curated: CuratedObject, columns: Columns) -> Need:
    return Need(
        table=curated.dataset,
        table_location=f"s3://{curated.object.bucket}/{curated.dataset}/",
        keys=tuple(curated.partition),
        values=tuple(curated.partition.values()),
        location=curated.location,
        columns=columns,
        order=order_of(file) if curated.mode == "snapshot" else "",
    )


@lru_cache(maxsize=1024)
def _one_of_many(columns: Columns) -> Columns:
    """Thousands of files wait at once and most have the same columns: let them hold the same tuple."""
    return columns
