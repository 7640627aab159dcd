"""The loop of every service: receive, work, settle, and stop cleanly when told to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from structlog.contextvars import bound_contextvars

from shared.aws.faults import AWS_ERRORS
from shared.logs import get_logger
from shared.messages import Message
from shared.settings import WorkerSettings
from shared.worker.heartbeat import LostMessageError, heartbeat
from shared.worker.job import Job
from shared.worker.protection import Protection
from shared.worker.queue import Queue

log = get_logger()

_RECEIVE_PAUSE = 2.0  # seconds before asking again after SQS could not be reached
_HAND_BACK_SECONDS = 10.0  # for what was cancelled to undo its uploads and to hand its message back


@dataclass(frozen=True, slots=True)
class Worker:
    """Runs a job for each message of one queue, at most ``settings.concurrency`` at once.

    On ``stop`` the receive in flight is left to return (cancelling it would strand messages) and what it
    brings is handed back. Running jobs get ``settings.shutdown_grace_seconds``, counted from the stop; what
    remains then is handed back too.
    """

    queue: Queue
    job: Job
    settings: WorkerSettings
    visibility_seconds: float
    protection: Protection = field(default_factory=Protection)

    async def run(self, stop: asyncio.Event) -> bool:
        """Work until ``stop`` is set, then drain.

        Returns:
            Whether every job that ran was finished. A thread may still be busy with one that was not.
        """
        jobs: set[asyncio.Task[None]] = set()
        stopping = asyncio.create_task(_time_of(stop))
        log.info("worker_ready", concurrency=self.settings.concurrency)
        try:
            while not stop.is_set():
                free = self.settings.concurrency - len(jobs)
                if free == 0 or (jobs and self.protection.needs_rest):
                    await asyncio.wait({*jobs, stopping}, return_when=asyncio.FIRST_COMPLETED)
                    continue
                if self.protection.needs_rest:
                    await self.protection.rest(stopping)
                    continue
                for message in await self._receive(free):
                    if stop.is_set():
                        await self._hand_back(message)
                    else:
                        self._begin(message, jobs)
            log.info("worker_draining", running=len(jobs))
            finished = await self._drain(jobs, await stopping + self.settings.shutdown_grace_seconds)
        finally:
            stopping.cancel()
        log.info("worker_stopped")
        return finished

    def _begin(self, message: Message, jobs: set[asyncio.Task[None]]) -> None:
        def ended(job: asyncio.Task[None]) -> None:
            jobs.discard(job)
            self.protection.tell(busy=bool(jobs))

        job = asyncio.create_task(self._keep_and_run(message))
        jobs.add(job)
        job.add_done_callback(ended)
        self.protection.tell(busy=True)

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

    async def _drain(self, jobs: set[asyncio.Task[None]], deadline: float) -> bool:
        if not jobs:
            return True
        left = max(0.0, deadline - asyncio.get_running_loop().time())
        _, late = await asyncio.wait(set(jobs), timeout=left)
        for job in late:
            job.cancel()
        if late:
            log.warning("jobs_handed_back", count=len(late))
            await asyncio.wait(late, timeout=_HAND_BACK_SECONDS)
        return not late

    async def _hand_back(self, message: Message) -> None:
        try:
            await self.queue.hide(message, 0)
        except AWS_ERRORS as error:
            # It becomes visible by itself when its time-out ends.
            log.warning("hand_back_failed", error_type=type(error).__name__)


async def _time_of(stop: asyncio.Event) -> float:
    await stop.wait()
    return asyncio.get_running_loop().time()
