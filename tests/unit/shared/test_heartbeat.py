"""Keeping a message: an extension that fails is tried again, until the message may be with somebody else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, cast

import pytest

from shared.messages import Message
from shared.worker.heartbeat import LostMessageError, heartbeat
from shared.worker.queue import Queue
from tests.doubles.s3 import failure
from tests.doubles.virtual_loop import VirtualLoop

VISIBILITY = 80.0
MESSAGE = Message("m", "receipt", "{}", 1)


class Sqs:
    """Notes when it was asked to extend, and fails as it is told."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop = loop
        self.asked: list[float] = []
        self.failures: list[Exception] = []

    async def change_message_visibility(self, **_: Any) -> Any:
        self.asked.append(self.loop.now)
        if self.failures:
            raise self.failures.pop(0)
        return {}


class Work:
    """Something that lasts until the test ends it, under a heartbeat."""

    def __init__(self) -> None:
        self.loop = VirtualLoop()
        self.sqs = Sqs(self.loop)
        self.done = asyncio.Event()
        self.task = self.loop.create_task(self._run())

    async def _run(self) -> None:
        async with heartbeat(Queue(cast("Any", self.sqs), "q", "d"), MESSAGE, VISIBILITY):
            await self.done.wait()

    def pass_time(self, seconds: int) -> None:
        async def tick() -> None:
            for _ in range(seconds):
                self.loop.now += 1
                await self.loop.idle()

        self.loop.run_until_complete(self.loop.idle())
        self.loop.run_until_complete(tick())


@pytest.fixture
def work() -> Iterator[Work]:
    work = Work()
    yield work
    work.done.set()
    work.task.cancel()
    work.loop.run_until_complete(asyncio.wait([work.task]))
    work.loop.close()


def test_a_message_is_extended_at_half_its_time(work: Work) -> None:
    work.pass_time(130)
    assert work.sqs.asked == [40, 80, 120]


@pytest.mark.parametrize(
    "error", [failure("ChangeMessageVisibility", "Throttling", 503), ConnectionResetError()]
)
def test_a_failure_of_the_moment_does_not_stop_the_work(work: Work, error: Exception) -> None:
    work.sqs.failures = [error, error]
    work.pass_time(100)
    assert work.sqs.asked == [40, 45, 50, 90]
    assert not work.task.done()


def test_work_stops_before_the_message_can_be_with_another_worker(work: Work) -> None:
    work.sqs.failures = [ConnectionResetError()] * 100
    work.pass_time(int(VISIBILITY))
    assert isinstance(work.task.exception(), LostMessageError)
    assert max(work.sqs.asked) < VISIBILITY


def test_work_whose_message_is_with_another_worker_stops_at_once(work: Work) -> None:
    work.sqs.failures = [failure("ChangeMessageVisibility", "InvalidParameterValue", 400)]
    work.pass_time(41)
    assert isinstance(work.task.exception(), LostMessageError)
