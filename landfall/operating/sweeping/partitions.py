"""Partitions that the catalog has and that hold nothing: AWS Clean Rooms refuses a table with such a one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landfall.operating.states import LISTINGS_AT_ONCE
from landfall.operating.sweeping.findings import Finding, Kind, Tools
from shared.concurrency import for_each

if TYPE_CHECKING:
    from types_aiobotocore_glue.type_defs import PartitionTypeDef, TableTypeDef

_BY_SOURCE = "source"  # the partition key of snapshot tables, which the cataloger alone changes


async def sweep_partitions(tools: Tools) -> list[Finding]:
    """Look into every partition's location; an empty one of an append table is taken out of the catalog."""
    found: list[Finding] = []
    database = tools.deployment.database
    async for page in tools.glue.get_paginator("get_tables").paginate(DatabaseName=database):
        for table in page["TableList"]:
            found += await _of_table(tools, table)
    return found


async def _of_table(tools: Tools, table: TableTypeDef) -> list[Finding]:
    partitions: list[PartitionTypeDef] = []
    pages = tools.glue.get_paginator("get_partitions").paginate(
        DatabaseName=tools.deployment.database, TableName=table["Name"], ExcludeColumnSchema=True
    )
    async for page in pages:
        partitions += page["Partitions"]

    async def is_empty(partition: PartitionTypeDef) -> bool:
        location = partition["StorageDescriptor"].get("Location", "")
        bucket, _, prefix = location.removeprefix("s3://").partition("/")
        return not await tools.store.holds_any(bucket, prefix.rstrip("/") + "/")

    empty = await for_each(partitions, is_empty, LISTINGS_AT_ONCE)
    return [
        await _settle(tools, table, partition)
        for partition, nothing in zip(partitions, empty, strict=True)
        if nothing
    ]


async def _settle(tools: Tools, table: TableTypeDef, partition: PartitionTypeDef) -> Finding:
    keys = [key["Name"] for key in table.get("PartitionKeys", [])]
    values = "/".join(f"{key}={value}" for key, value in zip(keys, partition["Values"], strict=False))
    if tools.fix and _BY_SOURCE not in keys:
        await tools.glue.delete_partition(
            DatabaseName=tools.deployment.database,
            TableName=table["Name"],
            PartitionValues=partition["Values"],
        )
        done = "taken out of the catalog"
    else:
        done = None
    return Finding(Kind.EMPTY_PARTITION, f"{table['Name']} {values}", "its folder holds nothing", done=done)
