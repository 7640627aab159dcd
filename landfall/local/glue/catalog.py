"""Writing what a crawl found to the data catalog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import structlog
from botocore.exceptions import ClientError

from landfall.local.glue.columns import Column, unite
from landfall.local.glue.definition import CrawlerDefinition
from landfall.local.glue.errors import CrawlFailedError
from landfall.local.glue.listing import Partition
from landfall.local.glue.summary import Action, Summary
from landfall.local.glue.tables import CrawledTable, partition_input, table_input, with_hash
from shared.aws.faults import error_code

if TYPE_CHECKING:
    from types_aiobotocore_glue import GlueClient
    from types_aiobotocore_glue.type_defs import (
        BatchUpdatePartitionRequestEntryTypeDef,
        ErrorDetailTypeDef,
        PartitionInputTypeDef,
        PartitionTypeDef,
        TableInputTypeDef,
        TableTypeDef,
    )

_BATCH = 100
_log = structlog.get_logger()


class Catalog:
    """The tables of one database, changed on behalf of one crawl."""

    def __init__(self, glue: GlueClient, definition: CrawlerDefinition, crawl_id: str) -> None:
        self._glue = glue
        self._definition = definition
        self._crawl_id = crawl_id
        self.summary = Summary()

    async def require_database(self) -> None:
        """Make sure that the tables have a place to go.

        Raises:
            CrawlFailedError: the crawler's database does not exist.
        """
        try:
            await self._glue.get_database(Name=self._definition.database)
        except ClientError as error:
            if error_code(error) == "EntityNotFoundException":
                raise CrawlFailedError(f"The database {self._definition.database} does not exist") from None
            raise

    async def write(self, table: CrawledTable) -> None:
        """Create ``table`` or bring it up to date, then its partitions.

        Raises:
            CrawlFailedError: Glue refused some partitions.
            ClientError: Glue refused anything else.
        """
        name, present = await self._place(table)
        columns = self._columns(table, present)
        if table.conflicts:
            _log.warning("columns_differ_between_files", table=name, columns=table.conflicts)
        request = table_input(table, name, columns, self._definition, self._crawl_id)
        if present is None:
            await self._glue.create_table(DatabaseName=self._definition.database, TableInput=request)
            self.summary.note("TABLE", "ADD", name)
        elif self._definition.policy.update == "UPDATE_IN_DATABASE" and _differs(present, request):
            await self._glue.update_table(
                DatabaseName=self._definition.database, TableInput=request, SkipArchive=True
            )
            self.summary.note("TABLE", "UPDATE", name)
        await self._write_partitions(name, table, columns)

    async def _place(self, table: CrawledTable) -> tuple[str, TableTypeDef | None]:
        """The table that is there already, or the name that is free for it."""
        present = await self._table(table.name)
        if present is None or _location(present) == table.folder.location:
            return table.name, present
        name = with_hash(table.name, table.folder)
        return name, await self._table(name)

    async def _table(self, name: str) -> TableTypeDef | None:
        try:
            return (await self._glue.get_table(DatabaseName=self._definition.database, Name=name))["Table"]
        except ClientError as error:
            if error_code(error) == "EntityNotFoundException":
                return None
            raise

    def _columns(self, table: CrawledTable, present: TableTypeDef | None) -> tuple[Column, ...]:
        if present is None:
            return table.columns
        if self._definition.policy.update == "LOG":
            return _columns_of(present)
        if self._definition.only_adds_columns:
            return unite([_columns_of(present), table.columns]).columns
        return table.columns

    async def _write_partitions(self, name: str, table: CrawledTable, columns: Sequence[Column]) -> None:
        if not table.partition_keys:
            return
        present = await self._partitions(name)
        missing = [each for each in table.partitions if each.values not in present]
        outdated = [
            each
            for each in table.partitions
            if each.values in present and present[each.values] != tuple(columns)
        ]
        for batch in _batches(missing):
            inputs = [self._input(each, table, columns) for each in batch]
            created = await self._glue.batch_create_partition(
                DatabaseName=self._definition.database, TableName=name, PartitionInputList=inputs
            )
            _raise_unless(
                [error.get("ErrorDetail", {}) for error in created.get("Errors", [])],
                "AlreadyExistsException",
            )
            self._note(name, batch, "ADD")
        for batch in _batches(outdated):
            entries: list[BatchUpdatePartitionRequestEntryTypeDef] = [
                {"PartitionValueList": list(each.values), "PartitionInput": self._input(each, table, columns)}
                for each in batch
            ]
            updated = await self._glue.batch_update_partition(
                DatabaseName=self._definition.database, TableName=name, Entries=entries
            )
            _raise_unless([error.get("ErrorDetail", {}) for error in updated.get("Errors", [])])
            self._note(name, batch, "UPDATE")
        if self._definition.policy.delete == "DELETE_FROM_DATABASE":
            found = {each.values for each in table.partitions}
            for values in present.keys() - found:
                await self._drop_partition(name, values)

    async def _drop_partition(self, name: str, values: tuple[str, ...]) -> None:
        # One by one: the emulator knows no BatchDeletePartition.
        await self._glue.delete_partition(
            DatabaseName=self._definition.database, TableName=name, PartitionValues=list(values)
        )
        self.summary.note("PARTITION", "DELETE", f"{name}/{'/'.join(values)}")

    async def _partitions(self, name: str) -> dict[tuple[str, ...], tuple[Column, ...]]:
        found = {}
        pages = self._glue.get_paginator("get_partitions").paginate(
            DatabaseName=self._definition.database, TableName=name
        )
        async for page in pages:
            for partition in page["Partitions"]:
                found[tuple(partition["Values"])] = _columns_of(partition)
        return found

    def _input(
        self, partition: Partition, table: CrawledTable, columns: Sequence[Column]
    ) -> PartitionInputTypeDef:
        sizes = table.partitions[partition]
        return partition_input(partition, sizes, columns, self._definition, self._crawl_id)

    def _note(self, table: str, partitions: Sequence[Partition], action: Action) -> None:
        for partition in partitions:
            self.summary.note("PARTITION", action, f"{table}/{'/'.join(partition.values)}")


def _columns_of(entry: TableTypeDef | PartitionTypeDef) -> tuple[Column, ...]:
    columns = entry.get("StorageDescriptor", {}).get("Columns", [])
    return tuple(Column(column["Name"], column.get("Type", "")) for column in columns)


def _location(table: TableTypeDef) -> str:
    return table.get("StorageDescriptor", {}).get("Location", "")


def _differs(present: TableTypeDef, wanted: TableInputTypeDef) -> bool:
    """Whether anything but the crawl's own id would change."""
    now, then = dict(present.get("Parameters", {})), dict(wanted.get("Parameters", {}))
    now.pop("CRAWL_RUN_ID", None)
    then.pop("CRAWL_RUN_ID", None)
    columns = present.get("StorageDescriptor", {}).get("Columns", [])
    keys = present.get("PartitionKeys", [])
    return (now, columns, keys) != (then, wanted["StorageDescriptor"]["Columns"], wanted["PartitionKeys"])


def _batches(partitions: Sequence[Partition]) -> Iterator[Sequence[Partition]]:
    for start in range(0, len(partitions), _BATCH):
        yield partitions[start : start + _BATCH]


def _raise_unless(errors: Iterable[ErrorDetailTypeDef], *tolerated: str) -> None:
    refused = sorted({error.get("ErrorCode", "unknown") for error in errors} - set(tolerated))
    if refused:
        raise CrawlFailedError(f"Glue refused partitions: {', '.join(refused)}")
