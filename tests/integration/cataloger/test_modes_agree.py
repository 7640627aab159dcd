"""Crawler mode and direct mode leave tables that Clean Rooms, or any other reader, can't tell apart."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from services.cataloger.errors import ColumnsDiffer
from tests.integration.cataloger.lake import Lake, event, message

if TYPE_CHECKING:
    from collections.abc import Mapping

EVERY_TYPE = pa.table(
    {
        "email_plain": pa.array(["a"], pa.string()),
        "send_id": pa.array([1], pa.int64()),
        "rate": pa.array([0.5], pa.float64()),
        "is_unique": pa.array([True], pa.bool_()),
        "born": pa.array([1], pa.date32()),
        "event_date": pa.array([1], pa.timestamp("us")),
    }
)
WIDER = EVERY_TYPE.append_column("added", pa.array(["new"], pa.string()))
DAY = datetime(2026, 1, 30, 12, tzinfo=UTC)

# What a crawler counts and says of itself; no reader of the table looks at it.
STATISTICS = {
    "CRAWL_RUN_ID",
    "CrawlerSchemaDeserializerVersion",
    "CrawlerSchemaSerializerVersion",
    "UPDATED_BY_CRAWLER",
    "averageRecordSize",
    "objectCount",
    "partition_filtering.enabled",
    "recordCount",
    "sizeKey",
}
BOOKKEEPING = {
    "CreateTime",
    "UpdateTime",
    "LastAccessTime",
    "VersionId",
    "CreationTime",
    "CatalogId",
    "Description",
}


def as_read(entry: Mapping[str, Any], lake: Lake) -> dict[str, Any]:
    """Everything of a table or partition but times, versions and statistics; the lake's own name as LAKE."""
    kept = {name: value for name, value in entry.items() if name not in BOOKKEEPING and value is not None}
    kept["Parameters"] = without_statistics(entry["Parameters"])
    storage = dict(entry["StorageDescriptor"])
    storage["Location"] = storage["Location"].replace(lake.name, "LAKE")
    storage["Parameters"] = without_statistics(storage["Parameters"])
    return {**kept, "StorageDescriptor": storage, "DatabaseName": "LAKE"}


def without_statistics(parameters: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in parameters.items() if name not in STATISTICS}


def columns_of(entry: Mapping[str, Any]) -> dict[str, str]:
    return {each["Name"]: each["Type"] for each in entry["StorageDescriptor"]["Columns"]}


async def catalog_three_days(lake: Lake, mode: str) -> dict[str, Any]:
    """Three days in two datasets; on the third one has a new column. Returns all that a reader can see."""
    async with lake.cataloger(catalog_mode=mode) as cataloger:
        for number, rows in enumerate((EVERY_TYPE, EVERY_TYPE, WIDER)):
            at = DAY + timedelta(days=number)
            file = lake.landed(at=at)
            lake.put_manifest(
                file,
                lake.put_rows(file, "sent", "append", rows),
                lake.put_rows(file, "opens", "append", EVERY_TYPE),
                lake.put_rows(file, "subscribers", "snapshot", EVERY_TYPE),
            )
            await cataloger.handle(event(file), message())
    return {
        name: {
            "table": as_read(table, lake),
            "partitions": {values: as_read(each, lake) for values, each in lake.partitions(name).items()},
        }
        for name, table in lake.tables().items()
        if name != "subscribers"
    }


@pytest.fixture
def other_lake(lake: Lake) -> Lake:
    """A second lake behind the same crawler."""
    return Lake(lake.clients, lake.deployment)


async def test_both_modes_leave_the_same_tables(lake: Lake, other_lake: Lake) -> None:
    by_crawl = await catalog_three_days(lake, "crawler")
    directly = await catalog_three_days(other_lake, "direct")
    assert sorted(by_crawl) == ["opens", "sent"]
    assert len(by_crawl["sent"]["partitions"]) == 3
    assert directly == by_crawl
    assert (lake.crawls(), other_lake.crawls()) == (3, 0)


async def test_a_crawl_of_what_was_written_directly_changes_nothing_that_is_read(lake: Lake) -> None:
    before = await catalog_three_days(lake, "direct")
    async with lake.cataloger() as cataloger:
        file = lake.normalized("sent", "append", WIDER, at=DAY)
        await cataloger.handle(event(file), message())
    after = {
        name: {
            "table": as_read(table, lake),
            "partitions": {values: as_read(each, lake) for values, each in lake.partitions(name).items()},
        }
        for name, table in lake.tables().items()
        if name != "subscribers"
    }
    assert after == before


@pytest.mark.parametrize("mode", ["crawler", "direct"])
async def test_a_type_change_fails_alike_and_changes_no_type(lake: Lake, mode: str) -> None:
    async with lake.cataloger(catalog_mode=mode) as cataloger:
        await cataloger.handle(event(lake.normalized("sent", "append", EVERY_TYPE)), message())
        changed = lake.normalized("sent", "append", pa.table({"send_id": ["text"]}))
        with pytest.raises(ColumnsDiffer, match="another type for send_id"):
            await cataloger.handle(event(changed), message())
    assert columns_of(lake.tables()["sent"])["send_id"] == "bigint"


async def test_two_catalogers_that_write_directly_at_once_lose_nothing(lake: Lake) -> None:
    """Each file brings a column of its own, and each third a day of its own."""
    files = [
        lake.normalized(
            "sent",
            "append",
            EVERY_TYPE.append_column(f"extra_{n}", pa.array(["x"])),
            at=DAY - timedelta(n // 3),
        )
        for n in range(12)
    ]
    async with lake.cataloger(catalog_mode="direct") as one, lake.cataloger(catalog_mode="direct") as other:
        await asyncio.gather(
            *(one.handle(event(file), message()) for file in files[::2]),
            *(other.handle(event(file), message()) for file in files[1::2]),
        )
    every = {*EVERY_TYPE.column_names, *(f"extra_{n}" for n in range(12))}
    assert columns_of(lake.tables()["sent"]).keys() == every
    partitions = lake.partitions("sent")
    assert len(partitions) == 4
    assert [columns_of(each).keys() for each in partitions.values()] == [every] * 4
