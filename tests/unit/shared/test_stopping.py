"""A worker that is told to stop, or that ECS waits for, strands no message."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shared.messages import Request
from shared.worker.protection import Protection
from shared.worker.worker import Worker
from tests.builders import notification
from tests.unit.local.templates.reading import default
from tests.unit.shared.bench import Bench


class Resting(Protection):
    """Due when the test says so, until it has rested."""

    is_due = False
    rests = 0

    @property
    def needs_rest(self) -> bool:
        return self.is_due

    async def rest(self, stop: asyncio.Future[float]) -> None:
        self.is_due = False
        self.rests += 1


async def test_a_task_that_ecs_waits_for_takes_no_file_before_it_has_rested() -> None:
    resting, begun = Resting(), asyncio.Event()
    rests_before: list[int] = []

    async def work(_: Request) -> None:
        rests_before.append(resting.rests)
        if len(rests_before) == 1:
            resting.is_due = True
            begun.set()
            await bench.sqs.until(lambda: len(bench.sqs.messages) == 2)

    bench = Bench(work, concurrency=2)
    async with bench.running(protection=resting):
        bench.sqs.send(notification("landing/a.csv"))
        await asyncio.wait_for(begun.wait(), timeout=5)
        bench.sqs.send(notification("landing/b.csv"))
        await bench.sqs.until(lambda: not bench.sqs.messages)
    assert rests_before == [0, 1]


async def test_stopping_lets_running_work_finish() -> None:
    started, release = asyncio.Event(), asyncio.Event()

    async def work(_: Request) -> None:
        started.set()
        await release.wait()

    bench = Bench(work)
    async with bench.running() as stop:
        bench.sqs.send(notification("landing/a.csv"))
        await started.wait()
        stop.set()
        release.set()
    assert bench.sqs.messages == {}


async def test_work_longer_than_the_grace_is_handed_back_at_once() -> None:
    started = asyncio.Event()

    async def work(_: Request) -> None:
        started.set()
        await asyncio.Event().wait()

    bench = Bench(work, shutdown_grace_seconds=0.01)
    async with bench.running() as stop:
        bench.sqs.send(notification("landing/a.csv"))
        await started.wait()
        stop.set()
    (message,) = bench.sqs.messages.values()
    assert message.visible_at == bench.sqs.now


async def test_each_restart_costs_a_file_that_waits_one_receive_and_the_last_still_does_its_work() -> None:
    receives = default("messaging", "CatalogMaxReceiveCount")
    begun, go = asyncio.Event(), asyncio.Event()

    async def work(_: Request) -> None:
        begun.set()
        await go.wait()

    bench = Bench(work, shutdown_grace_seconds=0.01)
    bench.sqs.send(notification("landing/a.csv"))
    (message,) = bench.sqs.messages.values()
    for restart in range(1, receives):
        begun.clear()
        async with bench.running() as stop:
            await begun.wait()
            stop.set()
        assert message.receives == restart
    go.set()
    async with bench.running():
        await bench.sqs.until(lambda: not bench.sqs.messages)
    assert (message.receives, bench.sqs.dead_letters) == (receives, [])


async def test_what_arrives_while_stopping_is_handed_back_unstarted() -> None:
    handled: list[Request] = []

    async def work(request: Request) -> None:
        handled.append(request)

    bench = Bench(work)
    receive = bench.sqs.receive_message
    async with bench.running() as stop:

        async def receive_message(**arguments: Any) -> Any:
            bench.sqs.send(notification("landing/late.csv"))
            stop.set()
            return await receive(**arguments)

        bench.sqs.receive_message = receive_message  # type: ignore[method-assign] # comes with the stop
        await stop.wait()
    (message,) = bench.sqs.messages.values()
    assert handled == []
    assert message.visible_at == bench.sqs.now


async def test_the_grace_begins_with_the_stop_and_not_with_the_end_of_the_poll() -> None:
    started = asyncio.Event()

    async def work(_: Request) -> None:
        started.set()
        await asyncio.Event().wait()

    bench = Bench(work, shutdown_grace_seconds=1, concurrency=2)
    receive, poll_ends = bench.sqs.receive_message, asyncio.Event()

    async def receive_message(**arguments: Any) -> Any:
        if started.is_set():
            await poll_ends.wait()
        return await receive(**arguments)

    bench.sqs.receive_message = receive_message  # type: ignore[method-assign] # a poll that lasts
    loop = asyncio.get_running_loop()
    async with bench.running() as stop:
        bench.sqs.send(notification("landing/a.csv"))
        await started.wait()
        stop.set()
        await asyncio.sleep(1)
        poll_ends.set()
        ended = loop.time()
    assert loop.time() - ended < 0.9


@pytest.mark.parametrize("finishes", [True, False])
async def test_the_worker_tells_whether_all_was_finished(finishes: bool) -> None:
    started = asyncio.Event()

    async def work(_: Request) -> None:
        started.set()
        if not finishes:
            await asyncio.Event().wait()

    bench = Bench(work, shutdown_grace_seconds=0.01)
    stop = asyncio.Event()
    running = asyncio.create_task(Worker(bench.sqs.queue(), bench.job, bench.settings, 30).run(stop))
    bench.sqs.send(notification("landing/a.csv"))
    await started.wait()
    stop.set()
    assert await running is finishes
