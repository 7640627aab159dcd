"""The container's health check, ``python -m shared.worker.health``: exits 0 while the worker shows life.

It imports nothing but the standard library, so that it costs a few milliseconds.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from shared.worker.liveness import LIVENESS_FILE, STALE_SECONDS


def ailment(file: str | None, now: float) -> str | None:
    """What is wrong, None where nothing is.

    Args:
        file: what the worker touches.
        now: seconds since the epoch.
    """
    if not file:
        return f"{LIVENESS_FILE} is not set"
    try:
        age = now - Path(file).stat().st_mtime
    except FileNotFoundError:
        return "the worker is not up"
    return f"the worker has shown no life for {age:.0f} s" if age > STALE_SECONDS else None


if __name__ == "__main__":
    sys.exit(ailment(os.environ.get(LIVENESS_FILE), time.time()))
