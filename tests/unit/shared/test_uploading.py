"""Parts are sent as they fill, from loop or thread, and an upload that is given up leaves nothing."""

from __future__ import annotations

import asyncio
import hashlib
import os
from datetime import timedelta
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from shared.errors import UploadInterrupted
from shared.objects.bulk import Payload
from shared.objects.outputs import OutputSet
from shared.objects.store import ObjectStore
from shared.objects.streams import ObjectReader, UploadWriter
from shared.objects.upload import PART_BYTES, PendingUpload
from tests.doubles.s3 import EPOCH, InMemoryS3, failure

LARGE = os.urandom(PART_BYTES * 2 + 17)


def upload(s3: InMemoryS3, generation: int = 0, fingerprint: str = "f") -> PendingUpload:
    return PendingUpload(s3.store(), "b", "k", generation, fingerprint)


async def test_a_part_that_fails_is_noticed_and_nothing_stays() -> None:
    s3 = InMemoryS3()

    async def upload_part(**_: Any) -> Any:
        raise failure("UploadPart", "SlowDown", 503)

    s3.upload_part = upload_part  # type: ignore[method-assign] # the double is made to fail

    async def write_large() -> None:
        async with OutputSet(s3.store(), 0, "f") as outputs:
            pending = outputs.open("b", "k")
            await pending.write(LARGE)
            await outputs.seal(pending)

    with pytest.raises(ClientError, match="SlowDown"):
        await write_large()
    assert s3.uploads == {}


async def test_a_thread_that_outlives_its_job_cannot_reopen_the_upload() -> None:
    s3 = InMemoryS3()
    pending = upload(s3)
    await pending.abort()
    with pytest.raises(UploadInterrupted):
        await pending.write(LARGE)
    assert s3.uploads == {}


async def test_threads_write_and_read_through_the_loop() -> None:
    s3 = InMemoryS3()
    loop = asyncio.get_running_loop()
    pending = upload(s3)

    def produce() -> None:
        with UploadWriter(pending, loop) as writer:
            for start in range(0, len(LARGE), 1_000_003):
                writer.write(LARGE[start : start + 1_000_003])
            assert writer.tell() == len(LARGE)

    await asyncio.to_thread(produce)
    await pending.seal()
    await pending.complete()

    def consume() -> tuple[bytes, bytes]:
        with ObjectReader(s3.store(), loop, "b", "k", len(LARGE)) as reader:
            whole = reader.readall()
            reader.seek(-5, os.SEEK_END)
            return whole, reader.readall()

    whole, tail = await asyncio.to_thread(consume)
    assert whole == LARGE
    assert tail == LARGE[-5:]


@pytest.mark.parametrize("parts", [1, 2])
async def test_a_part_that_the_upload_does_not_take_fails_the_writer_at_its_next_or_at_its_end(
    parts: int,
) -> None:
    loop = asyncio.get_running_loop()
    pending = upload(InMemoryS3())
    await pending.abort()

    def produce() -> None:
        with UploadWriter(pending, loop) as writer:
            for _ in range(parts):
                writer.write(bytes(PART_BYTES))

    with pytest.raises(UploadInterrupted):
        await asyncio.to_thread(produce)


class Watched(ObjectStore):
    """Keeps every part's memory, so that memory which is used again is known by being the same."""

    def __init__(self, s3: InMemoryS3) -> None:
        super().__init__(cast("Any", s3))
        self.memory: dict[int, Payload] = {}

    async def upload_part(self, bucket: str, key: str, upload_id: str, number: int, body: Payload) -> str:
        self.memory[id(body)] = body
        return await super().upload_part(bucket, key, upload_id, number, body)


async def test_parts_are_collected_in_memory_that_is_used_again() -> None:
    """As many parts as are under way at once need memory, and no more, however large the object."""
    s3, loop, parts = InMemoryS3(), asyncio.get_running_loop(), 8
    store = Watched(s3)
    pending = PendingUpload(store, "b", "k", 0, "f")

    def produce() -> None:
        with UploadWriter(pending, loop) as writer:
            for number in range(parts):
                writer.write(bytes([number]) * PART_BYTES)
            writer.write(b"the rest")

    await asyncio.to_thread(produce)
    await pending.seal()
    written = await pending.complete()
    whole = b"".join(bytes([number]) * PART_BYTES for number in range(parts)) + b"the rest"
    assert s3.objects["b", "k"] == whole
    assert written.stored.sha256 == hashlib.sha256(whole).hexdigest()
    assert len(store.memory) <= 4


