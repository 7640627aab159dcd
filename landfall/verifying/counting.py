"""Reading objects by SQL, one by one, from a temporary file: however large, little is in memory."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from landfall.verifying.comparing import Counted
from landfall.verifying.report import Sample
from services.normalizer.gluetypes import glue_columns
from shared.aws.faults import is_missing
from shared.concurrency import for_each
from shared.objects.store import ObjectStore

_AT_ONCE = 4
_CHUNK = 1 << 20
_ROWS = 5


async def count_rows(store: ObjectStore, bucket: str, keys: Iterable[str]) -> dict[str, Counted | None]:
    """``SELECT count(*)`` of each object, and its columns; None for one that is gone or no Parquet."""
    wanted = list(keys)

    async def one(key: str) -> Counted | None:
        with tempfile.NamedTemporaryFile(suffix=".parquet") as copy:
            if not await _fetch(store, bucket, key, Path(copy.name)):
                return None
            return await asyncio.to_thread(_count, copy.name)

    return dict(zip(wanted, await for_each(wanted, one, _AT_ONCE), strict=True))


async def first_rows(store: ObjectStore, bucket: str, key: str) -> Sample:
    """The first rows of an object, as text."""
    with tempfile.NamedTemporaryFile(suffix=".parquet") as copy:
        await _fetch(store, bucket, key, Path(copy.name))
        return await asyncio.to_thread(_first_rows, copy.name)


async def _fetch(store: ObjectStore, bucket: str, key: str, path: Path) -> bool:
    try:
        answer = await store.client.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if is_missing(error):
            return False
        raise
    async with answer["Body"] as body:
        with path.open("wb") as copy:
            async for chunk in body.iter_chunks(_CHUNK):
                copy.write(chunk)
    return True


def _count(path: str) -> Counted | None:
    try:
        with duckdb.connect() as database:
            ((rows,),) = database.execute("SELECT count(*) FROM read_parquet(?)", [path]).fetchall()
        return Counted(rows, glue_columns(pq.read_schema(path)))
    except (duckdb.Error, pa.ArrowInvalid, TypeError):
        return None


def _first_rows(path: str) -> Sample:
    with duckdb.connect() as database:
        query = f"SELECT COLUMNS(*)::VARCHAR FROM read_parquet(?) LIMIT {_ROWS}"  # noqa: S608 - a number
        result = database.execute(query, [path])
        columns = tuple(str(each[0]) for each in result.description or ())
        return Sample(columns=columns, rows=tuple(result.fetchall()))
