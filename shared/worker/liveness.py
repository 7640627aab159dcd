"""A worker's sign of life: a file that its event loop touches, for a health check that needs no port.

A process whose event loop hangs stops touching it; :mod:`shared.worker.health` then fails the container.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

LIVENESS_FILE = "LANDFALL_LIVENESS_FILE"  # the variable of the setting ``liveness_file``
BEAT_SECONDS = 5.0
STALE_SECONDS = 60.0


@asynccontextmanager
async def alive(file: Path | None, beat_seconds: float = BEAT_SECONDS) -> AsyncIterator[None]:
    """Touch ``file`` at once, then every ``beat_seconds`` until the block ends; without one, do nothing."""
    if file is None:
        yield
        return
    file.touch()
    beating = asyncio.create_task(_beat(file, beat_seconds))
    try:
        yield
    finally:
        beating.cancel()
        file.unlink(missing_ok=True)


async def _beat(file: Path, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        file.touch()
