"""Listings and times are read as botocore reads them, only sooner."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from aiobotocore.parsers import AioRestXMLParser
from botocore.utils import parse_timestamp

from shared.aws.clients import Clients
from shared.aws.listings import QuickParsers, parse_time

ITEM = (
    "<Contents><Key>a%2Fb+c%26.zip</Key><LastModified>2026-01-31T12:00:00.000Z</LastModified>"
    "<ETag>&quot;e&quot;</ETag><Size>12</Size><StorageClass>STANDARD_IA</StorageClass></Contents>"
)


def page(items: str) -> dict[str, Any]:
    body = (
        '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>b</Name><IsTruncated>false</IsTruncated>{items}<EncodingType>url</EncodingType>"
        "<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes></ListBucketResult>"
    )
    return {"status_code": 200, "headers": {}, "body": body.encode(), "context": {}}


@pytest.mark.parametrize("count", [0, 1, 3])
async def test_a_page_says_the_same_as_by_botocore(count: int) -> None:
    service = botocore.session.get_session().get_service_model("s3")
    shape = service.operation_model("ListObjectsV2").output_shape
    assert shape is not None
    ours = await QuickParsers().create_parser("rest-xml").parse(page(ITEM * count), shape)
    theirs = await AioRestXMLParser().parse(page(ITEM * count), shape)
    assert ours == theirs
    assert len(ours.get("Contents", [])) == count


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-31T12:00:00.000Z",
        "2026-01-31T12:00:00Z",
        "2026-01-31T12:00:00.123456Z",
        "Sat, 31 Jan 2026 12:00:00 GMT",
        1769860800,
        1769860800.5,
        "1769860800",
    ],
)
def test_a_time_is_read_as_botocore_reads_it(value: str) -> None:
    assert parse_time(value).timestamp() == parse_timestamp(value).timestamp()


async def test_every_client_reads_that_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    async with Clients() as clients:
        endpoint = vars(await clients.s3())["_endpoint"]
    assert isinstance(endpoint._response_parser_factory, QuickParsers)
