"""The Glue database of the curated tables: the calls that read and change it, in batches, as plain values."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError

from services.cataloger.errors import DatabaseMissing
from services.cataloger.needs import Columns
from shared.aws.faults import error_code, fault

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

T = TypeVar("T")

Values = tuple[str, ...]
"""A partition's values, in the order of its keys."""

SHOWN_SINCE = "landfall_shown_since"
"""The parameter of a snapshot's partition with the time at which it was moved to its location."""
_READ_BATCH = 1000
_WRITE_BATCH = 100


@dataclass(frozen=True, slots=True)
class Partition:
    """A registered partition. ``shown_since`` is when it was moved to its location, where it says so."""

    values: Values
    location: str
    columns: Columns
    shown_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A registered table. ``definition`` is all that Glue says of it, to be written back with changes."""

    name: str
    location: str
    columns: Columns
    keys: tuple[str, ...]
    parameters: Mapping[str, str]
    version: str
    in_lake_formation: bool
    definition: TableTypeDef


@dataclass(frozen=True, slots=True)
class GlueCatalog:
    """One database. Errors of AWS pass through unless a method says otherwise."""

    client: GlueClient
    database: str

    async def table(self, name: str) -> Table | None:
        """A table as it is now, None where there is none."""
        try:
            answer = await self.client.get_table(DatabaseName=self.database, Name=name)
        except ClientError as error:
            if error_code(error) == "EntityNotFoundException":
                return None
            raise
        return _table(answer["Table"])

    async def partitions(self, table: str, values: Collection[Values]) -> dict[Values, Partition]:
        """Those of the partitions that are registered, a thousand a call."""
        found: dict[Values, Partition] = {}
        for batch in _batches(sorted(values), _READ_BATCH):
            rest = batch
            while rest:
                answer = await self.client.batch_get_partition(
                    DatabaseName=self.database,
                    TableName=table,
                    PartitionsToGet=[{"Values": list(each)} for each in rest],
                )
                got = {each.values: each for each in map(_partition, answer.get("Partitions", []))}
                found |= got
                # Glue leaves out what is missing, but also what one answer has no room for: ask again until
                # it has nothing more to give.
                rest = [each for each in rest if each not in got] if got else []
        return found

    async def every_partition(self, table: str) -> AsyncIterator[Partition]:
        """All partitions of a table."""
        pages = self.client.get_paginator("get_partitions").paginate(
            DatabaseName=self.database, TableName=table
        )
        async for page in pages:
            for item in page["Partitions"]:
                yield _partition(item)

    async def create_table(self, table: TableInputTypeDef) -> None:
        """Create a table; one that somebody else has created meanwhile is no error.

        Raises:
            DatabaseMissing: there is no such database.
        """
        try:
            await self.client.create_table(DatabaseName=self.database, TableInput=table)
        except ClientError as error:
            if error_code(error) == "EntityNotFoundException":
                raise DatabaseMissing(f"there is no database {self.database}") from None
            if error_code(error) != "AlreadyExistsException":
                raise

    async def update_table(self, table: TableInputTypeDef, version: str) -> bool:
        """Change a table if it still has this version; False where somebody else was quicker."""
        try:
            # SkipArchive: old versions count against a quota and nobody reads them.
            await self.client.update_table(
                DatabaseName=self.database, TableInput=table, VersionId=version, SkipArchive=True
            )
        except ClientError as error:
            if error_code(error) == "ConcurrentModificationException":
                return False
            raise
        return True

    async def create_partitions(self, table: str, partitions: Sequence[PartitionInputTypeDef]) -> None:
        """Register partitions, a hundred a call; those that somebody else has registered are no error.

        Raises:
            LandfallError: Glue refused one, for now or for good.
        """
        for batch in _batches(partitions, _WRITE_BATCH):
            answer = await self.client.batch_create_partition(
                DatabaseName=self.database, TableName=table, PartitionInputList=batch
            )
            details = [each.get("ErrorDetail", {}) for each in answer.get("Errors", [])]
            _raise_for("BatchCreatePartition", details, "AlreadyExistsException")

    async def update_partitions(self, table: str, partitions: Sequence[PartitionInputTypeDef]) -> None:
        """Replace the definitions of partitions, a hundred a call; one that has vanished is no error.

        Raises:
            LandfallError: Glue refused one, for now or for good.
        """
        for batch in _batches(partitions, _WRITE_BATCH):
            entries: list[BatchUpdatePartitionRequestEntryTypeDef] = [
                {"PartitionValueList": each["Values"], "PartitionInput": each} for each in batch
            ]
            answer = await self.client.batch_update_partition(
                DatabaseName=self.database, TableName=table, Entries=entries
            )
            details = [each.get("ErrorDetail", {}) for each in answer.get("Errors", [])]
            _raise_for("BatchUpdatePartition", details, "EntityNotFoundException")


def _table(item: TableTypeDef) -> Table:
    storage = item.get("StorageDescriptor", {})
    return Table(
        name=item["Name"],
        location=storage.get("Location", ""),
        columns=_columns(storage.get("Columns", [])),
        keys=tuple(each["Name"] for each in item.get("PartitionKeys", [])),
        parameters=item.get("Parameters", {}),
        version=item.get("VersionId", ""),
        in_lake_formation=item.get("IsRegisteredWithLakeFormation", False),
        definition=item,
    )


def _partition(item: PartitionTypeDef) -> Partition:
    storage = item.get("StorageDescriptor", {})
    return Partition(
        values=tuple(item["Values"]),
        location=storage.get("Location", ""),
        columns=_columns(storage.get("Columns", [])),
        shown_since=_time(item.get("Parameters", {}).get(SHOWN_SINCE)),
    )


def _time(text: str | None) -> datetime | None:
    try:
        time = None if text is None else datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if time is None or time.tzinfo is None else time


def _columns(items: Sequence[Mapping[str, object]]) -> Columns:
    return tuple((str(each["Name"]), str(each.get("Type", ""))) for each in items)


def _raise_for(call: str, errors: Sequence[ErrorDetailTypeDef], tolerated: str) -> None:
    for code in sorted({each.get("ErrorCode", "no code") for each in errors} - {tolerated}):
        raise fault(call, code)


def _batches(items: Sequence[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
