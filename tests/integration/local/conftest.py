"""Fixtures of the local stack's own tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from landfall.local import front
from landfall.local.glue.health import HEALTH_PATH
from landfall.local.ports import LOOPBACK, claim
from landfall.local.readiness import await_http
from landfall.local.stack import LocalStack
from tests.integration.local.lake import Lake
from tests.stack import Clients

SLOW_CRAWL_SECONDS = 10.0


@pytest.fixture
def lake(clients: Clients) -> Lake:
    """A lake with a quick crawler."""
    return Lake(clients)


@pytest.fixture(scope="session")
def slow_clients(
    stack: LocalStack, clients: Clients, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Clients]:
    """The same emulator behind another front, whose crawls take so long that a test can act meanwhile."""
    (port,) = claim(0)
    process = front.start(stack.reach, port, SLOW_CRAWL_SECONDS, tmp_path_factory.mktemp("slow-front"))
    try:
        await_http(process, port, HEALTH_PATH, within=30)
        glue = stack.session().client("glue", endpoint_url=f"http://{LOOPBACK}:{port}")
        yield replace(clients, glue=glue)
    finally:
        process.ask_to_end()
        process.await_end(5)


@pytest.fixture
def slow_lake(slow_clients: Clients) -> Lake:
    """A lake whose crawler runs until it is stopped, as far as a test can tell."""
    return Lake(slow_clients)
