"""Work in threads ends when its job is given up."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest

from shared.objects.outputs import OutputSet
from shared.objects.streams import ObjectReader, UploadWriter
from shared.stopping import StopSignal, WorkStopped, stop_signal
from shared.threads import any_at_work, in_own_thread
from tests.doubles.s3 import InMemoryS3

WAIT = 10  # seconds, after which a test fails


async def test_work_whose_job_was_cancelled_gets_its_signal() -> None:
    begun, stopped = threading.Event(), threading.Event()

    def work() -> None:
        with stop_signal().ending(stopped.set):
            begun.set()
            assert stopped.wait(WAIT)
            stop_signal().check()

    await _begin_and_cancel(work, begun)
    assert await asyncio.to_thread(stopped.wait, WAIT)


async def test_work_that_runs_to_its_end_gets_none() -> None:
    assert not (await in_own_thread(stop_signal)).is_set


def test_what_begins_after_the_signal_is_ended_at_once() -> None:
    signal, ended = StopSignal(), list[str]()
    signal.set()
    with signal.ending(lambda: ended.append("now")):
        assert ended == ["now"]


def test_what_ended_before_the_signal_is_left_alone() -> None:
    signal, ended = StopSignal(), list[str]()
    with signal.ending(lambda: ended.append("never")):
        pass
    signal.set()
    assert ended == []


async def test_a_thread_that_reads_ends() -> None:
    s3 = InMemoryS3()
    s3.put("b", "k", b"x" * 100)

    def read_on() -> None:
        reader = ObjectReader(s3.store(), loop, "b", "k", 100)
        while True:
            reader.seek(0)
            reader.read(1)
            begun.set()

    loop, begun = asyncio.get_running_loop(), threading.Event()
    await _begin_and_cancel(read_on, begun)
    await _no_thread_at_work()


async def test_a_thread_that_writes_ends() -> None:
    loop, begun = asyncio.get_running_loop(), threading.Event()
    async with OutputSet(InMemoryS3().store(), 0, "f") as outputs:

        def write_on() -> None:
            with UploadWriter(outputs.open("b", "k"), loop) as writer:
                while True:
                    writer.write(b"x")
                    begun.set()

        await _begin_and_cancel(write_on, begun)
        await _no_thread_at_work()


def test_a_check_raises_after_the_signal_alone() -> None:
    signal = StopSignal()
    signal.check()
    signal.set()
    with pytest.raises(WorkStopped):
        signal.check()


async def _begin_and_cancel(work: Any, begun: threading.Event) -> None:
    job = asyncio.create_task(in_own_thread(work))
    assert await asyncio.to_thread(begun.wait, WAIT)
    job.cancel()
    await asyncio.wait([job], timeout=WAIT)
    assert job.cancelled()


async def _no_thread_at_work() -> None:
    deadline = time.monotonic() + WAIT
    while any_at_work():
        assert time.monotonic() < deadline
        await asyncio.sleep(0)  # what the thread last asked of the loop
