"""A Glue catalog and one crawler in memory, whose clock and crawls the test moves."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, cast

from tests.doubles.s3 import failure

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@dataclass
class InMemoryGlue:
    """``now`` is the service's clock. ``auto`` ends every crawl that is started with that state at once.

    With ``chaos`` every call lets others run first, for a while that it decides. ``calls`` counts by
    operation. ``room`` is how many partitions one answer holds.
    """

    now: datetime = START
    auto: str | None = None
    crawls: list[dict[str, Any]] = field(default_factory=list)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    partitions: dict[tuple[str, tuple[str, ...]], dict[str, Any]] = field(default_factory=dict)
    starts: int = 0
    page: int = 2
    room: int = 1000
    chaos: Random | None = None
    calls: Counter[str] = field(default_factory=Counter)

    def client(self) -> Any:
        return cast("Any", self)

    def clock(self) -> datetime:
        return self.now

    def tick(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def begin_crawl(self, state: str = "RUNNING") -> dict[str, Any]:
        crawl = {"CrawlId": f"c{len(self.crawls) + 1}", "State": state, "StartTime": self.now}
        self.crawls.append(crawl)
        return crawl

    def columns(self, table: str) -> dict[str, str]:
        return _columns(self.tables[table])

    def partition_columns(self, table: str, *values: str) -> dict[str, str]:
        return _columns(self.partitions[table, values])

    async def get_crawler(self, *, Name: str) -> Any:
        await self._called("GetCrawler")
        running = any(crawl["State"] == "RUNNING" for crawl in self.crawls)
        last = {"LastCrawl": {"StartTime": self.crawls[-1]["StartTime"]}} if self.crawls else {}
        return {"Crawler": {"Name": Name, "State": "RUNNING" if running else "READY", **last}}

    async def start_crawler(self, *, Name: str) -> Any:
        await self._called("StartCrawler")
        if any(crawl["State"] == "RUNNING" for crawl in self.crawls):
            raise failure("StartCrawler", "CrawlerRunningException", 400)
        self.starts += 1
        self.begin_crawl(self.auto or "RUNNING")
        return {}

    async def list_crawls(
        self, *, CrawlerName: str, MaxResults: int, Filters: list[dict[str, str]], NextToken: str = "0"
    ) -> Any:
        await self._called("ListCrawls")
        (wanted,) = Filters
        assert (wanted["FieldName"], wanted["FilterOperator"]) == ("START_TIME", "GE")
        since = datetime.fromtimestamp(int(wanted["FieldValue"]) / 1000, UTC)
        found = [crawl for crawl in self.crawls if crawl["StartTime"] >= since]
        # Newest last and two a page: nothing may rest on the order or on the first page being all.
        start = int(NextToken)
        answer: dict[str, Any] = {"Crawls": [dict(each) for each in found[start : start + self.page]]}
        if start + self.page < len(found):
            answer["NextToken"] = str(start + self.page)
        return answer

    async def get_table(self, *, DatabaseName: str, Name: str) -> Any:
        await self._called("GetTable")
        if Name not in self.tables:
            raise failure("GetTable", "EntityNotFoundException", 400)
        return {"Table": dict(self.tables[Name])}

    async def create_table(self, *, DatabaseName: str, TableInput: dict[str, Any]) -> Any:
        await self._called("CreateTable")
        if TableInput["Name"] in self.tables:
            raise failure("CreateTable", "AlreadyExistsException", 400)
        self.tables[TableInput["Name"]] = {**TableInput, "VersionId": "1", "DatabaseName": DatabaseName}
        return {}

    async def update_table(
        self, *, DatabaseName: str, TableInput: dict[str, Any], VersionId: str, SkipArchive: bool
    ) -> Any:
        await self._called("UpdateTable")
        assert SkipArchive
        assert not {"VersionId", "DatabaseName"} & TableInput.keys(), "Glue's own fields are no input"
        present = self.tables[TableInput["Name"]]
        if present["VersionId"] != VersionId:
            raise failure("UpdateTable", "ConcurrentModificationException", 400)
        changed = {**TableInput, "VersionId": str(int(VersionId) + 1), "DatabaseName": DatabaseName}
        self.tables[TableInput["Name"]] = changed
        return {}

    async def batch_get_partition(
        self, *, DatabaseName: str, TableName: str, PartitionsToGet: list[dict[str, list[str]]]
    ) -> Any:
        await self._called("BatchGetPartition")
        assert len(PartitionsToGet) <= 1000
        keys = [(TableName, tuple(each["Values"])) for each in PartitionsToGet]
        found = [self.partitions[key] for key in keys if key in self.partitions]
        return {"Partitions": found[: self.room]}

    async def batch_create_partition(
        self, *, DatabaseName: str, TableName: str, PartitionInputList: list[dict[str, Any]]
    ) -> Any:
        await self._called("BatchCreatePartition")
        assert len(PartitionInputList) <= 100
        errors = []
        for each in PartitionInputList:
            key = (TableName, tuple(each["Values"]))
            if key in self.partitions:
                detail = {"ErrorCode": "AlreadyExistsException"}
                errors.append({"PartitionValues": each["Values"], "ErrorDetail": detail})
            else:
                self.partitions[key] = each
        return {"Errors": errors}

    async def batch_update_partition(
        self, *, DatabaseName: str, TableName: str, Entries: list[dict[str, Any]]
    ) -> Any:
        await self._called("BatchUpdatePartition")
        assert len(Entries) <= 100
        for entry in Entries:
            self.partitions[TableName, tuple(entry["PartitionValueList"])] = entry["PartitionInput"]
        return {}

    def get_paginator(self, operation: str) -> Any:
        assert operation == "get_partitions"
        return self

    async def paginate(self, *, DatabaseName: str, TableName: str) -> AsyncIterator[Any]:
        await self._called("GetPartitions")
        for key in [key for key in self.partitions if key[0] == TableName]:
            yield {"Partitions": [self.partitions[key]]}
            await self._let_others_run()

    async def _called(self, operation: str) -> None:
        self.calls[operation] += 1
        await self._let_others_run()

    async def _let_others_run(self) -> None:
        for _ in range(self.chaos.randrange(6) if self.chaos else 1):
            await asyncio.sleep(0)


def _columns(entry: dict[str, Any]) -> dict[str, str]:
    return {column["Name"]: column["Type"] for column in entry["StorageDescriptor"]["Columns"]}
