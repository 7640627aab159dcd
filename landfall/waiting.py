"""One bounded wait for everything that has to be polled."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(
    poll: Callable[[], T | None], *, within: float, every: float = 0.05, slowest: float | None = None
) -> T:
    """Call ``poll`` until it returns something, and return that.

    Args:
        poll: answers ``None`` while there is nothing yet; may raise to end the wait.
        within: seconds after which to give up.
        every: seconds between the first calls.
        slowest: seconds between later calls; the pause grows by half each time until it is this long.

    Raises:
        TimeoutError: nothing came in time.
    """
    deadline = time.monotonic() + within
    pause = every
    while (found := poll()) is None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        time.sleep(min(pause, left))
        if slowest is not None:
            pause = min(pause * 1.5, slowest)
    return found
