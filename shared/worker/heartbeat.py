"""Keeping a message ours while its work runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.aws.faults import AWS_ERRORS
from shared.logs import get_logger
from shared.messages import Message
from shared.worker.queue import Queue

log = get_logger()


class LostMessageError(Exception):
    """The message could not be kept: another worker may have it, so this work must stop."""


@asynccontextmanager
async def heartbeat(queue: Queue, message: Message, visibility_seconds: float) -> AsyncIterator[None]:
    """Extend a message's visibility at half its time until the block ends.

    Raises:
        LostMessageError: an extension failed; the block is cancelled first.
    """
    work = asyncio.current_task()
    assert work is not None  # noqa: S101 - always called from a task
    lost = False

    async def beat() -> None:
        nonlocal lost
        while True:
            await asyncio.sleep(visibility_seconds / 2)
            try:
                async with asyncio.timeout(visibility_seconds / 4):
                    await queue.hide(message, round(visibility_seconds))
            except AWS_ERRORS as error:
                log.warning("heartbeat_failed", error_type=type(error).__name__)
                lost = True
                work.cancel()
                return

    beating = asyncio.create_task(beat())
    try:
        yield
    except asyncio.CancelledError:
        if lost and work.uncancel() == 0:
            raise LostMessageError from None
        raise
    finally:
        beating.cancel()
