"""How many vCPUs this process may use: not always as many as the machine has."""

from __future__ import annotations

import math
import os
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")


def usable_vcpus(cgroups: Path = _CGROUPS) -> int:
    """The vCPUs that the process may run on, or the share of them that its container may use, rounded up."""
    runs_on = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _quota(cgroups)
    return runs_on if quota is None else max(1, min(runs_on, math.ceil(quota)))


def _quota(cgroups: Path) -> float | None:
    """CPU seconds a second, as version 2 of control groups tells them, or else version 1; None: no limit."""
    try:
        limit, period = (cgroups / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            limit = (cgroups / "cpu/cpu.cfs_quota_us").read_text().strip()
            period = (cgroups / "cpu/cpu.cfs_period_us").read_text()
        except OSError:
            return None
    return int(limit) / int(period) if limit.isdecimal() else None
