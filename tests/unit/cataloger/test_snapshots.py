"""Full refreshes replace each other by source and extract date; never another source's, never backwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.cataloger.errors import ColumnsDiffer, PartitionMissing, TableElsewhere, TableMissing
from services.cataloger.snapshots import Snapshots, order_of
from services.cataloger.tables import Tables
from shared.identity import LandedFile
from shared.manifests import CuratedObject, RowCounts, StoredObject
from tests.builders import LANDED_AT, landed
from tests.doubles.glue import InMemoryGlue

FIRST = landed("landing/20260130_Extract.zip", "v1", LANDED_AT)
SECOND = landed("landing/20260131_Extract.zip", "v2", LANDED_AT + timedelta(hours=1))


def curated(file: LandedFile, source: str = "default", **changes: object) -> CuratedObject:
    folder = f"subscribers/source={source}/snapshot={file.file_id}/"
    made = CuratedObject(
        member="Subscribers.csv",
        dataset="subscribers",
        mode="snapshot",
        recipe="subscribers@1",
        object=StoredObject(bucket="curated", key=f"{folder}Subscribers.csv.parquet", size=1, etag="e"),
        partition={"source": source},
        location=f"s3://curated/{folder}",
        columns={"email_plain": "string", "date_created": "timestamp"},
        rows=RowCounts(rows_in=1, rows_out=1),
    )
    return made.model_copy(update=changes)


class Catalog:
    """A database with nothing in it."""

    def __init__(self) -> None:
        self.glue = InMemoryGlue()
        self.tables = Tables(self.glue.client(), "landfall")
        self.snapshots = Snapshots(self.tables)

    def location(self, source: str = "default") -> str:
        location: str = self.glue.partitions["subscribers", (source,)]["StorageDescriptor"]["Location"]
        return location


async def test_the_first_snapshot_makes_table_and_partition() -> None:
    catalog = Catalog()
    assert await catalog.snapshots.switch(FIRST, curated(FIRST)) == []
    shown = await catalog.tables.check(curated(FIRST))
    assert shown.location == "s3://curated/subscribers/"
    assert catalog.location() == curated(FIRST).location


async def test_a_newer_extract_takes_over() -> None:
    catalog = Catalog()
    await catalog.snapshots.switch(FIRST, curated(FIRST))
    assert await catalog.snapshots.switch(SECOND, curated(SECOND)) == []
    assert catalog.location() == curated(SECOND).location
    assert len(catalog.glue.partitions) == 1


async def test_an_older_extract_that_comes_late_does_not_win_and_says_so() -> None:
    catalog = Catalog()
    await catalog.snapshots.switch(SECOND, curated(SECOND))
    (notice,) = await catalog.snapshots.switch(FIRST, curated(FIRST))
    assert notice.code == "SNAPSHOT_SUPERSEDED"
    assert catalog.location() == curated(SECOND).location


async def test_sources_never_replace_each_other() -> None:
    catalog = Catalog()
    await catalog.snapshots.switch(SECOND, curated(SECOND, source="bu1"))
    await catalog.snapshots.switch(FIRST, curated(FIRST, source="bu2"))
    assert catalog.location("bu1") == curated(SECOND, source="bu1").location
    assert catalog.location("bu2") == curated(FIRST, source="bu2").location


async def test_switching_twice_changes_nothing() -> None:
    catalog = Catalog()
    await catalog.snapshots.switch(FIRST, curated(FIRST))
    before = dict(catalog.glue.partitions)
    assert await catalog.snapshots.switch(FIRST, curated(FIRST)) == []
    assert catalog.glue.partitions == before


async def test_a_new_column_is_added_to_the_table() -> None:
    catalog = Catalog()
    await catalog.snapshots.switch(FIRST, curated(FIRST))
    wider = curated(SECOND, columns={**curated(SECOND).columns, "status": "string"})
    await catalog.snapshots.switch(SECOND, wider)
    assert (await catalog.tables.check(wider)).columns == 3


def test_the_extracts_date_decides_before_the_time_of_landing() -> None:
    late_but_older = FIRST.model_copy(update={"landed_at": SECOND.landed_at + timedelta(days=1)})
    assert order_of(late_but_older) < order_of(SECOND)


def test_without_a_date_in_the_name_the_landing_time_decides() -> None:
    names = [landed("landing/Subscribers.csv", f"v{n}", LANDED_AT + timedelta(seconds=n)) for n in range(3)]
    assert sorted(names, key=order_of) == names


async def test_a_missing_table_is_named() -> None:
    with pytest.raises(TableMissing, match="subscribers"):
        await Catalog().tables.check(curated(FIRST))


async def test_a_table_at_another_place_is_refused() -> None:
    catalog = Catalog()
    await catalog.snapshots.switch(FIRST, curated(FIRST))
    catalog.glue.tables["subscribers"]["StorageDescriptor"]["Location"] = "s3://elsewhere/subscribers/"
    with pytest.raises(TableElsewhere):
        await catalog.tables.check(curated(FIRST))
    with pytest.raises(TableElsewhere):
        await catalog.snapshots.switch(SECOND, curated(SECOND))


async def test_a_column_of_another_type_is_named() -> None:
    catalog = Catalog()
    await catalog.snapshots.switch(FIRST, curated(FIRST))
    with pytest.raises(ColumnsDiffer, match="date_created"):
        await catalog.tables.check(curated(FIRST, columns={"date_created": "date"}))


async def test_an_unregistered_partition_is_noticed() -> None:
    catalog = Catalog()
    await catalog.snapshots.switch(FIRST, curated(FIRST))
    with pytest.raises(PartitionMissing):
        await catalog.tables.check(curated(FIRST, source="bu9"))
