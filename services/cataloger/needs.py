"""What a file asks of the catalog: for each table and partition, where its rows lie and their columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from services.cataloger.errors import ColumnsDiffer
from services.cataloger.ordering import order_of
from shared.manifests import CuratedObject, NormalizeManifest

Columns = tuple[tuple[str, str], ...]
"""Names and Glue types, in order."""


DEFAULT_MIN_ROWS_SHARE = 0.5
"""Where the manifest has none: an earlier release wrote it."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a file's snapshot of one source is, to be compared with the current one."""

    bucket: str
    """The ingest bucket, with the manifests."""
    file_id: str
    generation: int
    """Of the normalizer's manifest."""
    order: str
    """The greater is the newer."""
    rows: int
    """Of all members that went there, without rejected ones; filtered ones and duplicates count."""
    min_rows_share: float
    """Of the current snapshot's rows; with fewer it does not replace that. 0: it always does."""
    accepts_shrink: bool
    """Whether an operator has accepted that it has fewer."""


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
    snapshot: Snapshot | None = None
    """None where the rows join those of other files rather than replace those of their source."""

    @property
    def partition(self) -> dict[str, str]:
        """Partition keys and values."""
        return dict(zip(self.keys, self.values, strict=True))


def needs_of(normalized: NormalizeManifest, *, accepts_shrink: bool = False) -> list[Need]:
    """One need for each table and partition, however many members went there, in the manifest's order.

    Args:
        normalized: Where each member went.
        accepts_shrink: Whether an operator has accepted snapshots with far fewer rows than the current ones.

    Raises:
        ColumnsDiffer: two members of the file give a column of the same table different types.
    """
    found: dict[tuple[str, str], Need] = {}
    for curated in normalized.curated:
        where = curated.dataset, curated.location
        before = found.get(where)
        columns = united(before.columns if before else (), tuple(curated.columns.items()), curated.dataset)
        snapshot = None
        if curated.mode == "snapshot":
            rows = before.snapshot.rows if before and before.snapshot else 0
            snapshot = _snapshot(
                normalized, curated, rows + curated.rows.sound, accepts_shrink=accepts_shrink
            )
        found[where] = Need(
            table=curated.dataset,
            table_location=f"s3://{curated.object.bucket}/{curated.dataset}/",
            keys=tuple(curated.partition),
            values=tuple(curated.partition.values()),
            location=curated.location,
            columns=_one_of_many(columns),
            snapshot=snapshot,
        )
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


def _snapshot(
    normalized: NormalizeManifest, curated: CuratedObject, rows: int, *, accepts_shrink: bool
) -> Snapshot:
    share = curated.min_rows_share
    return Snapshot(
        bucket=normalized.file.bucket,
        file_id=normalized.file.file_id,
        generation=normalized.generation,
        order=order_of(normalized.file),
        rows=rows,
        min_rows_share=DEFAULT_MIN_ROWS_SHARE if share is None else share,
        accepts_shrink=accepts_shrink,
    )


@lru_cache(maxsize=1024)
def _one_of_many(columns: Columns) -> Columns:
    """Thousands of files wait at once and most have the same columns: let them hold the same tuple."""
    return columns
