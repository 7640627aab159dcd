"""Schemas of Parquet files, from their last bytes only, read once for each version of an object."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from landfall.local.glue.columns import Column, columns_of
from landfall.local.glue.listing import Found
from shared.aws.faults import error_code
from shared.concurrency import for_each

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

_MAGIC = b"PAR1"
_TRAILER = 8  # the footer's length, then the magic
_FIRST_READ = 32 * 1024
_PARALLEL = 16
_CHANGED = ("PreconditionFailed", "NoSuchKey", "404", "412")


@dataclass(frozen=True, slots=True)
class Footer:
    """What a Parquet file says of itself."""

    columns: tuple[Column, ...]
    rows: int


class Footers:
    """Reads footers and remembers them: crawling the same objects again costs a listing only."""

    def __init__(self, s3: S3Client) -> None:
        self._s3 = s3
        self._known: dict[tuple[str, str], tuple[str, Footer | None]] = {}

    async def read(self, objects: Iterable[Found]) -> dict[Found, Footer]:
        """The footers of those objects that are Parquet files and have not changed since they were listed.

        Raises:
            CrawlFailedError: a column has a type that Glue has no name for.
            ClientError: an object could not be read.
        """
        wanted = list(objects)
        footers = await for_each(wanted, self._footer, _PARALLEL)
        return {item: footer for item, footer in zip(wanted, footers, strict=True) if footer is not None}

    async def _footer(self, item: Found) -> Footer | None:
        known = self._known.get((item.bucket, item.key))
        if known is not None and known[0] == item.etag:
            return known[1]
        try:
            footer = await self._fetch(item)
        except ClientError as error:
            if error_code(error) in _CHANGED:
                return None
            raise
        self._known[item.bucket, item.key] = (item.etag, footer)
        return footer

    async def _fetch(self, item: Found) -> Footer | None:
        tail = await self._tail(item, min(_FIRST_READ, item.size))
        if len(tail) < _TRAILER or not tail.endswith(_MAGIC):
            return None
        needed = int.from_bytes(tail[-_TRAILER:-4], "little") + _TRAILER
        if needed > item.size:
            return None
        if needed > len(tail):
            tail = await self._tail(item, needed)
        try:
            metadata = pq.read_metadata(pa.BufferReader(tail))
        except (pa.ArrowInvalid, OSError):
            return None
        return Footer(columns_of(metadata.schema.to_arrow_schema()), metadata.num_rows)

    async def _tail(self, item: Found, size: int) -> bytes:
        # IfMatch: an object that was replaced after the listing is not what the listing found.
        answer = await self._s3.get_object(
            Bucket=item.bucket, Key=item.key, Range=f"bytes={item.size - size}-", IfMatch=item.etag
        )
        async with answer["Body"] as body:
            return await body.read()
