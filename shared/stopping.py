"""Stop work that runs in threads and processes once the job it belongs to has been given up.

Cancelling a task does not reach the thread that works for it. So each such thread has a :class:`StopSignal`:
readers, writers and loops over chunks check it, and what blocks without checking registers how to end it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class WorkStopped(Exception):
    """The job that this work belongs to was given up; its result is not wanted any more."""


class StopSignal:
    """Tells one thread, and what works for it, to stop. All methods may be called from any thread."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._to_end: list[Callable[[], object]] = []

    @property
    def is_set(self) -> bool:
        """Whether the work is to stop."""
        return self._stopped.is_set()

    def set(self) -> None:
        """Have the work stop at its next check, and end now what registered for it."""
        with self._lock:
            self._stopped.set()
            to_end, self._to_end = self._to_end, []
        for end in to_end:
            end()

    def check(self) -> None:
        """Raise where the work is to stop.

        Raises:
            WorkStopped: it is.
        """
        if self._stopped.is_set():
            raise WorkStopped

    @contextmanager
    def ending(self, end: Callable[[], object]) -> Iterator[None]:
        """Call ``end``, which must not wait, if the signal comes within the block or came before it."""
        with self._lock:
            has_come = self._stopped.is_set()
            if not has_come:
                self._to_end.append(end)
        if has_come:
            end()
        try:
            yield
        finally:
            with self._lock:
                if end in self._to_end:
                    self._to_end.remove(end)


_NEVER = StopSignal()
_CURRENT: ContextVar[StopSignal] = ContextVar("stop_signal", default=_NEVER)


def stop_signal() -> StopSignal:
    """The signal of the work that the caller does; one that never comes where no job can be given up."""
    return _CURRENT.get()


def stopped_by(signal: StopSignal) -> None:
    """Make this the signal of the work in the present context."""
    _CURRENT.set(signal)
