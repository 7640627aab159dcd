"""An event loop in virtual time that knows when nothing can happen any more by itself."""

from __future__ import annotations

import asyncio
import concurrent.futures
import selectors
import threading
import time
from collections.abc import Callable, Coroutine
from contextvars import ContextVar, copy_context
from typing import Any, TypeVar

T = TypeVar("T")

_PAUSE = 0.0001  # seconds of real time, while a thread computes
_KILLS = 10  # a task that is cancelled may catch that and begin something else

OWNER: ContextVar[object] = ContextVar("owner", default=None)
"""Whose tasks those are that are created in this context."""


class JumpingLoop(asyncio.SelectorEventLoop):
    """Time jumps to the next timer whenever nothing else is to be done: a month passes in seconds."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self.now


class _Jumping(selectors.SelectSelector):
    def __init__(self, loop: JumpingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout:
            self._loop.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time stands still unless ``now`` is moved; timers that are due then fire.

    Threads work as ever. The loop counts those that compute, so that :meth:`idle` is exact and every run with
    the same decisions is the same run.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self._computing = 0
        self._owned: dict[object, set[asyncio.Task[Any]]] = {}

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        """As ever, but remembering whose task it is."""
        task: asyncio.Task[Any] = super().create_task(coro, **options)
        owned = self._owned.setdefault(OWNER.get(), set())
        owned.add(task)
        task.add_done_callback(owned.discard)
        return task

    async def end_all_of(self, owner: object) -> None:
        """Cancel every task of an owner, and what those begin when they are cancelled."""
        for _ in range(_KILLS):
            for task in list(self._owned.get(owner, ())):
                task.cancel()
            await self.idle()
        left = self._owned.pop(owner, set())
        assert not left, f"tasks that cannot be ended: {left}"

    def time(self) -> float:
        """Seconds, as the test has it."""
        return self.now

    async def idle(self) -> None:
        """Wait until every task awaits something that only the test can bring about."""
        ready: list[object] = self._ready  # type: ignore[attr-defined] # there is no public way to ask
        while True:
            await asyncio.sleep(0)
            if ready:
                continue
            if not self._computing:
                return
            time.sleep(_PAUSE)  # noqa: ASYNC251 - only threads are to get on meanwhile

    def run_in_executor(  # type: ignore[override] # what an executor returned could not be counted here
        self, executor: concurrent.futures.Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Run a function in a thread of its own, whatever the executor."""
        done: asyncio.Future[T] = self.create_future()
        self._computing += 1

        def compute() -> None:
            try:
                result = func(*args)
            except BaseException as error:  # noqa: BLE001 - handed over as it is
                self.call_soon_threadsafe(finish, None, error)
            else:
                self.call_soon_threadsafe(finish, result, None)

        def finish(result: Any, error: BaseException | None) -> None:
            self._computing -= 1
            if done.cancelled():
                return
            if error is None:
                done.set_result(result)
            else:
                done.set_exception(error)

        threading.Thread(target=compute, daemon=True).start()
        return done

    def run_for_thread(
        self, work: Coroutine[Any, Any, T], _loop: asyncio.AbstractEventLoop
    ) -> concurrent.futures.Future[T]:
        """In place of ``asyncio.run_coroutine_threadsafe``: the thread waits for the result at once."""
        future: concurrent.futures.Future[T] = concurrent.futures.Future()

        def begin() -> None:
            self._computing -= 1
            self.create_task(work).add_done_callback(end)

        def end(task: asyncio.Task[T]) -> None:
            self._computing += 1
            if task.cancelled():
                future.set_exception(concurrent.futures.CancelledError())
            elif (error := task.exception()) is not None:
                future.set_exception(error)
            else:
                future.set_result(task.result())

        copy_context().run(self.call_soon_threadsafe, begin)
        return future
