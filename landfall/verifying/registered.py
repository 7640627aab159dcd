"""What Glue registers for a dataset, and which objects lie at exactly those locations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.cataloger.gluecatalog import GlueCatalog, Partition, Table, Values
from shared.concurrency import for_each
from shared.objects.store import Listed, ObjectStore

_LISTINGS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Registered:
    """A table, its partitions, and the objects at the location of each, by their keys."""

    table: Table
    partitions: Mapping[Values, Partition]
    objects: Mapping[Values, Mapping[str, Listed]]


async def registered(
    catalog: GlueCatalog, store: ObjectStore, dataset: str, since: date | None
) -> Registered | None:
    """Ask Glue, then list; None where there is no such table.

    Of a table by ingest date, partitions before ``since`` are left out.
    """
    table = await catalog.table(dataset)
    if table is None:
        return None
    limit = f"{since}" if since is not None and table.keys == ("ingest_date",) else None
    partitions = [
        each async for each in catalog.every_partition(dataset) if limit is None or each.values[0] >= limit
    ]

    async def listed(partition: Partition) -> dict[str, Listed]:
        bucket, prefix = place_of(partition.location)
        return {item.key: item async for item in store.list(bucket, prefix)}

    objects = await for_each(partitions, listed, _LISTINGS_AT_ONCE)
    values = [each.values for each in partitions]
    return Registered(
        table, dict(zip(values, partitions, strict=True)), dict(zip(values, objects, strict=True))
    )


def place_of(location: str) -> tuple[str, str]:
    """Bucket and prefix of a location; the prefix ends in a slash."""
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    return bucket, f"{prefix.rstrip('/')}/"
