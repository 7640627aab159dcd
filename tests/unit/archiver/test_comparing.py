"""An original of which S3 has no checksum over the whole is read, if it is not too large."""

from __future__ import annotations

import pytest

from services.archiver.comparing import Comparer
from shared.objects.store import ObjectInfo
from tests.doubles.s3 import InMemoryS3

BODY = bytes(range(256)) * (40 << 10) + b"end"  # more than is read at once


async def described(s3: InMemoryS3, key: str, version_id: str | None = None) -> ObjectInfo:
    info = await s3.store().describe("ingest", key, version_id)
    assert info is not None
    return info


async def compared(
    copy: bytes, checksum: str = "SHA256", read_up_to: int = len(BODY), body: bytes = BODY
) -> str | None:
    """What shows that ``copy`` equals an original that landed in parts, and a newer version followed."""
    s3 = InMemoryS3()
    s3.put("ingest", "landing/a", body)
    landed = s3.change_newest("ingest", "landing/a", checksum="CRC32", is_composite=True)
    s3.put("ingest", "landing/a", b"a newer version")
    s3.put("ingest", "archive/a", copy)
    s3.change_newest("ingest", "archive/a", checksum=checksum)
    original = await described(s3, "landing/a", landed.version_id)
    return await Comparer(s3.store(), original, None, read_up_to).proof(await described(s3, "archive/a"))


@pytest.mark.parametrize("body", [BODY, b""], ids=["several pieces", "nothing"])
async def test_an_equal_copy_is_proved_equal(body: bytes) -> None:
    assert await compared(body, body=body) == "SHA256"


async def test_a_copy_that_differs_in_its_last_byte_is_seen_to_differ() -> None:
    assert await compared(BODY[:-1] + b"!") is None


async def test_a_copy_of_another_size_is_seen_to_differ() -> None:
    assert await compared(BODY[:-1]) is None


async def test_of_more_than_may_be_read_only_the_size_is_known() -> None:
    assert await compared(BODY, read_up_to=len(BODY) - 1) == "size"


async def test_of_a_copy_without_a_sha256_only_the_size_is_known() -> None:
    assert await compared(BODY, checksum="CRC32") == "size"
