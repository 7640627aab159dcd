"""The landed version and its siblings as S3 gives them."""

from __future__ import annotations

import asyncio

import pytest

from services.decryptor.landed import MOST_SIBLING_BYTES
from services.decryptor.landing import S3Landed
from shared.identity import LandedFile
from shared.layout import MOST_KEY_BYTES
from tests.doubles.s3 import InMemoryS3

KEY = "landing/Sent.csv"


async def sibling(s3: InMemoryS3, key: str = KEY) -> bytes | None:
    version = s3.put("ingest", key, b"object")
    file = LandedFile(
        bucket="ingest",
        key=key,
        version_id=version.version_id,
        size=6,
        landed_at=version.last_modified,
    )
    where = await s3.store().head("ingest", key)
    assert where is not None
    landed = S3Landed(s3.store(), asyncio.get_running_loop(), file, where)
    return await asyncio.to_thread(landed.read_sibling, ".instruction")


@pytest.mark.parametrize("content", [b"", b"{}", bytes(MOST_SIBLING_BYTES)], ids=len)
async def test_a_sibling_is_read(content: bytes) -> None:
    s3 = InMemoryS3()
    s3.put("ingest", f"{KEY}.instruction", content)
    assert await sibling(s3) == content


async def test_without_a_sibling_there_is_none() -> None:
    assert await sibling(InMemoryS3()) is None


async def test_of_a_sibling_of_any_size_only_the_start_is_taken_into_memory() -> None:
    s3 = InMemoryS3()
    s3.put("ingest", f"{KEY}.instruction", bytes(10 * MOST_SIBLING_BYTES))
    assert await sibling(s3) == bytes(MOST_SIBLING_BYTES + 1)


async def test_a_landing_key_that_leaves_no_room_for_a_siblings_has_none() -> None:
    longest = "landing/" + "\N{GRINNING FACE}" * 254
    assert len(longest.encode()) == MOST_KEY_BYTES
    assert await sibling(InMemoryS3(), longest) is None
