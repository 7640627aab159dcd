"""Keeping a message ours while its work runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.aws.faults import AWS_ERRORS, classify
from shared.errors import PermanentError
from shared.logs import get_logger
from shared.messages import Message
from shared.worker.queue import Queue

log = get_logger()


class LostMessageError(Exception):
    """The message could not be kept: another worker may have it, so this work must stop."""


@asynccontextmanager
async def heartbeat(queue: Queue, message: Message, visibility_seconds: float) -> AsyncIterator[None]:
    """Extend a message's visibility at half its time until the block ends.

    An extension that fails is tried again for as long as the message is certainly still ours.

    Raises:
        LostMessageError: SQS refuses, or could not be reached in time; the block is cancelled first.
    """
    work = asyncio.current_task()
    assert work is not None  # noqa: S101 - always called from a task
    loop = asyncio.get_running_loop()
    lost = False

    async def beat() -> None:
        nonlocal lost
        ours_until = loop.time() + visibility_seconds
        pause = visibility_seconds / 2
        while True:
            await asyncio.sleep(pause)
            asked = loop.time()
            try:
                async with asyncio.timeout(visibility_seconds / 4):
                    await queue.hide(message, round(visibility_seconds))
            except AWS_ERRORS as error:
                log.warning("heartbeat_failed", error_type=type(error).__name__)
                pause = visibility_seconds / 16
                if isinstance(classify(error), PermanentError) or loop.time() + 2 * pause > ours_until:
                    lost = True
                    work.cancel()
                    return
            else:
                ours_until = asked + visibility_seconds
                pause = visibility_seconds / 2

    beating = asyncio.create_task(beat())
    try:
        yield
    except asyncio.CancelledError:
        if lost and work.uncancel() == 0:
            raise LostMessageError from None
        raise
    finally:
        beating.cancel()
