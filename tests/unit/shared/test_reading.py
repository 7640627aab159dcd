"""Reading objects: a body that breaks off is read again, since no client does that by itself."""

from __future__ import annotations

import aiohttp
import pytest

from shared.objects.store import ObjectStore
from tests.doubles.s3 import Body, InMemoryS3

BROKEN = aiohttp.ClientPayloadError("the connection ended early")


class Breaking(Body):
    """A body of which the first reads fail."""

    breaks = 0

    async def read(self) -> bytes:
        if Breaking.breaks:
            Breaking.breaks -= 1
            raise BROKEN
        return await super().read()


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    monkeypatch.setattr("tests.doubles.s3.Body", Breaking)
    s3 = InMemoryS3()
    s3.put("b", "k", b"0123456789")
    return s3.store()


@pytest.mark.parametrize("breaks", [0, 1, 3])
async def test_a_body_that_breaks_off_is_read_again(store: ObjectStore, breaks: int) -> None:
    Breaking.breaks = breaks
    assert await store.read("b", "k") == b"0123456789"


async def test_a_range_that_breaks_off_is_read_again(store: ObjectStore) -> None:
    Breaking.breaks = 2
    assert await store.read_range("b", "k", 3, 4) == b"3456"


async def test_bodies_that_keep_breaking_off_are_a_failure(store: ObjectStore) -> None:
    Breaking.breaks = 99
    with pytest.raises(aiohttp.ClientPayloadError):
        await store.read("b", "k")


async def test_a_missing_object_is_no_broken_one(store: ObjectStore) -> None:
    Breaking.breaks = 99
    assert await store.read("b", "missing") is None
    assert Breaking.breaks == 99
