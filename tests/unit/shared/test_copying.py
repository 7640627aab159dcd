"""A copy inside S3 lacks nothing of its original at any moment, and can be compared with it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.objects.copying import Copier
from shared.objects.sameness import proof_of_sameness
from shared.objects.store import ObjectInfo
from tests.doubles.s3 import InMemoryS3, Version

ORIGINAL, COPY = "landing/a.zip", "archive/landing/a.zip"
BODY = bytes(range(256))
TAGS = {"unit": "a + b", "rest/of:it": "x&y=z", "empty": ""}
HEADERS = {
    "CacheControl": "no-store",
    "ContentDisposition": "attachment",
    "ContentEncoding": "aes128gcm",
    "ContentLanguage": "de",
    "ContentType": "application/zip",
    "Expires": datetime(2027, 1, 31, 12, 0, tzinfo=UTC),
}


async def landed(s3: InMemoryS3, **more: Any) -> ObjectInfo:
    s3.put("ingest", ORIGINAL, BODY, {"sender": "sfmc"})
    version = s3.change_newest("ingest", ORIGINAL, **more)
    s3.put("ingest", ORIGINAL, b"a newer version")
    return await described(s3, ORIGINAL, version.version_id)


async def described(s3: InMemoryS3, key: str, version_id: str | None = None) -> ObjectInfo:
    info = await s3.store().describe("ingest", key, version_id)
    assert info is not None
    return info


def in_parts(s3: InMemoryS3) -> Copier:
    return Copier(s3.store(), single_copy_bytes=100, part_bytes=100)


def copied(s3: InMemoryS3) -> Version:
    return s3.versions["ingest", COPY][-1]


@pytest.mark.parametrize("checksum", ["CRC64NVME", "CRC32", "SHA256"])
async def test_a_copy_has_the_checksum_that_the_original_has(checksum: str) -> None:
    s3 = InMemoryS3()
    original = await landed(s3, checksum=checksum)
    await Copier(s3.store()).copy(original, COPY)
    assert proof_of_sameness(original, await described(s3, COPY)) == checksum


@pytest.mark.parametrize("checksum", ["CRC64NVME", "CRC32"])
async def test_a_copy_in_parts_has_the_checksum_that_the_original_has(checksum: str) -> None:
    s3 = InMemoryS3()
    original = await landed(s3, checksum=checksum)
    await in_parts(s3).copy(original, COPY)
    assert proof_of_sameness(original, await described(s3, COPY)) == checksum


async def test_where_the_sha256_of_the_original_is_known_the_copy_has_it() -> None:
    s3 = InMemoryS3()
    await Copier(s3.store()).copy(await landed(s3), COPY, sha256_is_known=True)
    assert copied(s3).checksum == "SHA256"


async def test_where_the_original_has_no_checksum_over_the_whole_the_copy_has_the_sha256() -> None:
    s3 = InMemoryS3()
    await Copier(s3.store()).copy(await landed(s3, checksum="CRC32", is_composite=True), COPY)
    assert (copied(s3).checksum, copied(s3).is_composite) == ("SHA256", False)


async def test_a_copy_whose_process_dies_once_it_is_completed_lacks_no_tag() -> None:
    s3 = InMemoryS3()
    original = await landed(s3, tags=TAGS)
    complete = s3.complete_multipart_upload

    async def complete_and_die(**call: Any) -> Any:
        await complete(**call)
        raise asyncio.CancelledError

    s3.complete_multipart_upload = complete_and_die  # type: ignore[method-assign] # the last that it does
    with pytest.raises(asyncio.CancelledError):
        await in_parts(s3).copy(original, COPY)
    assert (copied(s3).body, copied(s3).tags) == (BODY, TAGS)


async def test_a_copy_in_parts_has_the_headers_and_the_metadata() -> None:
    s3 = InMemoryS3()
    await in_parts(s3).copy(await landed(s3, headers=HEADERS), COPY)
    assert copied(s3).headers == HEADERS
    assert copied(s3).metadata == {"sender": "sfmc"}


async def test_a_copy_in_parts_has_no_headers_and_no_tags_where_the_original_has_none() -> None:
    s3 = InMemoryS3()
    await in_parts(s3).copy(await landed(s3), COPY)
    assert (copied(s3).headers, copied(s3).tags) == ({}, {})
