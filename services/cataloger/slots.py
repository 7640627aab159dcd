"""How many files are in work at once, however many wait.

Thousands of files whose crawl has come would otherwise go on in step: all put their manifest, then all
publish, and the first is done no sooner than the last. The renewal of their messages would starve as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class WorkSlots:
    """Lets so many files be in work; those that wait for something give their place up meanwhile."""

    def __init__(self, count: int) -> None:
        self._free = asyncio.Semaphore(count)
        self._waiting: set[asyncio.Task[object] | None] = set()

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Hold a place, given in the order of asking."""
        await self._free.acquire()
        try:
            yield
        finally:
            if (task := asyncio.current_task()) in self._waiting:
                self._waiting.discard(task)
            else:
                self._free.release()

    @asynccontextmanager
    async def waiting(self) -> AsyncIterator[None]:
        """Within :meth:`working`: give the place up, and take one again when what was awaited has come.

        Who fails or is cancelled meanwhile has no further work, so he does not queue for a place; should he
        wait again all the same, he has none to give up.
        """
        task = asyncio.current_task()
        if task not in self._waiting:
            self._waiting.add(task)
            self._free.release()
        yield
        await self._free.acquire()
        self._waiting.discard(task)
