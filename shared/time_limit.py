"""The wall-clock limit of a stage's work on one file.

SQS keeps a message hidden for twelve hours after its receive, however often that is extended. Work that takes
longer starts again beside itself, until the message expires. So it is given up long before.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

from shared.errors import TimeLimitExceeded

_CURRENT: ContextVar[asyncio.Timeout | None] = ContextVar("time_limit", default=None)


@asynccontextmanager
async def time_limit(seconds: float | None) -> AsyncIterator[None]:
    """Cancel the block after so many seconds; None for no limit.

    Raises:
        TimeLimitExceeded: that was so.
    """
    try:
        async with asyncio.timeout(seconds) as limit:
            token = _CURRENT.set(limit)
            try:
                yield
            finally:
                _CURRENT.reset(token)
    except TimeoutError:
        if not limit.expired():
            raise  # a call to AWS timed out
        raise TimeLimitExceeded(f"the work on the file took longer than {seconds:.0f} s") from None


def lift_time_limit() -> None:
    """Let the block go on without a limit: outputs begin to appear, and some of them are worse than none."""
    limit = _CURRENT.get()
    if limit is not None and not limit.expired():
        limit.reschedule(None)
