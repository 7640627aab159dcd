"""Whoever reads a snapshot table while it is switched again and again sees one whole snapshot a source."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from landfall.waiting import wait_until
from shared.errors import SnapshotShrunk
from shared.events import ReplayRequested
from shared.identity import LandedFile
from tests.integration.cataloger.lake import Lake, event, message

DAYS, SOURCES = 6, ("bu1", "bu2")
FIRST = datetime(2026, 1, 1, 6, tzinfo=UTC)


def rows_of(day: int, source: str) -> int:
    """No two snapshots have as many rows, nor have any two together as many as a third."""
    return (10, 100)[SOURCES.index(source)] + (1 << day)


class Reader(threading.Thread):
    """Reads the table without pause, as an engine does: partitions first, then the objects at each."""

    def __init__(self, lake: Lake) -> None:
        super().__init__()
        self._lake = lake
        self.seen: dict[str, list[int]] = {source: [] for source in SOURCES}
        self.looks = 0
        self.ended = threading.Event()

    def await_whole_read(self) -> None:
        """Wait until every source was read by a look at the partitions that began after this call."""
        before = self.looks

        def seen() -> bool | None:
            assert self.is_alive()
            return self.looks >= before + 2 or None

        wait_until(seen, within=60)

    def run(self) -> None:
        while not self.ended.is_set():
            if "subscribers" in self._lake.tables():
                for (source,), each in self._lake.partitions("subscribers").items():
                    rows = self._lake.rows_at(each["StorageDescriptor"]["Location"])
                    self.seen[source].append(rows)
            self.looks += 1


def extract(lake: Lake, day: int, source: str) -> LandedFile:
    rows = pa.table({"email_plain": ["x"] * rows_of(day, source)})
    at = FIRST + timedelta(days=day)
    return lake.normalized(
        "subscribers", "snapshot", rows, key=f"landing/{source}/202601{day + 1:02}_Extract.zip", at=at
    )


async def test_a_reader_never_sees_doubled_or_missing_rows(lake: Lake) -> None:
    reader = Reader(lake)
    async with lake.cataloger() as one, lake.cataloger() as other:
        reader.start()
        try:
            for day in range(DAYS):
                files = [extract(lake, day, source) for source in SOURCES]
                late = [extract(lake, day - 1, source) for source in SOURCES] if day else []
                await asyncio.gather(
                    *(one.handle(event(file), message()) for file in files),
                    *(other.handle(event(file), message()) for file in late),
                )
                await asyncio.to_thread(reader.await_whole_read)
        finally:
            reader.ended.set()
            await asyncio.to_thread(reader.join)
    for source in SOURCES:
        whole = [rows_of(day, source) for day in range(DAYS)]
        assert set(reader.seen[source]) <= set(whole)
        assert reader.seen[source][-1] == whole[-1]
        location = lake.partitions("subscribers")[(source,)]["StorageDescriptor"]["Location"]
        assert lake.rows_at(location) == whole[-1]
    assert min(map(len, reader.seen.values())) > DAYS


async def test_an_older_extract_of_the_same_day_is_reported_and_not_shown(lake: Lake) -> None:
    newer, older = extract(lake, 3, "bu1"), extract(lake, 2, "bu1")
    async with lake.cataloger() as cataloger:
        await cataloger.handle(event(newer), message())
        await cataloger.handle(event(older), message())
    assert [notice.code for notice in lake.manifest(older).warnings] == ["SNAPSHOT_SUPERSEDED"]
    location = lake.partitions("subscribers")[("bu1",)]["StorageDescriptor"]["Location"]
    assert lake.rows_at(location) == rows_of(3, "bu1")


async def test_an_empty_extract_never_shows_until_it_is_accepted(lake: Lake) -> None:
    full = extract(lake, 3, "bu1")
    at = FIRST + timedelta(days=4)
    key = "landing/bu1/20260105_Extract.zip"
    empty = lake.normalized(
        "subscribers", "snapshot", pa.table({"email_plain": pa.array([], pa.string())}), key=key, at=at
    )
    async with lake.cataloger() as one, lake.cataloger() as other:
        await one.handle(event(full), message())
        refused = await asyncio.gather(
            one.handle(event(empty), message()), other.handle(event(empty), message()), return_exceptions=True
        )
        assert [type(each) for each in refused] == [SnapshotShrunk, SnapshotShrunk]
        assert lake.rows_at(location(lake)) == rows_of(3, "bu1")

        await lake.accept(empty)
        await one.handle(ReplayRequested(file=empty, generation=1), message())
    assert empty.file_id in location(lake)
    assert lake.rows_at(location(lake)) == 0


def location(lake: Lake) -> str:
    return lake.partitions("subscribers")[("bu1",)]["StorageDescriptor"]["Location"]


async def test_former_snapshots_go_after_the_grace(lake: Lake) -> None:
    files = [extract(lake, day, "bu1") for day in range(3)]
    async with lake.cataloger(snapshot_grace_seconds=0) as cataloger:
        for file in files:
            await cataloger.handle(event(file), message())
    listed = lake.clients.s3.list_objects_v2(Bucket=lake.curated).get("Contents", [])
    assert [files[-1].file_id in item["Key"] for item in listed] == [True]
