"""Schemas of Parquet files from their last bytes."""

from __future__ import annotations

import io
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

from landfall.local.glue.columns import Column
from landfall.local.glue.footers import Footer, Footers
from landfall.local.glue.listing import Found
from tests.doubles.s3 import Body


class RangeReads:
    """An S3 client that answers range reads, and remembers which."""

    def __init__(self, **objects: bytes) -> None:
        self.objects = objects
        self.ranges: list[str] = []

    def client(self) -> Any:
        return cast("Any", self)

    def found(self, key: str, etag: str = "1") -> Found:
        return Found("b", key, etag, len(self.objects[key]))

    async def get_object(self, *, Bucket: str, Key: str, Range: str, IfMatch: str) -> dict[str, Body]:  # noqa: N803
        self.ranges.append(Range)
        if IfMatch != "1":
            raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "GetObject")
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject")
        start = int(Range.removeprefix("bytes=").removesuffix("-"))
        return {"Body": Body(self.objects[Key][start:])}


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


SMALL = parquet(pa.table({"n": [1, 2, 3]}))
WIDE = parquet(pa.table({f"a_column_with_a_long_name_{number}": [number] for number in range(1000)}))
LONG = parquet(pa.table({"n": list(range(100_000))}))


async def test_a_footer_says_columns_and_rows() -> None:
    s3 = RangeReads(a=SMALL)
    item = s3.found("a")
    assert await Footers(s3.client()).read([item]) == {item: Footer((Column("n", "bigint"),), 3)}


async def test_only_the_end_of_a_long_file_is_read() -> None:
    s3 = RangeReads(a=LONG)
    footers = await Footers(s3.client()).read([s3.found("a")])
    assert footers[s3.found("a")].rows == 100_000
    assert s3.ranges == [f"bytes={len(LONG) - 32 * 1024}-"]


async def test_a_long_footer_takes_a_second_read() -> None:
    s3 = RangeReads(a=WIDE)
    footers = await Footers(s3.client()).read([s3.found("a")])
    assert len(footers[s3.found("a")].columns) == 1000
    assert len(s3.ranges) == 2


async def test_a_version_is_read_once() -> None:
    s3 = RangeReads(a=SMALL)
    footers = Footers(s3.client())
    first = await footers.read([s3.found("a")])
    assert await footers.read([s3.found("a")]) == first
    assert len(s3.ranges) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"x",
        b"Id,Email\n1,a\n",
        b"PAR1",
        b"\xff\xff\xff\x7fPAR1",
        b"\x00\x00\x00\x00PAR1",
        b"junk\x04\x00\x00\x00PAR1",
    ],
)
async def test_what_is_not_parquet_is_left_out(content: bytes) -> None:
    s3 = RangeReads(a=content)
    assert await Footers(s3.client()).read([s3.found("a")]) == {}


async def test_an_object_that_changed_since_the_listing_is_left_out_this_time() -> None:
    s3 = RangeReads(a=SMALL)
    footers = Footers(s3.client())
    assert await footers.read([s3.found("a", etag="0")]) == {}
    assert s3.found("a") in await footers.read([s3.found("a")])


async def test_an_object_that_may_not_be_read_is_an_error() -> None:
    s3 = RangeReads()
    with pytest.raises(ClientError, match="AccessDenied"):
        await Footers(s3.client()).read([Found("b", "secret", "1", 100)])
