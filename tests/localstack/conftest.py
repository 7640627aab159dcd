"""The compose file in real containers, brought up for these tests and taken down after them.

Run by ``make test-localstack``. Variables: ``LANDFALL_BUILD=0`` takes the images that are there,
``LANDFALL_KEEP=1`` leaves the containers up afterwards.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.session import get_session
from localstack_client.session import Session

from landfall.demo.subscriber import OutcomeSubscriber
from landfall.deployment import SERVICES, read_deployment
from landfall.encryption import encrypt_esdk
from landfall.landing import Encryption
from landfall.local.ports import answers, claim
from landfall.target import Target
from landfall.waiting import wait_until
from shared.identity import LandedFile
from shared.stages import Stage
from tests.e2e.conftest import Chain
from tests.localstack.engine import Engine

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PROJECT = "landfall-test"
# What docs/localstack.md records of a run, told at its end: how long it took, and how large the images are.
FACTS = pytest.StashKey[list[str]]()
WITHIN = 240.0
# A killed service's message is back after this long.
VISIBILITY_SECONDS = 15


@dataclass
class Compose:
    """The chain in containers, and a client of LocalStack."""

    engine: Engine
    chain: Chain
    s3: S3Client

    def land(self, body: bytes, key: str, encryption: Encryption = Encryption.NONE) -> LandedFile:
        """Put a file with localstack-client, as a test of one's own would."""
        bucket = self.chain.target.deployment.ingest_bucket
        sealed = self.encrypted(body) if encryption is Encryption.ESDK else body
        version = self.s3.put_object(Bucket=bucket, Key=key, Body=sealed)["VersionId"]
        info = self.s3.head_object(Bucket=bucket, Key=key, VersionId=version)
        return LandedFile(
            bucket=bucket,
            key=key,
            version_id=version,
            size=info["ContentLength"],
            landed_at=info["LastModified"],
        )

    def encrypted(self, body: bytes) -> bytes:
        """By the AWS Encryption SDK under the deployment's landing key."""
        sealed = io.BytesIO()
        key = self.chain.target.deployment.landing_key_arn
        encrypt_esdk(io.BytesIO(body), sealed, key, {"purpose": "landfall"}, get_session())
        return sealed.getvalue()

    def await_healthy(self, service: str) -> None:
        wait_until(lambda: self.engine.healthy(service) or None, within=WITHIN, every=0.5)

    def await_in_work(self, stage: Stage) -> None:
        """Until a message of the stage is with its service."""
        sqs, url = self.chain.target.sqs(), self.chain.target.deployment.queues[stage].url

        def in_work() -> bool | None:
            told = sqs.get_queue_attributes(
                QueueUrl=url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"]
            )
            return int(told["Attributes"]["ApproximateNumberOfMessagesNotVisible"]) > 0 or None

        wait_until(in_work, within=WITHIN, every=0.02)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the facts of the run."""
    for fact in config.stash.get(FACTS, []):
        terminalreporter.write_line(fact)


@contextmanager
def _timed(what: str, facts: list[str]) -> Iterator[None]:
    began = time.monotonic()
    yield
    facts.append(f"{what}: {time.monotonic() - began:.0f} s")


@pytest.fixture(scope="session")
def compose(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Compose]:
    before = dict(os.environ)
    aws, glue = claim(0, 0)
    ports = {"LOCALSTACK_PORT": str(aws), "GLUE_PORT": str(glue)}
    engine = Engine.find(PROJECT, {**os.environ, **ports, "VISIBILITY_SECONDS": str(VISIBILITY_SECONDS)})
    if engine is None:
        pytest.skip("neither docker compose nor podman-compose is here")
    os.environ.update(
        {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{aws}",
            "AWS_ENDPOINT_URL_GLUE": f"http://127.0.0.1:{glue}",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
    )
    facts = pytestconfig.stash.setdefault(FACTS, [])
    try:
        if os.environ.get("LANDFALL_BUILD") != "0":
            with _timed("building the images", facts):
                engine.build("glue-catalog", "glue", *SERVICES)
        images = [f"localhost/landfall/{service}" for service in (*SERVICES, "cli", "emulator")]
        facts += [f"image {image}: {engine.size(image) / 1e6:.0f} MB" for image in images]
        with _timed("starting everything", facts):
            _start(engine, aws, glue)
        yield from _chain(engine, tmp_path_factory.mktemp("localstack"))
    finally:
        if os.environ.get("LANDFALL_KEEP") != "1":
            engine.down()
        os.environ.clear()
        os.environ.update(before)


def _start(engine: Engine, aws: int, glue: int) -> None:
    """In the order of the file's ``depends_on``, each awaited."""
    engine.create("localstack", "glue-catalog")
    wait_until(lambda: answers(aws, "/_localstack/health") or None, within=WITHIN, every=0.5)
    engine.create("glue")
    wait_until(lambda: answers(glue, "/_landfall/health") or None, within=WITHIN, every=0.5)
    for once in ("deploy-glue", "deploy"):
        engine.create(once)
        assert engine.exit_code(once) == 0, engine.logs(once)
    engine.create(*SERVICES)
    wait_until(lambda: all(map(engine.healthy, SERVICES)) or None, within=WITHIN, every=0.5)


def _chain(engine: Engine, home: Path) -> Iterator[Compose]:
    found = read_deployment(boto3.client("cloudformation"))
    # LocalStack only pretends to have made these two; the Glue sidecar has them.
    deployment = replace(found, database="landfall", crawler="landfall-curated")
    with OutcomeSubscriber(deployment, "localstack-test") as outcomes:
        chain = Chain(home, Target(deployment, local=True), outcomes, "")
        yield Compose(engine, chain, Session().client("s3"))
