"""The local Glue front as a process of the local stack."""

from __future__ import annotations

import sys
from pathlib import Path

from landfall.local.glue.health import HEALTH_PATH
from landfall.local.processes import Process
from landfall.local.reach import Reach, environment_without_aws

__all__ = ["HEALTH_PATH", "start"]


def start(reach: Reach, port: int, crawl_seconds: float, logs: Path) -> Process:
    """Start it on ``port``, in front of ``reach.endpoint``."""
    command = [sys.executable, "-P", "-m", "landfall.local.glue"]
    command += ["--upstream", reach.endpoint, "--port", str(port), "--crawl-seconds", str(crawl_seconds)]
    environment = environment_without_aws() | reach.environment() | {"PYTHONUNBUFFERED": "1"}
    return Process.start("glue", command, environment, logs / "glue.log")
