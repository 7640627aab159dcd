"""Looking in Glue whether the catalog holds what the normalizer made: a completed crawl is no proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from services.cataloger.errors import ColumnsDiffer, PartitionMissing, TableElsewhere, TableMissing
from shared.aws.faults import error_code
from shared.manifests import CatalogedTable, CuratedObject

if TYPE_CHECKING:
    from types_aiobotocore_glue import GlueClient
    from types_aiobotocore_glue.type_defs import PartitionTypeDef, TableTypeDef


@dataclass(frozen=True, slots=True)
class Tables:
    """The curated database."""

    client: GlueClient
    database: str

    async def check(self, curated: CuratedObject) -> CatalogedTable:
        """Confirm table, location, columns and partition of one curated object.

        Raises:
            TableMissing, TableElsewhere, ColumnsDiffer, PartitionMissing: what is not as it must be.
        """
        table = await self.table(curated.dataset)
        if table is None:
            raise TableMissing(f"there is no table {curated.dataset} after the crawl")
        location = check_location(table, curated)
        columns = {
            column["Name"]: column.get("Type", "") for column in table["StorageDescriptor"].get("Columns", [])
        }
        differing = sorted(name for name, kind in curated.columns.items() if columns.get(name) != kind)
        if differing:
            raise ColumnsDiffer(f"table {curated.dataset} differs in {', '.join(differing)}")
        if await self.partition(curated) is None:
            raise PartitionMissing(f"table {curated.dataset} has no partition for the file")
        return CatalogedTable(
            database=self.database,
            table=curated.dataset,
            location=location,
            columns=len(columns),
            partition=curated.partition,
        )

    async def table(self, name: str) -> TableTypeDef | None:
        """A table's definition, None where there is none."""
        try:
            return (await self.client.get_table(DatabaseName=self.database, Name=name))["Table"]
        except ClientError as error:
            if error_code(error) == "EntityNotFoundException":
                return None
            raise

    async def partition(self, curated: CuratedObject) -> PartitionTypeDef | None:
        """The partition that holds the object's rows, None where it is not registered."""
        try:
            answer = await self.client.get_partition(
                DatabaseName=self.database,
                TableName=curated.dataset,
                PartitionValues=list(curated.partition.values()),
            )
        except ClientError as error:
            if error_code(error) == "EntityNotFoundException":
                return None
            raise
        return answer["Partition"]


def check_location(table: TableTypeDef, curated: CuratedObject) -> str:
    """The table's location, which must be the dataset's folder: Clean Rooms requires them equal.

    Raises:
        TableElsewhere: it is another.
    """
    location = table["StorageDescriptor"].get("Location", "")
    expected = dataset_location(curated)
    if location.rstrip("/") != expected.rstrip("/"):
        raise TableElsewhere(f"table {curated.dataset} does not lie at its dataset's folder")
    return location


def dataset_location(curated: CuratedObject) -> str:
    """The folder of a whole dataset."""
    return f"s3://{curated.object.bucket}/{curated.dataset}/"
