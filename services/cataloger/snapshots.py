"""Full refreshes: the newest extract of a source replaces the one before, by moving its partition's location.

Snapshot tables are never crawled. Each is partitioned by ``source`` (the landing folder), and the partition's
location is the folder of the snapshot that counts, so a reader sees the old rows or the new, never both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from services.cataloger.tables import Tables, check_location, dataset_location
from shared.aws.faults import error_code
from shared.errors import AwsUnavailable
from shared.identity import LandedFile
from shared.manifests import CuratedObject, Notice

if TYPE_CHECKING:
    from types_aiobotocore_glue.type_defs import (
        PartitionInputTypeDef,
        StorageDescriptorTypeDef,
        TableInputTypeDef,
    )

_ORDER = "landfall_order"
_RACES = 5
_DATE_IN_NAME = re.compile(r"(?<!\d)(20\d{2})-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Switches snapshot tables."""

    tables: Tables

    async def switch(self, file: LandedFile, curated: CuratedObject) -> list[Notice]:
        """Make the object's snapshot the one that readers see, unless a newer extract is there already.

        Returns:
            A notice where a newer extract stands: the file goes its way, but its rows do not show.

        Raises:
            AwsUnavailable: other files kept switching the same table.
        """
        await self._ensure_table(curated)
        mine = order_of(file)
        for _ in range(_RACES):
            partition = await self.tables.partition(curated)
            standing = "" if partition is None else partition.get("Parameters", {}).get(_ORDER, "")
            if partition is not None and standing == mine:
                return []
            if partition is not None and standing > mine:
                return [
                    Notice(
                        code="SNAPSHOT_SUPERSEDED",
                        message="a newer extract of this source stands; this one's rows are not shown",
                        member=curated.member,
                    )
                ]
            await self._point(curated, mine, exists=partition is not None)
        raise AwsUnavailable("other files kept switching the same snapshot table")

    async def _ensure_table(self, curated: CuratedObject) -> None:
        table = await self.tables.table(curated.dataset)
        client, database = self.tables.client, self.tables.database
        if table is not None:
            check_location(table, curated)
            known = {column["Name"] for column in table["StorageDescriptor"].get("Columns", [])}
            if set(curated.columns) - known:
                await client.update_table(
                    DatabaseName=database, TableInput=_table_input(curated), SkipArchive=True
                )
            return
        try:
            await client.create_table(DatabaseName=database, TableInput=_table_input(curated))
        except ClientError as error:
            if error_code(error) != "AlreadyExistsException":
                raise

    async def _point(self, curated: CuratedObject, order: str, *, exists: bool) -> None:
        client, database, table = self.tables.client, self.tables.database, curated.dataset
        values = list(curated.partition.values())
        partition: PartitionInputTypeDef = {
            "Values": values,
            "StorageDescriptor": _storage(curated, curated.location),
            "Parameters": {_ORDER: order, "classification": "parquet"},
        }
        if exists:
            answer = await client.batch_update_partition(
                DatabaseName=database,
                TableName=table,
                Entries=[{"PartitionValueList": values, "PartitionInput": partition}],
            )
            if answer.get("Errors"):
                raise AwsUnavailable(f"Glue did not move the partition of {table}")
            return
        try:
            await client.create_partition(DatabaseName=database, TableName=table, PartitionInput=partition)
        except ClientError as error:
            if error_code(error) != "AlreadyExistsException":
                raise


def order_of(file: LandedFile) -> str:
    """What decides which of two extracts is newer: the date in its name, then S3's landing time.

    Compares correctly as text. Without a date in the name the landing date stands for it.
    """
    landed = file.landed_at.astimezone(UTC)
    match = _DATE_IN_NAME.search(file.key.rpartition("/")[2])
    extract_date = "".join(match.groups()) if match else f"{landed:%Y%m%d}"
    return f"{extract_date} {landed:%Y-%m-%dT%H:%M:%S.%f}Z {file.file_id}"


def _table_input(curated: CuratedObject) -> TableInputTypeDef:
    return {
        "Name": curated.dataset,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet", "landfall_mode": "snapshot"},
        "PartitionKeys": [{"Name": name, "Type": "string"} for name in curated.partition],
        "StorageDescriptor": _storage(curated, dataset_location(curated)),
    }


def _storage(curated: CuratedObject, location: str) -> StorageDescriptorTypeDef:
    return {
        "Location": location,
        "Columns": [{"Name": name, "Type": kind} for name, kind in curated.columns.items()],
        "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
            "Parameters": {"serialization.format": "1"},
        },
    }
