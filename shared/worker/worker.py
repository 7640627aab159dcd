"""The loop of every service: receive, work, settle, and stop cleanly when told to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from structlog.contextvars import bound_contextvars

from shared.aws.faults import AWS_ERRORS
from shared.logs import get_logger
from shared.messages import Message
from shared.settings import WorkerSettings
from shared.worker.heartbeat import LostMessageError, heartbeat
from shared.worker.job import Job
from shared.worker.queue import Queue

log = get_logger()

_RECEIVE_PAUSE = 2.0  # seconds before asking again after SQS could not be reached


@dataclass(frozen=True, slots=True)
class Worker:
    """Runs a job for each message of one queue, at most ``settings.concurrency`` at once.

    On ``stop`` the receive in flight is left to return (cancelling it would strand messages), what it brings
    is handed back, running jobs get ``settings.shutdown_grace_seconds``, and what remains is handed back too.
    """

    queue: Queue
    job: Job
    settings: WorkerSettings
    visibility_seconds: float

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set, then drain."""
        jobs: set[asyncio.Task[None]] = set()
        stopping = asyncio.create_task(stop.wait())
        log.info("worker_ready", concurrency=self.settings.concurrency)
        while not stop.is_set():
            free = self.settings.concurrency - len(jobs)
            if free == 0:
                await asyncio.wait({*jobs, stopping}, return_when=asyncio.FIRST_COMPLETED)
                continue
            for message in await self._receive(free):
                if stop.is_set():
                    await self._hand_back(message)
                    continue
                job = asyncio.create_task(self._keep_and_run(message))
                jobs.add(job)
                job.add_done_callback(jobs.discard)
        log.info("worker_draining", running=len(jobs))
        await self._drain(jobs)
        stopping.cancel()
        log.info("worker_stopped")

    async def _receive(self, most: int) -> list[Message]:
        try:
            return await self.queue.receive(most, self.settings.poll_wait_seconds)
        except AWS_ERRORS as error:
            log.warning("receive_failed", error_type=type(error).__name__)
            await asyncio.sleep(_RECEIVE_PAUSE)
            return []

    async def _keep_and_run(self, message: Message) -> None:
        with bound_contextvars(message_id=message.message_id, receive_count=message.receive_count):
            try:
                async with heartbeat(self.queue, message, self.visibility_seconds):
                    await self.job.run(message)
            except LostMessageError:
                log.warning("message_lost")
            except asyncio.CancelledError:
                await self._hand_back(message)
                raise

    async def _drain(self, jobs: set[asyncio.Task[None]]) -> None:
        if not jobs:
            return
        _, late = await asyncio.wait(set(jobs), timeout=self.settings.shutdown_grace_seconds)
        for job in late:
            job.cancel()
        if late:
            log.warning("jobs_handed_back", count=len(late))
            await asyncio.wait(late)

    async def _hand_back(self, message: Message) -> None:
        try:
            await self.queue.hide(message, 0)
        except AWS_ERRORS as error:
            # It becomes visible by itself when its time-out ends.
            log.warning("hand_back_failed", error_type=type(error).__name__)
