"""Doing for all who wait what would otherwise be done for each: one run a key at a time.

While one run is on, whoever comes waits for the next, which then begins after all of them came. So a burst of
thousands costs a few calls, a single one waits for nobody, and nobody gets an answer older than his question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextvars import Context
from typing import Any, Generic, TypeVar

from shared.aws.faults import AWS_ERRORS, classify
from shared.errors import AwsUnavailable, LandfallError

Item = TypeVar("Item")
Result = TypeVar("Result")

Work = Callable[[str, Sequence[Item]], Coroutine[Any, Any, Sequence[Result | LandfallError]]]
"""Takes a key and items; returns a result or a failure for each item, in their order."""


class Gathering(Generic[Item, Result]):
    """Runs ``work`` for batches of items, of ``most`` at a time."""

    def __init__(self, work: Work[Item, Result], most: int | None = None) -> None:
        self._work = work
        self._most = most
        self._waiting: dict[str, list[tuple[Item, asyncio.Future[Result]]]] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    async def submit(self, key: str, item: Item) -> Result:
        """Have an item done together with others of its key.

        Raises:
            LandfallError: of this item, or of the batch that it was in.
        """
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append((item, done))
        if key not in self._running:
            # In a context of its own: it is not about the one who happened to come first.
            self._running[key] = asyncio.create_task(self._run(key), context=Context())
        return await done

    async def _run(self, key: str) -> None:
        batch: list[tuple[Item, asyncio.Future[Result]]] = []
        try:
            while waiting := self._waiting.pop(key, None):
                batch = waiting[: self._most]
                if left := waiting[len(batch) :]:
                    self._waiting[key] = left
                await self._settle(key, [(item, done) for item, done in batch if not done.done()])
        except BaseException as end:
            # Cancelled, or a defect: whoever waits hears of it, or his heartbeats keep him waiting for hours.
            for _, done in (*batch, *self._waiting.pop(key, ())):
                _fail(done, end)
            raise
        finally:
            del self._running[key]

    async def _settle(self, key: str, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        work = self._work(key, [item for item, _ in batch])
        (answer,) = await asyncio.gather(work, return_exceptions=True)
        if not isinstance(answer, BaseException) and len(answer) != len(batch):
            # Nobody can tell whose answers those are.
            answer = AwsUnavailable(f"{len(answer)} answers for {len(batch)} items")
        outcomes = [answer] * len(batch) if isinstance(answer, BaseException) else answer
        for (_, done), outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                _fail(done, _own_copy(outcome))
            elif not done.done():  # who asked may have been cancelled meanwhile
                done.set_result(outcome)


def _fail(done: asyncio.Future[Result], failure: BaseException) -> None:
    if done.done():
        return
    if isinstance(failure, asyncio.CancelledError):
        done.cancel()
    else:
        done.set_exception(failure)


def _own_copy(failure: BaseException) -> BaseException:
    """An exception for one of many: raised in each of them, a shared one would collect all their traces."""
    if isinstance(failure, AWS_ERRORS):
        failure = classify(failure)
    return type(failure)(failure.message) if isinstance(failure, LandfallError) else failure
