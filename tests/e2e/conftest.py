"""The whole chain as an operator runs it: emulator, stacks, crawler and the four services as processes."""

from __future__ import annotations

import io
import json
import os
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from landfall.demo.subscriber import FileOutcome, OutcomeSubscriber
from landfall.landing import Encryption, encrypted, land
from landfall.local.stack import LocalStack
from landfall.local.starting import Options
from landfall.operating.dead_letters import DeadLetter, held
from landfall.target import Target
from landfall.waiting import wait_until
from shared.identity import LandedFile
from tests.permissions.guarding import guarded_services

WITHIN = 120.0


@dataclass
class Chain:
    """A running chain, a subscriber of its outcomes, and a tap on every event of its bus."""

    home: Path
    target: Target
    outcomes: OutcomeSubscriber
    tap_url: str
    events: list[str] = field(default_factory=list)

    def land(
        self,
        body: bytes,
        key: str,
        encryption: Encryption = Encryption.NONE,
        context: Mapping[str, str] | None = None,
    ) -> LandedFile:
        with encrypted(self.target, io.BytesIO(body), encryption, context) as sealed:
            return land(self.target, sealed, f"landing/{key}")

    def outcome(self, file: LandedFile) -> FileOutcome:
        return self.outcomes.await_outcome(file.file_id, WITHIN)

    def objects(self, bucket: str, prefix: str = "") -> dict[str, bytes]:
        s3 = boto3.client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}

    def curated(self, file: LandedFile) -> dict[str, bytes]:
        every = self.objects(self.target.deployment.curated_bucket)
        return {key: body for key, body in every.items() if file.file_id in key}

    def ingest(self, prefix: str) -> dict[str, bytes]:
        return self.objects(self.target.deployment.ingest_bucket, prefix)

    def versions(self, key: str) -> set[str]:
        answer = boto3.client("s3").list_object_versions(
            Bucket=self.target.deployment.ingest_bucket, Prefix=f"landing/{key}"
        )
        return {version["VersionId"] for version in answer.get("Versions", [])}

    def dead_letters(self) -> list[dict[str, Any]]:
        with held(self.target.sqs(), self.target.deployment.queues) as letters:
            return [{"stage": each.stage, "code": each.code, "file_ids": each.file_ids} for each in letters]

    def await_letter(self, file: LandedFile) -> DeadLetter:
        """The file's dead letter; a worker sends it after it has announced the failure."""

        def letter() -> DeadLetter | None:
            with held(self.target.sqs(), self.target.deployment.queues) as letters:
                return next((each for each in letters if file.file_id in each.file_ids), None)

        return wait_until(letter, within=WITHIN)

    def event_texts(self) -> list[str]:
        sqs = boto3.client("sqs")
        while messages := sqs.receive_message(QueueUrl=self.tap_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.events.append(message["Body"])
                sqs.delete_message(QueueUrl=self.tap_url, ReceiptHandle=message["ReceiptHandle"])
        return self.events

    def logs(self) -> str:
        return "\n".join(path.read_text(encoding="utf-8") for path in self.home.glob("logs/*.log"))


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """One chain for all end-to-end tests; each lands files under keys of its own.

    The services' calls are held against their roles: an error in the end that no test has on its own.
    """
    home = tmp_path_factory.mktemp("landfall")
    options = Options(home=home, endpoint=None, glue_endpoint=None, port=0, services=(), crawl_seconds=0.3)
    before = dict(os.environ)
    with LocalStack.up(options) as stack:
        os.environ.update(stack.environment())
        try:
            target = Target(stack.deployment, local=True)
            with (
                guarded_services(stack),
                OutcomeSubscriber(stack.deployment, f"e2e-{uuid.uuid4().hex[:8]}") as outcomes,
            ):
                yield Chain(home, target, outcomes, _tap(stack.deployment.event_bus))
        finally:
            os.environ.clear()
            os.environ.update(before)


def _tap(bus: str) -> str:
    """A queue that receives every event of the bus."""
    sqs, events = boto3.client("sqs"), boto3.client("events")
    url = sqs.create_queue(QueueName="e2e-tap")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = json.dumps({"source": ["landfall"]})
    events.put_rule(Name="e2e-tap", EventBusName=bus, EventPattern=pattern)
    events.put_targets(Rule="e2e-tap", EventBusName=bus, Targets=[{"Id": "tap", "Arn": arn}])
    return url
