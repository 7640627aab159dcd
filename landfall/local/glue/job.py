"""The work of one crawl: list, read, and at the end write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog
from botocore.exceptions import BotoCoreError, ClientError

from landfall.local.glue.catalog import Catalog
from landfall.local.glue.definition import CrawlerDefinition
from landfall.local.glue.errors import CrawlFailedError
from landfall.local.glue.footers import Footers
from landfall.local.glue.listing import Found, arrange, list_objects
from landfall.local.glue.summary import Summary
from landfall.local.glue.tables import CrawledTable, crawled_table
from landfall.local.glue.vanished import apply_delete_policy
from shared.aws.faults import error_code

if TYPE_CHECKING:
    from types_aiobotocore_glue import GlueClient
    from types_aiobotocore_s3 import S3Client

_log = structlog.get_logger()


class Sources:
    """What every crawl works with: clients, and the footers that earlier crawls have read."""

    def __init__(self, s3: S3Client, glue: GlueClient) -> None:
        self.s3 = s3
        self.glue = glue
        self.footers = Footers(s3)


class CrawlJob:
    """One crawl of one crawler, in three steps. What lands after the first is not seen by the others."""

    def __init__(self, sources: Sources, definition: CrawlerDefinition, crawl_id: str) -> None:
        self._sources = sources
        self._definition = definition
        self._crawl_id = crawl_id

    async def list_targets(self) -> list[list[Found]]:
        """The objects under each target, as they are now.

        Raises:
            CrawlFailedError: a target cannot be listed.
        """
        listed = []
        for target in self._definition.targets.s3:
            try:
                listed.append(await list_objects(self._sources.s3, target))
            except (ClientError, BotoCoreError) as error:
                raise CrawlFailedError(
                    f"The target {target.path} cannot be listed: {_short(error)}"
                ) from error
        return listed

    async def read_schemas(self, listed: Sequence[Sequence[Found]]) -> list[CrawledTable]:
        """The tables that those objects make.

        Raises:
            CrawlFailedError: an object cannot be read.
        """
        tables = []
        grouping = self._definition.configuration.grouping
        for target, objects in zip(self._definition.targets.s3, listed, strict=True):
            try:
                footers = await self._sources.footers.read(objects)
            except (ClientError, BotoCoreError) as error:
                raise CrawlFailedError(
                    f"An object in {target.path} cannot be read: {_short(error)}"
                ) from error
            for folder, partitions in arrange(target, grouping.level, objects).items():
                table = crawled_table(folder, partitions, footers, self._definition.table_prefix)
                if table is not None:
                    tables.append(table)
                    found = sum(len(items) for items in partitions.values())
                    _log.info("folder_crawled", table=table.name, objects=found, used=table.sizes.objects)
        return tables

    async def write_tables(self, tables: Sequence[CrawledTable]) -> Summary:
        """Bring the catalog up to date, and say what changed.

        Raises:
            CrawlFailedError: the catalog refused something.
        """
        catalog = Catalog(self._sources.glue, self._definition, self._crawl_id)
        try:
            await catalog.require_database()
            for table in tables:
                await catalog.write(table)
            locations = {table.folder.location for table in tables}
            await apply_delete_policy(self._sources.glue, self._definition, locations, catalog.summary)
        except (ClientError, BotoCoreError) as error:
            raise CrawlFailedError(f"The catalog cannot be written: {_short(error)}") from error
        return catalog.summary


def _short(error: ClientError | BotoCoreError) -> str:
    return error_code(error) if isinstance(error, ClientError) else type(error).__name__
