"""A worker over in-memory AWS."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from shared.failures import Failures
from shared.messages import Message, Request
from shared.settings import WorkerSettings
from shared.stages import Stage
from shared.worker.backoff import Backoff
from shared.worker.job import Job
from shared.worker.protection import Protection
from shared.worker.worker import Worker
from tests.doubles.events import InMemoryEvents
from tests.doubles.s3 import InMemoryS3
from tests.doubles.sqs import InMemorySqs

Work = Callable[[Request], Awaitable[None]]


class Bench:
    """A worker over in-memory AWS whose handler does what the test says."""

    stage = Stage.DECRYPT

    def __init__(self, work: Work, **settings: Any) -> None:
        self.work = work
        self.sqs = InMemorySqs()
        self.s3 = InMemoryS3()
        self.events = InMemoryEvents()
        self.settings = WorkerSettings(
            ingest_bucket="ingest",
            event_bus="bus",
            queue_url="q",
            dead_letter_queue_url="d",
            poll_wait_seconds=0,
            **settings,
        )
        self.job = Job(
            queue=self.sqs.queue(),
            handler=self,
            failures=Failures(self.s3.store(), self.events.bus(), self.stage),
            backoff=Backoff(5, 900, Random(1)),
            max_receives=self.sqs.max_receives,
            bucket="ingest",
        )

    async def handle(self, request: Request, message: Message) -> None:
        await self.work(request)

    @asynccontextmanager
    async def running(
        self, visibility: float = 30, protection: Protection | None = None
    ) -> AsyncIterator[asyncio.Event]:
        stop = asyncio.Event()
        worker = Worker(self.sqs.queue(), self.job, self.settings, visibility, protection or Protection())
        running = asyncio.create_task(worker.run(stop))
        yield stop
        stop.set()
        await asyncio.wait_for(running, timeout=30)


async def succeed(_: Request) -> None:
    return None


def fail_with(error: Exception) -> Work:
    async def work(_: Request) -> None:
        raise error

    return work
