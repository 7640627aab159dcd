"""Threads for work on files: one for each, and none of those that the event loop needs itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

from shared.stopping import StopSignal, stopped_by

P = ParamSpec("P")
T = TypeVar("T")

_NAME = "file-work"


class _ThreadEach(Executor):
    """Begins everything at once, in a thread of its own.

    A pool would have to be larger than the files in work, by nobody knows how many: a thread goes on when its
    job has been cancelled, until it next checks its stop signal. A file that waited behind such threads would
    be kept from other workers by its heartbeats. How much is begun is bounded where messages are received.
    """

    def submit(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        done: Future[T] = Future()
        # A daemon: what it does for a job that was given up is not worth waiting for at the end.
        call = partial(work, *args, **kwargs)
        threading.Thread(target=_run, args=(done, call), name=_NAME, daemon=True).start()
        return done


def _run(done: Future[T], work: Callable[[], T]) -> None:
    if not done.set_running_or_notify_cancel():
        return
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 - handed over as it is
        done.set_exception(error)
        del done  # or the error holds this frame, and with it all that the work had in memory
    else:
        done.set_result(result)


_EACH = _ThreadEach()


async def in_own_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run what works on a file, and may wait for calls of the loop, as ``asyncio.to_thread`` would.

    That, however, has the few threads in which the loop resolves names too. Files that hold them all while
    they wait for calls that need a name would wait for good, and their heartbeats with them.

    Where the caller is cancelled, the work gets its :class:`StopSignal`: it ends soon, but is not waited for.
    """
    signal = StopSignal()
    context = copy_context()
    context.run(stopped_by, signal)
    call = partial(context.run, work, *args, **kwargs)
    try:
        return await asyncio.get_running_loop().run_in_executor(_EACH, call)
    except asyncio.CancelledError:
        signal.set()
        raise


def any_at_work() -> bool:
    """Whether a thread still works on a file, be it for a job that was given up."""
    return any(thread.name == _NAME for thread in threading.enumerate())
