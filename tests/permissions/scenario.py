"""What the services go through while their calls are recorded: every kind of file and of trouble once."""

from __future__ import annotations

import io
import json
import os
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3

from landfall.demo.extract import build_extract
from landfall.demo.subscriber import OutcomeSubscriber
from landfall.landing import Encryption
from landfall.local import services
from landfall.local.processes import Process
from landfall.local.reach import Reach
from landfall.local.readiness import await_worker
from landfall.local.stack import LocalStack
from landfall.target import Target
from shared.events import ReplayRequested
from shared.identity import LandedFile
from shared.outcomes import SuccessOutcome
from shared.stages import Stage
from tests.e2e.conftest import Chain
from tests.e2e.test_bad_input import sent, subscribers, zipped
from tests.permissions.policies import SERVICES
from tests.permissions.recorder import Recorder

_START_SECONDS = 60.0
# Whatever is encrypted and zipped is staged, however small.
_OVERRIDES = {"LANDFALL_STAGING_MEMORY_BYTES": "0"}


@dataclass
class Recorded:
    """The four services, each behind a recorder of its own (two for one that calls Glue)."""

    stack: LocalStack
    recorders: dict[str, tuple[Recorder, Recorder]]
    processes: dict[str, Process]

    def start(self, service: str, overrides: Mapping[str, str] = _OVERRIDES) -> None:
        """Start a service and wait until it polls."""
        aws, glue = self.recorders[service]
        reach = Reach(aws.endpoint, glue.endpoint)
        logs = self.stack.home / f"logs-{uuid.uuid4().hex[:6]}"
        process = services.start(service, reach, self.stack.deployment, overrides, logs)
        self.processes[service] = process
        await_worker(process, _START_SECONDS)

    def stop(self, service: str) -> None:
        """End a service as ECS does."""
        process = self.processes.pop(service)
        process.ask_to_end()
        assert process.await_end(30)


@contextmanager
def recorded_services(stack: LocalStack) -> Iterator[Recorded]:
    """Run the services over ``stack``, recording."""
    with ExitStack() as running:
        recorders = {
            service: (
                running.enter_context(Recorder(stack.endpoint).running()),
                running.enter_context(Recorder(stack.glue_endpoint).running()),
            )
            for service in SERVICES
        }
        recorded = Recorded(stack, recorders, {})
        try:
            for service in SERVICES:
                recorded.start(service)
            yield recorded
        finally:
            for service in list(recorded.processes):
                recorded.stop(service)


def play(recorded: Recorded, recipes: Path) -> None:
    """Send files through the chain until each call that it can make was made."""
    stack = recorded.stack
    os.environ.update(stack.environment())
    target = Target(stack.deployment, local=True)
    with OutcomeSubscriber(stack.deployment, "permissions") as outcomes:
        chain = Chain(stack.home, target, outcomes, "")
        extract = build_extract(seed=3, subscribers=50, events=200)
        first = _succeeds(chain, extract.zip_bytes, "unit/20260131_Extract.zip", Encryption.ESDK)
        _succeeds(chain, extract.zip_bytes, "unit/20260201_Extract.zip", Encryption.ESDK)
        _late_duplicate(chain, first)
        _succeeds(chain, subscribers(150) + b"7,too,few\r\n", "bad-row/Subscribers.csv")
        _fails(chain, b"", "empty/Subscribers.csv")
        _fails(chain, large_zip(damaged=True), "damaged/Large.zip")
        _fails(chain, large_zip(damaged=False), "large/Large.zip")
        _replayed(chain, first, Stage.DECRYPT, generation=1)
        moved = _succeeds(chain, zipped(Sent=sent(3)), "moved/20260131_Extract.zip")
        recorded.stop("normalizer")
        recorded.start("normalizer", {"LANDFALL_RECIPES": str(recipes)})
        _replayed(chain, moved, Stage.DECRYPT, generation=1)


def large_zip(*, damaged: bool) -> bytes:
    """A member that is uploaded in parts and has no recipe; damaged, it fails after its first parts."""
    packed = io.BytesIO()
    body = b"a\r\n" + b"".join(os.urandom(40).hex().encode() + b"\r\n" for _ in range(250_000))
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("Orders.csv", body)
    content = bytearray(packed.getvalue())
    if damaged:
        content[len(body) - 1000] ^= 1
    return bytes(content)


def _succeeds(chain: Chain, body: bytes, key: str, encryption: Encryption = Encryption.NONE) -> LandedFile:
    file = chain.land(body, key, encryption)
    outcome = chain.outcome(file)
    assert isinstance(outcome, SuccessOutcome), outcome
    return file


def _fails(chain: Chain, body: bytes, key: str) -> None:
    assert chain.outcome(chain.land(body, key)).status == "failed"


def _late_duplicate(chain: Chain, file: LandedFile) -> None:
    """S3 delivers the notification again after the file was archived."""
    described = {"key": file.key, "size": file.size, "versionId": file.version_id}
    record = {
        "eventName": "ObjectCreated:Put",
        "eventTime": file.landed_at.isoformat(),
        "s3": {"bucket": {"name": file.bucket}, "object": described},
    }
    _send(chain, Stage.DECRYPT, json.dumps({"Records": [record]}))


def _replayed(chain: Chain, file: LandedFile, stage: Stage, generation: int) -> None:
    """An operator forces a new generation of a file that is archived."""
    chain.outcomes.forget(file.file_id)
    request = ReplayRequested(
        file=file,
        generation=generation,
        replay=None,
    )
    _send(chain, stage, json.dumps({"detail": request.model_dump(mode="json")}))
    assert isinstance(chain.outcome(file), SuccessOutcome)


def _send(chain: Chain, stage: Stage, body: str) -> None:
    url = chain.target.deployment.queues[stage].url
    boto3.client("sqs").send_message(QueueUrl=url, MessageBody=body)
