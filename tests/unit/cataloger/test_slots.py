"""However many files wait, only so many are in work at once, and each goes on as soon as it may."""

from __future__ import annotations

import asyncio

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
