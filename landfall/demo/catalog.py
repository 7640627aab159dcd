"""Reading the curated tables as an engine does: only what Glue registers, from only where it says."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import boto3
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq


@dataclass(frozen=True)
class RegisteredTable:
    """One table with its partitions, by the Glue API."""

    name: str
    location: str
    columns: tuple[tuple[str, str], ...]
    partition_keys: tuple[str, ...]
    partitions: tuple[tuple[tuple[str, ...], str], ...]
    """Partition values and location."""

    @cached_property
    def rows(self) -> pa.Table:
        """Every row under the registered locations; read once."""
        schema = None
        parts: list[pa.Table] = []
        for _, location in self.partitions:
            for content in _objects(location):
                part = pq.read_table(io.BytesIO(content))
                schema = schema or part.schema
                parts.append(part)
        return pa.concat_tables(parts) if parts else pa.table({name: [] for name, _ in self.columns})


def registered_tables(database: str) -> list[RegisteredTable]:
    """Every table of the database, by name."""
    glue = boto3.client("glue")
    tables: list[RegisteredTable] = []
    for page in glue.get_paginator("get_tables").paginate(DatabaseName=database):
        for table in page["TableList"]:
            partitions = [
                (tuple(partition["Values"]), partition["StorageDescriptor"]["Location"])
                for each in glue.get_paginator("get_partitions").paginate(
                    DatabaseName=database, TableName=table["Name"]
                )
                for partition in each["Partitions"]
            ]
            storage = table["StorageDescriptor"]
            tables.append(
                RegisteredTable(
                    name=table["Name"],
                    location=storage["Location"],
                    columns=tuple((column["Name"], column["Type"]) for column in storage["Columns"]),
                    partition_keys=tuple(key["Name"] for key in table["PartitionKeys"]),
                    partitions=tuple(sorted(partitions)),
                )
            )
    return sorted(tables, key=lambda table: table.name)


def count_by_sql(tables: list[RegisteredTable]) -> dict[str, int]:
    """``SELECT count(*)`` of every table."""
    counts: dict[str, int] = {}
    with duckdb.connect() as database:
        for table in tables:
            database.register(table.name, table.rows)
            query = f'SELECT count(*) FROM "{table.name}"'  # noqa: S608 - a name of our own
            ((counts[table.name],),) = database.execute(query).fetchall()
    return counts


def first_rows(table: RegisteredTable, columns: list[str], many: int) -> list[tuple[str, ...]]:
    """Some rows of a table, as text, without those that lack a value."""
    with duckdb.connect() as database:
        database.register(table.name, table.rows)
        wanted = ", ".join(f'CAST("{column}" AS VARCHAR)' for column in columns)
        present = " AND ".join(f'"{column}" IS NOT NULL' for column in columns)
        query = f'SELECT {wanted} FROM "{table.name}" WHERE {present} ORDER BY 1 LIMIT {many}'  # noqa: S608 - names of our own
        rows: list[tuple[str, ...]] = database.execute(query).fetchall()
        return rows


def _objects(location: str) -> Iterator[bytes]:
    s3 = boto3.client("s3")
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix.rstrip("/") + "/"):
        for item in page.get("Contents", []):
            yield s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
