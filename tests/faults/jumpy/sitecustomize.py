"""Makes the wall clock of a service jump: a Python that has this folder in its PYTHONPATH runs this first.

Second by second it is right, an hour fast, and an hour slow. The services read it in one place only.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import shared.commit

_JUMPS = (0, 3600, -3600)
_right = shared.commit.now


def _jumping() -> datetime:
    return _right() + timedelta(seconds=_JUMPS[int(time.monotonic()) % len(_JUMPS)])


shared.commit.now = _jumping