async def test_what_a_reader_shows_in_place_stays_while_it_is_held() -> None:
    """Memory is filled anew only when nobody looks at it any more."""
    s3, size = InMemoryS3(), 40 << 20
    content = b"".join(bytes([number]) * (1 << 20) for number in range(40))
    s3.put("b", "k", content)
    loop = asyncio.get_running_loop()

    def read() -> tuple[list[memoryview], bytes]:
        with ObjectReader(s3.store(), loop, "b", "k", size) as reader:
            held = list(reader.views(1 << 20))
            reader.seek(5)
            assert b"".join(reader.views(3_000_001)) == content[5:]
            reader.seek((8 << 20) - 3)
            return held, reader.read(6)

    held, across = await asyncio.to_thread(read)
    assert [(bytes(each[:1])[0], len(each)) for each in held] == [(number, 1 << 20) for number in range(40)]
    assert across == content[(8 << 20) - 3 : (8 << 20) + 3]


async def test_a_part_that_waits_while_the_upload_is_given_up_is_not_sent() -> None:
    s3 = InMemoryS3()
    sent, full = 0, asyncio.Event()

    async def upload_part(**_: Any) -> Any:
        nonlocal sent
        sent += 1
        if sent == 3:
            full.set()
        await asyncio.Event().wait()

    s3.upload_part = upload_part  # type: ignore[method-assign] # the double is made to hang
    pending = upload(s3)
    writing = asyncio.create_task(pending.write(os.urandom(PART_BYTES * 6 + 1)))
    await full.wait()
    await pending.abort()
    with pytest.raises(UploadInterrupted):
        await writing
    assert (s3.uploads, sent) == ({}, 3)


async def test_a_part_of_an_upload_that_somebody_aborted_is_an_interruption() -> None:
    s3 = InMemoryS3()
    pending = upload(s3)
    await pending.write(LARGE[:PART_BYTES])
    s3.uploads.clear()

    async def go_on() -> None:
        await pending.write(LARGE[PART_BYTES:])
        await pending.seal()

    with pytest.raises(UploadInterrupted):
        await go_on()


async def test_an_upload_whose_opening_was_answered_to_nobody_is_aborted() -> None:
    s3 = InMemoryS3()
    create, older = s3.create_multipart_upload, EPOCH - timedelta(hours=1)

    async def create_multipart_upload(**arguments: Any) -> Any:
        """The client has asked twice, and S3 has done it twice."""
        await create(**arguments)
        return {**await create(**arguments), "ResponseMetadata": {"RetryAttempts": 1}}

    rivals = (await create(Bucket="b", Key="k", Metadata={}))["UploadId"]
    s3.uploads[rivals].initiated = older
    others = (await create(Bucket="b", Key="k2", Metadata={}))["UploadId"]
    s3.create_multipart_upload = create_multipart_upload  # type: ignore[method-assign] # answers the second time
    pending = upload(s3)
    await pending.write(LARGE)
    await pending.seal()
    await pending.complete()
    assert s3.objects["b", "k"] == LARGE
    assert set(s3.uploads) == {rivals, others}


async def test_an_upload_that_cannot_be_aborted_does_not_keep_the_others_open() -> None:
    s3 = InMemoryS3()
    abort, refused = s3.abort_multipart_upload, 0

    async def abort_multipart_upload(**arguments: Any) -> Any:
        nonlocal refused
        refused += 1
        if refused == 1:
            raise failure("AbortMultipartUpload", "SlowDown", 503)
        return await abort(**arguments)

    s3.abort_multipart_upload = abort_multipart_upload  # type: ignore[method-assign] # made to fail once

    async def fail_half_way() -> None:
        async with OutputSet(s3.store(), 0, "f") as outputs:
            for key in ("one", "two"):
                await outputs.open("b", key).write(LARGE)
            raise RuntimeError("bad CRC")

    with pytest.raises(RuntimeError, match="bad CRC"):
        await fail_half_way()
    assert [upload.key for upload in s3.uploads.values()] == [("b", "one")]
