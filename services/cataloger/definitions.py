"""Tables and partitions as written to Glue: as a crawler writes them in all that a reader looks at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, cast

from services.cataloger.gluecatalog import SHOWN_SINCE, Table, Values
from services.cataloger.needs import Columns, Need

if TYPE_CHECKING:
    from types_aiobotocore_glue.type_defs import (
        PartitionInputTypeDef,
        StorageDescriptorTypeDef,
        TableInputTypeDef,
    )

_HIVE = "org.apache.hadoop.hive.ql.io.parquet"
_FORMAT = {"classification": "parquet", "compressionType": "none", "typeOfData": "file"}
# What UpdateTable takes of what GetTable gives; whatever else GetTable says is Glue's own.
_WRITABLE = frozenset(
    {
        "Name",
        "Description",
        "Owner",
        "LastAccessTime",
        "LastAnalyzedTime",
        "Retention",
        "StorageDescriptor",
        "PartitionKeys",
        "ViewOriginalText",
        "ViewExpandedText",
        "TableType",
        "Parameters",
        "TargetTable",
    }
)


def new_table(need: Need, columns: Columns, parameters: Mapping[str, str]) -> TableInputTypeDef:
    """The table for the dataset that a need is about."""
    return {
        "Name": need.table,
        "Owner": "owner",
        "Retention": 0,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {**_FORMAT, **parameters},
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in need.keys],
        "StorageDescriptor": _storage(need.table_location, columns),
    }


def changed_table(table: Table, columns: Columns, parameters: Mapping[str, str]) -> TableInputTypeDef:
    """A table with other columns and parameters; all else that anybody has set stays as it is."""
    kept = {
        name: value
        for name, value in table.definition.items()
        if name in _WRITABLE and value is not None  # emulators write null where AWS leaves out
    }
    changed = cast("TableInputTypeDef", kept)
    changed["StorageDescriptor"] = {
        **table.definition.get("StorageDescriptor", {}),
        "Columns": [{"Name": name, "Type": kind} for name, kind in columns],
    }
    changed["Parameters"] = dict(parameters)
    return changed


def partition_input(
    values: Values, location: str, columns: Columns, shown_since: datetime | None = None
) -> PartitionInputTypeDef:
    """A partition, which has its table's columns; a snapshot's says since when it is at its location."""
    since = {} if shown_since is None else {SHOWN_SINCE: shown_since.isoformat()}
    return {
        "Values": list(values),
        "Parameters": {**_FORMAT, **since},
        "StorageDescriptor": _storage(location, columns),
    }


def _storage(location: str, columns: Columns) -> StorageDescriptorTypeDef:
    return {
        "Columns": [{"Name": name, "Type": kind} for name, kind in columns],
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
        "Parameters": dict(_FORMAT),
        "StoredAsSubDirectories": False,
    }
