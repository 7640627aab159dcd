"""A lake of one test's own: bucket, database and crawler in the emulator."""

from __future__ import annotations

import io
import itertools
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from landfall.waiting import wait_until
from tests.stack import Clients

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import CrawlerHistoryTypeDef, PartitionTypeDef, TableTypeDef

ROLE = "arn:aws:iam::000000000000:role/crawler"
NUMBERS = itertools.count()


class Lake:
    """A bucket, a database and a crawler of one test's own."""

    def __init__(self, clients: Clients, **crawler: Any) -> None:
        self.name = f"lake-{next(NUMBERS)}"
        self.glue = clients.glue
        self.s3 = clients.s3
        self.s3.create_bucket(Bucket=self.name)
        self.glue.create_database(DatabaseInput={"Name": self.name})
        self.glue.create_crawler(
            Name=self.name,
            Role=ROLE,
            DatabaseName=self.name,
            Targets={"S3Targets": [{"Path": f"s3://{self.name}/", "Exclusions": ["*/source=*/**"]}]},
            Configuration=json.dumps({"Version": 1.0, "Grouping": {"TableLevelConfiguration": 2}}),
            **crawler,
        )

    def put(self, key: str, **columns: Any) -> None:
        sink = io.BytesIO()
        pq.write_table(pa.table(columns), sink)
        self.s3.put_object(Bucket=self.name, Key=key, Body=sink.getvalue())

    def crawl(self) -> CrawlerHistoryTypeDef:
        """Run the crawler once and return the run."""
        self.glue.start_crawler(Name=self.name)
        return self.settle()

    def settle(self) -> CrawlerHistoryTypeDef:
        """Wait for the run in progress and return it."""
        wait_until(lambda: True if self.state() == "READY" else None, within=30)
        return self.glue.list_crawls(CrawlerName=self.name)["Crawls"][0]

    def state(self) -> str:
        return self.glue.get_crawler(Name=self.name)["Crawler"]["State"]

    def tables(self) -> dict[str, TableTypeDef]:
        return {table["Name"]: table for table in self.glue.get_tables(DatabaseName=self.name)["TableList"]}

    def partitions(self, table: str) -> dict[str, PartitionTypeDef]:
        pages = self.glue.get_paginator("get_partitions").paginate(DatabaseName=self.name, TableName=table)
        return {"/".join(each["Values"]): each for page in pages for each in page["Partitions"]}

    def columns(self, table: str) -> dict[str, str]:
        return {each["Name"]: each["Type"] for each in self.tables()[table]["StorageDescriptor"]["Columns"]}
