"""A Glue catalog and one crawler in memory, whose clock and crawls the test moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from tests.doubles.s3 import failure

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@dataclass
class InMemoryGlue:
    """``now`` is the service's clock. ``auto`` ends every crawl that is started with that state at once."""

    now: datetime = START
    auto: str | None = None
    crawls: list[dict[str, Any]] = field(default_factory=list)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    partitions: dict[tuple[str, tuple[str, ...]], dict[str, Any]] = field(default_factory=dict)
    starts: int = 0
    page: int = 2

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

    async def get_crawler(self, *, Name: str) -> Any:
        running = any(crawl["State"] == "RUNNING" for crawl in self.crawls)
        last = {"LastCrawl": {"StartTime": self.crawls[-1]["StartTime"]}} if self.crawls else {}
        return {"Crawler": {"Name": Name, "State": "RUNNING" if running else "READY", **last}}

    async def start_crawler(self, *, Name: str) -> Any:
        if any(crawl["State"] == "RUNNING" for crawl in self.crawls):
            raise failure("StartCrawler", "CrawlerRunningException", 400)
        self.starts += 1
        self.begin_crawl(self.auto or "RUNNING")
        return {}

    async def list_crawls(self, *, CrawlerName: str, MaxResults: int, NextToken: str = "0") -> Any:
        # Newest last and two a page: nothing may rest on the order or on the first page being all.
        start = int(NextToken)
        answer: dict[str, Any] = {"Crawls": [dict(each) for each in self.crawls[start : start + self.page]]}
        if start + self.page < len(self.crawls):
            answer["NextToken"] = str(start + self.page)
        return answer

    async def get_table(self, *, DatabaseName: str, Name: str) -> Any:
        if Name not in self.tables:
            raise failure("GetTable", "EntityNotFoundException", 400)
        return {"Table": self.tables[Name]}

    async def create_table(self, *, DatabaseName: str, TableInput: dict[str, Any]) -> Any:
        if TableInput["Name"] in self.tables:
            raise failure("CreateTable", "AlreadyExistsException", 400)
        self.tables[TableInput["Name"]] = TableInput
        return {}

    async def update_table(self, *, DatabaseName: str, TableInput: dict[str, Any], SkipArchive: bool) -> Any:
        self.tables[TableInput["Name"]] = TableInput
        return {}

    async def get_partition(self, *, DatabaseName: str, TableName: str, PartitionValues: list[str]) -> Any:
        key = (TableName, tuple(PartitionValues))
        if key not in self.partitions:
            raise failure("GetPartition", "EntityNotFoundException", 400)
        return {"Partition": self.partitions[key]}

    async def create_partition(
        self, *, DatabaseName: str, TableName: str, PartitionInput: dict[str, Any]
    ) -> Any:
        key = (TableName, tuple(PartitionInput["Values"]))
        if key in self.partitions:
            raise failure("CreatePartition", "AlreadyExistsException", 400)
        self.partitions[key] = PartitionInput
        return {}

    async def batch_update_partition(
        self, *, DatabaseName: str, TableName: str, Entries: list[dict[str, Any]]
    ) -> Any:
        for entry in Entries:
            self.partitions[TableName, tuple(entry["PartitionValueList"])] = entry["PartitionInput"]
        return {}
