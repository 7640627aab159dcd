"""What to do with tables whose objects are gone: the crawler's delete policy."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, cast

import structlog

from landfall.local.glue.definition import CrawlerDefinition, S3Target
from landfall.local.glue.summary import Summary
from landfall.local.glue.tables import CRAWLER_PARAMETER

if TYPE_CHECKING:
    from types_aiobotocore_glue import GlueClient
    from types_aiobotocore_glue.type_defs import TableInputTypeDef, TableTypeDef

_DEPRECATED = "DEPRECATED_BY_CRAWLER"
_READ_ONLY = frozenset(
    {
        "DatabaseName",
        "CreateTime",
        "UpdateTime",
        "CreatedBy",
        "IsRegisteredWithLakeFormation",
        "CatalogId",
        "VersionId",
    }
)
_log = structlog.get_logger()


async def apply_delete_policy(
    glue: GlueClient, definition: CrawlerDefinition, found: Collection[str], summary: Summary
) -> None:
    """Log, delete or mark this crawler's own tables whose location is not among those ``found``.

    Tables that this crawler did not make, such as those of snapshot datasets, are left alone.
    """
    async for page in glue.get_paginator("get_tables").paginate(DatabaseName=definition.database):
        for table in page["TableList"]:
            if _own(table, definition) and _location(table) not in found:
                await _treat(glue, definition, table, summary)


async def _treat(
    glue: GlueClient, definition: CrawlerDefinition, table: TableTypeDef, summary: Summary
) -> None:
    name = table["Name"]
    if definition.policy.delete == "DELETE_FROM_DATABASE":
        await glue.delete_table(DatabaseName=definition.database, Name=name)
        summary.note("TABLE", "DELETE", name)
    elif definition.policy.delete == "DEPRECATE_IN_DATABASE" and _DEPRECATED not in table.get(
        "Parameters", {}
    ):
        request = cast(
            "TableInputTypeDef", {key: value for key, value in table.items() if key not in _READ_ONLY}
        )
        request["Parameters"] = {**table.get("Parameters", {}), _DEPRECATED: str(int(time.time() * 1000))}
        await glue.update_table(DatabaseName=definition.database, TableInput=request, SkipArchive=True)
        summary.note("TABLE", "UPDATE", name)
    else:
        _log.info("table_without_objects", table=name)


def _own(table: TableTypeDef, definition: CrawlerDefinition) -> bool:
    mine = table.get("Parameters", {}).get(CRAWLER_PARAMETER) == definition.name
    return mine and _below(_location(table), definition.targets.s3)


def _below(location: str, targets: Iterable[S3Target]) -> bool:
    return any(location.startswith(f"s3://{target.bucket}/{target.prefix}") for target in targets)


def _location(table: TableTypeDef) -> str:
    return table.get("StorageDescriptor", {}).get("Location", "")
