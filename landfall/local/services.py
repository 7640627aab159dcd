"""The four services as processes of the local stack."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from landfall.deployment import SERVICES, Deployment
from landfall.local.processes import Process
from landfall.local.reach import Reach, environment_without_aws

ALL = tuple(SERVICES)
# A crawl costs nothing here and takes two seconds, and taking the stack down waits for the poll in flight.
_LOCAL = {
    "LANDFALL_CRAWL_MARGIN_SECONDS": "1",
    "LANDFALL_CRAWL_MIN_INTERVAL_SECONDS": "0",
    "LANDFALL_CRAWL_POLL_SECONDS": "0.25",
    "LANDFALL_POLL_WAIT_SECONDS": "2",
}


def start(
    service: str,
    reach: Reach,
    deployment: Deployment,
    overrides: Mapping[str, str],
    logs: Path,
    *,
    again: bool = False,
) -> Process:
    """Start one service; ``overrides`` win over everything else in its environment.

    ``again``: it ran before in this stack, and its log goes on.
    """
    environment = {
        **environment_without_aws(),
        **reach.environment(),
        **deployment.service_environment(service),
        **_LOCAL,
        **overrides,
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-P", "-m", f"services.{service}"]
    return Process.start(service, command, environment, logs / f"{service}.log", append=again)
