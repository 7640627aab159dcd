"""Tables and partitions as a Glue crawler writes them for Parquet."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landfall.local.glue.columns import Column, unite
from landfall.local.glue.definition import CrawlerDefinition
from landfall.local.glue.footers import Footer
from landfall.local.glue.listing import Folder, Found, Partition

if TYPE_CHECKING:
    from types_aiobotocore_glue.type_defs import (
        PartitionInputTypeDef,
        StorageDescriptorTypeDef,
        TableInputTypeDef,
    )

CRAWLER_PARAMETER = "UPDATED_BY_CRAWLER"
_HIVE = "org.apache.hadoop.hive.ql.io.parquet"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much lies in a table or partition; ``bytes`` as stored."""

    objects: int
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class CrawledTable:
    """One table as the objects themselves have it."""

    name: str
    folder: Folder
    columns: tuple[Column, ...]
    conflicts: tuple[str, ...]
    partition_keys: tuple[str, ...]
    partitions: Mapping[Partition, Sizes]

    @property
    def sizes(self) -> Sizes:
        """All of its partitions together."""
        every = list(self.partitions.values())
        return Sizes(sum(s.objects for s in every), sum(s.rows for s in every), sum(s.bytes for s in every))


def crawled_table(
    folder: Folder,
    partitions: Mapping[Partition, Sequence[Found]],
    footers: Mapping[Found, Footer],
    prefix: str,
) -> CrawledTable | None:
    """Combine the files of one folder into a table; ``None`` when none of them is Parquet.

    A table has one set of partition keys: that of most of its files. Files that are nested otherwise are left
    out.
    """
    filled = {
        partition: parquet
        for partition, items in sorted(partitions.items(), key=_place)
        if (parquet := [item for item in items if item in footers])
    }
    if not filled:
        return None
    nestings: Counter[tuple[str, ...]] = Counter()
    for partition, items in filled.items():
        nestings[partition.keys] += len(items)
    keys = nestings.most_common(1)[0][0]
    alike = {partition: items for partition, items in filled.items() if partition.keys == keys}
    union = unite(footers[item].columns for items in alike.values() for item in items)
    sizes = {partition: _sizes(items, footers) for partition, items in alike.items()}
    return CrawledTable(table_name(prefix, folder.name), folder, union.columns, union.conflicts, keys, sizes)


def table_name(prefix: str, folder: str) -> str:
    """A folder's table: lower case, and an underscore for what Glue allows in no name."""
    return prefix + re.sub(r"[^a-z0-9_]", "_", folder.lower())


def with_hash(name: str, folder: Folder) -> str:
    """The name that Glue takes when another folder's table has ``name`` already."""
    digest = hashlib.md5(folder.location.encode(), usedforsecurity=False).hexdigest()
    return f"{name}_{digest}"


def table_input(
    table: CrawledTable, name: str, columns: Sequence[Column], definition: CrawlerDefinition, crawl_id: str
) -> TableInputTypeDef:
    """The request that creates or updates ``table``."""
    parameters = _parameters(table.sizes, definition, crawl_id)
    if table.partition_keys:
        parameters["partition_filtering.enabled"] = "true"
    return {
        "Name": name,
        "Owner": "owner",
        "Retention": 0,
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": _storage(table.folder.location, columns, parameters),
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in table.partition_keys],
        "Parameters": parameters,
    }


def partition_input(
    partition: Partition,
    sizes: Sizes,
    columns: Sequence[Column],
    definition: CrawlerDefinition,
    crawl_id: str,
) -> PartitionInputTypeDef:
    """The request that creates or updates a partition, which has the table's columns."""
    parameters = _parameters(sizes, definition, crawl_id)
    return {
        "Values": list(partition.values),
        "StorageDescriptor": _storage(partition.location, columns, parameters),
        "Parameters": parameters,
    }


def _place(entry: tuple[Partition, object]) -> str:
    return entry[0].location


def _sizes(items: Iterable[Found], footers: Mapping[Found, Footer]) -> Sizes:
    found = list(items)
    return Sizes(len(found), sum(footers[item].rows for item in found), sum(item.size for item in found))


def _parameters(sizes: Sizes, definition: CrawlerDefinition, crawl_id: str) -> dict[str, str]:
    return {
        "CRAWL_RUN_ID": crawl_id,
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        CRAWLER_PARAMETER: definition.name,
        "averageRecordSize": str(sizes.bytes // max(sizes.rows, 1)),
        "classification": "parquet",
        "compressionType": "none",
        "objectCount": str(sizes.objects),
        "recordCount": str(sizes.rows),
        "sizeKey": str(sizes.bytes),
        "typeOfData": "file",
    }


def _storage(
    location: str, columns: Sequence[Column], parameters: dict[str, str]
) -> StorageDescriptorTypeDef:
    return {
        "Columns": [{"Name": column.name, "Type": column.type} for column in columns],
        "Location": location,
        "InputFormat": f"{_HIVE}.MapredParquetInputFormat",
        "OutputFormat": f"{_HIVE}.MapredParquetOutputFormat",
        "Compressed": False,
        "NumberOfBuckets": -1,
        "SerdeInfo": {
            "SerializationLibrary": f"{_HIVE}.serde.ParquetHiveSerDe",
            "Parameters": {"serialization.format": "1"},
        },
        "BucketColumns": [],
        "SortColumns": [],
        "Parameters": parameters,
        "StoredAsSubDirectories": False,
    }
