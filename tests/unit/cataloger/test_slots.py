"""However many files wait, only so many are in work at once, and each goes on as soon as it may."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from services.cataloger.slots import WorkSlots

PLACES, FILES = 3, 20


async def test_waiting_takes_no_place_and_work_afterwards_does() -> None:
    slots, crawl = WorkSlots(PLACES), asyncio.Event()
    working, most, waiting = 0, 0, 0

    async def file() -> None:
        nonlocal working, most, waiting
        async with slots.working():
            waiting += 1
            async with slots.waiting():
                await crawl.wait()
            working += 1
            most = max(most, working)
            await asyncio.sleep(0)
            working -= 1

    running = [asyncio.create_task(file()) for _ in range(FILES)]
    await asyncio.sleep(0.01)
    assert waiting == FILES
    crawl.set()
    await asyncio.gather(*running)
    assert most == PLACES


async def test_the_first_is_done_long_before_the_last() -> None:
    slots, crawl = WorkSlots(1), asyncio.Event()
    done: list[tuple[int, str]] = []

    async def file(number: int) -> None:
        async with slots.working():
            async with slots.waiting():
                await crawl.wait()
            for step in ("put", "publish"):
                await asyncio.sleep(0)
                done.append((number, step))

    running = [asyncio.create_task(file(number)) for number in range(3)]
    await asyncio.sleep(0.01)
    crawl.set()
    await asyncio.gather(*running)
    assert done == [(number, step) for number in range(3) for step in ("put", "publish")]


async def test_one_who_is_cancelled_while_waiting_ends_at_once_and_neither_takes_nor_adds_a_place() -> None:
    slots, crawl = WorkSlots(1), asyncio.Event()

    async def file() -> None:
        async with slots.working(), slots.waiting():
            await crawl.wait()

    waiting = asyncio.create_task(file())
    await asyncio.sleep(0.001)
    async with slots.working():  # the only place is taken, and yet he is gone
        waiting.cancel()
        await asyncio.wait([waiting], timeout=1)
        assert waiting.cancelled()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), slots.working():
                pass
    async with asyncio.timeout(1), slots.working():
        pass


@pytest.mark.parametrize("times", [1, 2])
async def test_one_whose_wait_fails_neither_takes_nor_adds_a_place(times: int) -> None:
    slots = WorkSlots(1)

    async def file() -> None:
        async with slots.working():
            for _ in range(times):
                with contextlib.suppress(LookupError):
                    async with slots.waiting():
                        raise LookupError

    await file()
    async with asyncio.timeout(1), slots.working():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), slots.working():
                pass


async def test_one_who_is_cancelled_as_he_asks_for_his_place_again_neither_takes_nor_adds_one() -> None:
    slots, crawl = WorkSlots(1), asyncio.Event()

    async def file() -> None:
        async with slots.working(), slots.waiting():
            await crawl.wait()

    waiting = asyncio.create_task(file())
    await asyncio.sleep(0.001)
    async with slots.working():
        crawl.set()
        await asyncio.sleep(0.001)  # he asks for the only place, which is taken
        waiting.cancel()
        await asyncio.wait([waiting], timeout=1)
        assert waiting.cancelled()
    async with asyncio.timeout(1), slots.working():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), slots.working():
                pass


async def test_one_who_waited_twice_holds_one_place() -> None:
    slots = WorkSlots(1)
    async with slots.working():
        for _ in range(2):
            async with slots.waiting():
                await asyncio.sleep(0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), asyncio.TaskGroup() as group:
                group.create_task(_work(slots))
    async with asyncio.timeout(1):
        await _work(slots)


async def _work(slots: WorkSlots) -> None:
    async with slots.working():
        pass
