"""Lakes for the cataloger's tests, behind a crawler whose runs last long enough to act meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from landfall.local import front
from landfall.local.ports import LOOPBACK, claim
from landfall.local.reach import Reach
from landfall.local.readiness import await_http
from landfall.local.stack import LocalStack
from tests.integration.cataloger.lake import Lake
from tests.integration.cataloger.service import Catalogers, Queues
from tests.stack import Clients

CRAWL_SECONDS = 1.5


@pytest.fixture(scope="session")
def crawler_endpoint(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Another Glue front before the same emulator."""
    (port,) = claim(0)
    process = front.start(stack.reach, port, CRAWL_SECONDS, tmp_path_factory.mktemp("front"))
    try:
        await_http(process, port, front.HEALTH_PATH, within=30)
        yield f"http://{LOOPBACK}:{port}"
    finally:
        process.ask_to_end()
        process.await_end(5)


@pytest.fixture
def lake(
    stack_environment: LocalStack,
    clients: Clients,
    crawler_endpoint: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Lake:
    """A lake of this test's own."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_GLUE", crawler_endpoint)
    glue = stack_environment.session().client("glue", endpoint_url=crawler_endpoint)
    return Lake(replace(clients, glue=glue), stack_environment.deployment)


@pytest.fixture
def queues(lake: Lake) -> Queues:
    """A queue of this test's own; its lake is fit for the service, which wants versions."""
    lake.clients.s3.put_bucket_versioning(Bucket=lake.ingest, VersioningConfiguration={"Status": "Enabled"})
    return Queues(lake)


@pytest.fixture
def catalogers(
    lake: Lake, queues: Queues, stack: LocalStack, crawler_endpoint: str, tmp_path: Path
) -> Iterator[Catalogers]:
    """The service over this test's lake and queue."""
    reach = Reach(stack.endpoint, crawler_endpoint)
    running = Catalogers(reach, lake, stack.deployment, queues, tmp_path)
    try:
        yield running
    finally:
        running.end()
