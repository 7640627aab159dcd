"""Work on files leaves the loop the threads that it needs itself."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

import pytest

from shared.objects.streams import run_on_loop
from shared.threads import any_at_work, in_own_thread

WAIT = 10  # seconds, after which a test fails


async def test_names_are_resolved_while_more_files_are_in_work_than_the_loop_has_threads() -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(2))
    files = 5
    all_in_work = threading.Barrier(files)

    def work_on_a_file() -> bool:
        all_in_work.wait(WAIT)
        return bool(run_on_loop(loop.getaddrinfo("127.0.0.1", 80), loop))

    async with asyncio.timeout(WAIT):
        assert all(await asyncio.gather(*(in_own_thread(work_on_a_file) for _ in range(files))))


async def test_a_job_that_was_given_up_keeps_no_file_from_its_thread() -> None:
    let_go = threading.Event()
    given_up = [asyncio.create_task(in_own_thread(let_go.wait, WAIT)) for _ in range(40)]
    await asyncio.sleep(0)
    for job in given_up:
        job.cancel()
    await asyncio.wait(given_up)
    async with asyncio.timeout(WAIT):
        assert await in_own_thread(lambda: "done") == "done"
    assert any_at_work()
    let_go.set()


async def test_a_failure_lets_go_of_what_its_work_had_in_memory() -> None:
    class Part:
        """Megabytes."""

    gone = threading.Event()

    def fail() -> None:
        part = Part()
        weakref.finalize(part, gone.set)
        raise KeyError

    gc.disable()
    try:
        with contextlib.suppress(KeyError):  # pytest.raises would keep it
            await in_own_thread(fail)
        assert await asyncio.to_thread(gone.wait, WAIT)
    finally:
        gc.enable()


async def test_a_failure_reaches_who_asked() -> None:
    def fail() -> None:
        raise KeyError("odd")

    with pytest.raises(KeyError):
        await in_own_thread(fail)


async def test_what_is_known_of_the_file_goes_along() -> None:
    file_id: ContextVar[str] = ContextVar("file_id")
    file_id.set("f")
    assert await in_own_thread(file_id.get) == "f"
