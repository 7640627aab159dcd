"""The Glue crawler: its history, its state, and starting it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from services.cataloger.errors import CrawlerMissing
from shared.aws.faults import error_code

if TYPE_CHECKING:
    from types_aiobotocore_glue import GlueClient
    from types_aiobotocore_glue.type_defs import ListCrawlsRequestTypeDef

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Crawl:
    """One line of the history. ``state`` is RUNNING, COMPLETED, FAILED or STOPPED."""

    crawl_id: str
    state: str
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CrawlerState:
    """Whether a crawl could be started now, and when the last one was that has ended."""

    ready: bool
    last_started_at: datetime | None


@dataclass(frozen=True, slots=True)
class Crawler:
    """One crawler by name.

    Every method raises CrawlerMissing where there is no such crawler; other errors of AWS pass through.
    """

    client: GlueClient
    name: str

    async def crawls_since(self, moment: datetime) -> AsyncIterator[list[Crawl]]:
        """Pages of the crawls that started after a moment, in no particular order."""
        # Glue keeps twelve months of history, perhaps a crawl a minute: its filter spares reading all of it.
        # The filter takes whole milliseconds since 1970, so the exact comparison remains ours.
        since = int(moment.timestamp() * 1000)
        request: ListCrawlsRequestTypeDef = {
            "CrawlerName": self.name,
            "MaxResults": _PAGE,
            "Filters": [{"FieldName": "START_TIME", "FilterOperator": "GE", "FieldValue": str(since)}],
        }
        while True:
            with self._existing():
                page = await self.client.list_crawls(**request)
            yield [
                Crawl(item["CrawlId"], item["State"], item["StartTime"], item.get("EndTime"))
                for item in page.get("Crawls", [])
                if item["StartTime"] > moment
            ]
            if "NextToken" not in page:
                return
            request["NextToken"] = page["NextToken"]

    async def state(self) -> CrawlerState:
        """What the crawler is doing."""
        with self._existing():
            crawler = (await self.client.get_crawler(Name=self.name))["Crawler"]
        last = crawler.get("LastCrawl", {}).get("StartTime")
        return CrawlerState(crawler.get("State") == "READY", last)

    async def start(self) -> bool:
        """Start a crawl; False where one is on already, which may have begun too early to help."""
        try:
            with self._existing():
                await self.client.start_crawler(Name=self.name)
        except ClientError as error:
            if error_code(error) == "CrawlerRunningException":
                return False
            raise
        return True

    @contextmanager
    def _existing(self) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            if error_code(error) == "EntityNotFoundException":
                raise CrawlerMissing(f"there is no crawler {self.name}") from None
            raise
