"""Makes the wall clock of a service jump: a Python that has this folder in its PYTHONPATH runs this first.

Second by second it is right, an hour fast, and an hour slow: for the services, which read it in one place for
what they record, for ``time.time``, and for the AWS client, which signs with it.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import botocore.compat

_JUMPS = (0, 3600, -3600)
_right_time, _right_signing = time.time, botocore.compat.get_current_datetime


def _jump() -> int:
    return _JUMPS[int(time.monotonic()) % len(_JUMPS)]


def _time() -> float:
    return _right_time() + _jump()


def _signing(remove_tzinfo: bool = True) -> datetime:
    return _right_signing(remove_tzinfo) + timedelta(seconds=_jump())


time.time = _time
botocore.compat.get_current_datetime = _signing

import shared.commit  # noqa: E402 - only now, since it imports what signs

_right_now = shared.commit.now


def _now() -> datetime:
    return _right_now() + timedelta(seconds=_jump())


shared.commit.now = _now
