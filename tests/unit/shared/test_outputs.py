"""Outputs appear together or not at all, and a lower generation never replaces a higher one."""

from __future__ import annotations

import asyncio
import hashlib
import os
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.errors import UploadInterrupted
from shared.objects.outputs import OutputSet
from shared.objects.upload import PART_BYTES, PendingUpload
from tests.doubles.s3 import InMemoryS3, failure

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


async def test_a_thread_that_outlives_its_job_begins_no_further_output() -> None:
    s3 = InMemoryS3()
    outputs = OutputSet(s3.store(), 0, "f")

    async def stopped() -> None:
        async with outputs:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        await stopped()
    with pytest.raises(UploadInterrupted, match="given up"):
        await asyncio.to_thread(outputs.open, "b", "next")


async def test_no_output_is_begun_while_the_others_are_given_up() -> None:
    s3 = InMemoryS3()
    outputs = OutputSet(s3.store(), 0, "f")
    late: list[PendingUpload] = []
    abort = s3.abort_multipart_upload

    async def abort_multipart_upload(**arguments: Any) -> Any:
        with suppress(UploadInterrupted):
            late.append(outputs.open("b", "late"))
        return await abort(**arguments)

    s3.abort_multipart_upload = abort_multipart_upload  # type: ignore[method-assign] # to act meanwhile

    async def stopped() -> None:
        async with outputs:
            await outputs.open("b", "first").write(LARGE)
            raise TimeoutError

    with pytest.raises(TimeoutError):
        await stopped()
    assert s3.uploads == {}
    assert late == []


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
