"""Outputs appear together or not at all, and a lower generation never replaces a higher one."""

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

SMALL = b"small"
LARGE = os.urandom(PART_BYTES * 2 + 17)


def upload(s3: InMemoryS3, generation: int = 0, fingerprint: str = "f") -> PendingUpload:
    return PendingUpload(s3.store(), "b", "k", generation, fingerprint)


async def write(s3: InMemoryS3, body: bytes, generation: int = 0, fingerprint: str = "f") -> Any:
    pending = upload(s3, generation, fingerprint)
    await pending.write(body)
    await pending.seal()
    return await pending.complete()


@pytest.mark.parametrize("body", [b"", SMALL, LARGE], ids=["empty", "small", "large"])
async def test_what_was_written_is_what_appears(body: bytes) -> None:
    s3 = InMemoryS3()
    written = await write(s3, body)
    assert s3.objects["b", "k"] == body
    assert written.stored.size == len(body)
    assert written.stored.sha256 == hashlib.sha256(body).hexdigest()
    assert s3.uploads == {}


@pytest.mark.parametrize("body", [SMALL, LARGE], ids=["small", "large"])
async def test_nothing_appears_before_every_output_is_complete(body: bytes) -> None:
    s3 = InMemoryS3()
    async with OutputSet(s3.store(), 0, "f") as outputs:
        for key in ("one", "two"):
            pending = outputs.open("b", key)
            await pending.write(body)
            await outputs.seal(pending)
            assert s3.objects == {}
        await outputs.complete()
    assert set(s3.objects) == {("b", "one"), ("b", "two")}


@pytest.mark.parametrize("body", [SMALL, LARGE], ids=["small", "large"])
async def test_leaving_early_leaves_neither_object_nor_upload(body: bytes) -> None:
    s3 = InMemoryS3()

    async def fail_half_way() -> None:
        async with OutputSet(s3.store(), 0, "f") as outputs:
            await outputs.open("b", "one").write(body)
            raise RuntimeError("bad CRC")

    with pytest.raises(RuntimeError, match="bad CRC"):
        await fail_half_way()
    assert s3.objects == {}
    assert s3.uploads == {}


@pytest.mark.parametrize("body", [SMALL, LARGE], ids=["small", "large"])
async def test_a_higher_generation_replaces_a_lower_one(body: bytes) -> None:
    s3 = InMemoryS3()
    await write(s3, b"old", generation=0)
    written = await write(s3, body, generation=1)
    assert s3.objects["b", "k"] == body
    assert written.foreign is None


@pytest.mark.parametrize("body", [SMALL, LARGE], ids=["small", "large"])
async def test_a_lower_generation_never_replaces_a_higher_one(body: bytes) -> None:
    s3 = InMemoryS3()
    await write(s3, b"new", generation=1)
    written = await write(s3, body, generation=0)
    assert s3.objects["b", "k"] == b"new"
    assert written.foreign is not None
    assert written.foreign.generation == 1
    assert s3.uploads == {}


async def test_the_same_work_done_twice_is_adopted_with_its_checksum() -> None:
    s3 = InMemoryS3()
    first = await write(s3, SMALL)
    second = await write(s3, SMALL)
    assert second == first


async def test_work_of_another_recipe_in_the_same_generation_is_adopted_as_foreign() -> None:
    s3 = InMemoryS3()
    await write(s3, b"theirs", fingerprint="theirs")
    written = await write(s3, SMALL, fingerprint="ours")
    assert s3.objects["b", "k"] == b"theirs"
    assert written.foreign is not None
    assert written.foreign.fingerprint == "theirs"


async def test_a_race_lost_between_look_and_write_is_looked_at_again() -> None:
    s3 = InMemoryS3()
    pending = upload(s3)
    await pending.write(SMALL)
    look = s3.head_object
    looks = 0

    async def head_object(**arguments: Any) -> Any:
        nonlocal looks
        looks += 1
        if looks == 1:
            try:
                return await look(**arguments)
            finally:  # the other worker finishes right after we looked
                s3.put("b", "k", b"theirs", {"landfall-generation": "0", "landfall-fingerprint": "f2"})
        return await look(**arguments)

    s3.head_object = head_object  # type: ignore[method-assign] # the double is made to lose a race
    written = await pending.complete()
    assert written.foreign is not None
    assert s3.objects["b", "k"] == b"theirs"


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
    await write(s3, LARGE)
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


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.objects.outputs._FIRST_PAUSE_SECONDS", 0.0)


def refusing(s3: InMemoryS3, key: str, *errors: Exception) -> None:
    """Have the next puts of a key fail."""
    put, left = s3.put_object, list(errors)

    async def put_object(**arguments: Any) -> Any:
        if arguments["Key"] == key and left:
            raise left.pop(0)
        return await put(**arguments)

    s3.put_object = put_object  # type: ignore[method-assign] # the double is made to fail


async def two(s3: InMemoryS3) -> None:
    async with OutputSet(s3.store(), 0, "f") as outputs:
        for key in ("one", "two"):
            await outputs.open("b", key).write(SMALL)
        await outputs.complete()


@pytest.mark.usefixtures("impatient")
async def test_once_some_outputs_have_appeared_the_others_are_tried_again() -> None:
    s3 = InMemoryS3()
    refusing(s3, "two", failure("PutObject", "SlowDown", 503), ConnectionResetError())
    await two(s3)
    assert set(s3.objects) == {("b", "one"), ("b", "two")}


@pytest.mark.usefixtures("impatient")
async def test_what_is_refused_for_good_is_not_tried_again() -> None:
    s3 = InMemoryS3()
    refusing(s3, "two", *[failure("PutObject", "AccessDenied", 403)] * 2)
    with pytest.raises(ClientError, match="AccessDenied"):
        await two(s3)


@pytest.mark.usefixtures("impatient")
async def test_trying_again_ends_some_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.objects.outputs._PERSISTENCE_SECONDS", 0.0)
    s3 = InMemoryS3()
    refusing(s3, "two", *[failure("PutObject", "SlowDown", 503)] * 99)
    with pytest.raises(ClientError, match="SlowDown"):
        await two(s3)


async def test_a_run_that_is_stopped_waits_for_the_output_that_is_on_its_way() -> None:
    s3 = InMemoryS3()
    put, on_its_way, arrived = s3.put_object, asyncio.Event(), asyncio.Event()

    async def put_object(**arguments: Any) -> Any:
        on_its_way.set()
        await arrived.wait()
        return await put(**arguments)

    s3.put_object = put_object  # type: ignore[method-assign] # the double is made to take its time
    run = asyncio.create_task(two(s3))
    await on_its_way.wait()
    run.cancel()
    await asyncio.sleep(0)
    assert not run.done()
    arrived.set()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert set(s3.objects) == {("b", "one")}


async def test_a_completion_that_outlives_its_abort_puts_no_empty_object() -> None:
    s3, looking, answered = InMemoryS3(), asyncio.Event(), asyncio.Event()
    real_head = s3.head_object

    async def head_object(**arguments: Any) -> Any:
        looking.set()
        await answered.wait()
        return await real_head(**arguments)

    s3.head_object = head_object  # type: ignore[method-assign] # the double is made to take its time
    upload = OutputSet(s3.store(), 0, "f").open("b", "one")
    await upload.write(SMALL)
    completing = asyncio.create_task(upload.complete())
    await looking.wait()
    await upload.abort()
    answered.set()
    with pytest.raises(UploadInterrupted):
        await completing
    assert s3.objects == {}
