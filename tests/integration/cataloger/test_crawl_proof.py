"""No file is called catalogued that no crawl has seen, whoever started the crawl and whenever."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import boto3
import pyarrow as pa
import pytest

from landfall.waiting import wait_until
from services.cataloger import crawler
from services.cataloger.errors import ColumnsDiffer, CrawlerMissing, CrawlFailed, CrawlOverdue
from shared.identity import LandedFile
from shared.manifests import CuratedObject
from tests.integration.cataloger.lake import Lake, event, message, parquet

ROWS = pa.table({"n": [1, 2], "email_plain": ["a", "b"]})


class Upload:
    """A multipart Parquet that somebody completes when the test says so, and then the manifest."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self.file: LandedFile = lake.landed()
        self._object: CuratedObject = lake.describe(self.file, "sent", "append", ROWS)
        key = self._object.object.key
        upload_id = lake.clients.s3.create_multipart_upload(Bucket=lake.curated, Key=key)["UploadId"]
        self._upload = boto3.resource("s3").MultipartUpload(lake.curated, key, upload_id)

    def complete(self) -> None:
        part = self._upload.Part(1).upload(Body=parquet(ROWS))
        self._upload.complete(MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
        self._lake.put_manifest(self.file, self._object)


def foreign_crawl(lake: Lake) -> None:
    """Somebody else starts the crawler; its listing is done when this returns."""
    lake.clients.glue.start_crawler(Name=lake.name)


def await_margin(written: datetime) -> None:
    """Wait until a crawl that begins covers what was written by then, margin and whole seconds included."""
    wait_until(lambda: (datetime.now(UTC) - written).total_seconds() > 1.1 or None, within=5)


def await_end_of_crawl(lake: Lake) -> None:
    wait_until(lambda: is_in(lake, "READY"), within=30)


def is_in(lake: Lake, state: str) -> bool | None:
    """Whether the crawler is in this state; None while it is not."""
    return lake.clients.glue.get_crawler(Name=lake.name)["Crawler"]["State"] == state or None


async def test_an_upload_completed_during_a_foreign_crawl_awaits_the_next(lake: Lake) -> None:
    upload = Upload(lake)
    foreign_crawl(lake)
    upload.complete()
    async with lake.cataloger() as cataloger:
        await cataloger.handle(event(upload.file), message())
    crawl = lake.manifest(upload.file).crawl
    assert crawl is not None
    assert lake.crawls() == 2
    assert crawl.started_at > upload.file.landed_at
    assert ("sent" in lake.tables(), len(lake.partitions("sent"))) == (True, 1)


async def test_an_upload_completed_after_a_foreign_crawl_awaits_one_of_its_own(lake: Lake) -> None:
    upload = Upload(lake)
    foreign_crawl(lake)
    await_end_of_crawl(lake)
    upload.complete()
    async with lake.cataloger() as cataloger:
        await cataloger.handle(event(upload.file), message())
    assert lake.crawls() == 2
    assert len(lake.partitions("sent")) == 1


async def test_an_upload_completed_well_before_a_foreign_crawl_needs_no_other(lake: Lake) -> None:
    upload = Upload(lake)
    upload.complete()
    await_margin(datetime.now(UTC))
    foreign_crawl(lake)
    async with lake.cataloger() as cataloger:
        await cataloger.handle(event(upload.file), message())
    assert lake.crawls() == 1
    assert len(lake.partitions("sent")) == 1


async def test_two_catalogers_at_once_need_no_more_crawls_than_one(lake: Lake) -> None:
    files = [lake.normalized("sent", "append", ROWS, key=f"landing/{n}.zip") for n in range(40)]
    await_margin(datetime.now(UTC))  # a crawl that begins now covers all of them
    async with lake.cataloger() as one, lake.cataloger() as other:
        await asyncio.gather(
            *(one.handle(event(file), message()) for file in files[::2]),
            *(other.handle(event(file), message()) for file in files[1::2]),
        )
    assert lake.crawls() == 1
    assert {crawl.crawl_id for file in files if (crawl := lake.manifest(file).crawl)} == {
        lake.clients.glue.list_crawls(CrawlerName=lake.name)["Crawls"][0]["CrawlId"]
    }


async def test_a_file_of_another_type_fails_and_the_others_do_not(lake: Lake) -> None:
    first = lake.normalized("sent", "append", ROWS)
    async with lake.cataloger() as cataloger:
        await cataloger.handle(event(first), message())
        other = lake.normalized("sent", "append", pa.table({"n": ["text"]}))
        third = lake.normalized("sent", "append", ROWS)
        outcomes = await asyncio.gather(
            *(cataloger.handle(event(file), message()) for file in (other, third)), return_exceptions=True
        )
    assert isinstance(outcomes[0], ColumnsDiffer)
    assert "another type for n" in outcomes[0].message
    assert outcomes[1] is None


async def test_a_file_that_is_covered_awaits_no_crawl_where_that_is_allowed(lake: Lake) -> None:
    async with lake.cataloger(crawl_only_if_needed=True) as cataloger:
        for _ in range(3):
            file = lake.normalized("sent", "append", ROWS, at=datetime(2026, 1, 31, tzinfo=UTC))
            await cataloger.handle(event(file), message())
    assert lake.crawls() == 1
    assert lake.manifest(file).crawl is None


async def test_a_deleted_crawler_is_said_at_once_and_a_new_one_goes_on(lake: Lake) -> None:
    file = lake.normalized("sent", "append", ROWS)
    lake.clients.glue.delete_crawler(Name=lake.name)
    async with lake.cataloger() as cataloger:
        with pytest.raises(CrawlerMissing, match=lake.name):
            await cataloger.handle(event(file), message())
        lake.clone_crawler()
        await cataloger.handle(event(file), message())
    assert lake.manifest(file).tables[0].table == "sent"


async def test_a_stopped_crawl_is_followed_by_another(lake: Lake) -> None:
    file = lake.normalized("sent", "append", ROWS)
    async with lake.cataloger() as cataloger:
        waiting = asyncio.create_task(cataloger.handle(event(file), message()))
        await asyncio.to_thread(wait_until, lambda: is_in(lake, "RUNNING"), within=10)
        lake.clients.glue.stop_crawler(Name=lake.name)
        await waiting
    states = [crawl["State"] for crawl in lake.clients.glue.list_crawls(CrawlerName=lake.name)["Crawls"]]
    assert states == ["COMPLETED", "STOPPED"]


async def test_crawls_that_fail_fail_the_file_and_once_mended_it_is_catalogued(lake: Lake) -> None:
    file = lake.normalized("sent", "append", ROWS)
    lake.clients.glue.delete_database(Name=lake.name)
    async with lake.cataloger(crawl_tries=2) as cataloger:
        with pytest.raises(CrawlFailed, match="2 crawls ended FAILED"):
            await cataloger.handle(event(file), message())
        assert lake.crawls() == 2
        lake.clients.glue.create_database(DatabaseInput={"Name": lake.name})
        await cataloger.handle(event(file), message())
    assert lake.manifest(file).tables[0].table == "sent"


async def test_a_crawl_that_hangs_past_the_limit_gives_the_file_back_and_later_covers_it(lake: Lake) -> None:
    file = lake.normalized("sent", "append", ROWS)
    await_margin(datetime.now(UTC))
    async with lake.cataloger(crawl_limit_seconds=0.5) as cataloger:
        with pytest.raises(CrawlOverdue):
            await cataloger.handle(event(file), message())
    async with lake.cataloger() as cataloger:
        await cataloger.handle(event(file), message())
    assert lake.crawls() == 1


async def test_the_crawl_that_covers_a_file_may_be_on_a_later_page(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawler, "_PAGE", 2)
    file = lake.normalized("sent", "append", ROWS)
    await_margin(datetime.now(UTC))
    foreign_crawl(lake)
    await_end_of_crawl(lake)
    for _ in range(4):  # all newer than the one that counts
        foreign_crawl(lake)
        lake.clients.glue.stop_crawler(Name=lake.name)
        await_end_of_crawl(lake)
    async with lake.cataloger() as cataloger:
        await cataloger.handle(event(file), message())
    crawls = lake.clients.glue.list_crawls(CrawlerName=lake.name)["Crawls"]
    assert [each["State"] for each in crawls] == ["STOPPED"] * 4 + ["COMPLETED"]
    crawl = lake.manifest(file).crawl
    assert crawl is not None
    assert crawl.crawl_id == crawls[-1]["CrawlId"]
