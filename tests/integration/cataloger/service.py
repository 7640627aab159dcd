"""The cataloger as a process, with a queue of one test's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from landfall.deployment import Deployment
from landfall.local import services
from landfall.local.processes import Process
from landfall.local.reach import Reach
from landfall.local.readiness import await_worker
from tests.integration.cataloger.lake import Lake

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

VISIBILITY_SECONDS = 3
WAIT_SECONDS = 4  # longer than that: every file outlives its first visibility time-out


class Queues:
    """A queue like the stack's own, but a message comes back soon after its worker died."""

    def __init__(self, lake: Lake) -> None:
        self._sqs = lake.clients.sqs
        self.dead_letter_url = self._sqs.create_queue(QueueName=f"{lake.name}-dead")["QueueUrl"]
        arn = self._attributes(self.dead_letter_url)["QueueArn"]
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
        self.url = self._sqs.create_queue(
            QueueName=lake.name,
            Attributes={"VisibilityTimeout": str(VISIBILITY_SECONDS), "RedrivePolicy": policy},
        )["QueueUrl"]

    def send(self, body: str) -> None:
        self._sqs.send_message(QueueUrl=self.url, MessageBody=body)

    def is_empty(self) -> bool:
        """Nothing waits, nothing is in flight, and nothing has been given up."""
        counts = [self._attributes(url) for url in (self.url, self.dead_letter_url)]
        return all(
            each["ApproximateNumberOfMessages"] == each["ApproximateNumberOfMessagesNotVisible"] == "0"
            for each in counts
        )

    def _attributes(self, url: str) -> Mapping[QueueAttributeNameType, str]:
        return self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


class Catalogers:
    """Starts the service as a process, and ends whatever was started."""

    def __init__(self, reach: Reach, lake: Lake, deployment: Deployment, queues: Queues, logs: Path) -> None:
        self._reach, self._deployment, self._logs = reach, deployment, logs
        self._overrides = {
            "LANDFALL_INGEST_BUCKET": lake.ingest,
            "LANDFALL_DATABASE": lake.name,
            "LANDFALL_CRAWLER": lake.name,
            "LANDFALL_QUEUE_URL": queues.url,
            "LANDFALL_DEAD_LETTER_QUEUE_URL": queues.dead_letter_url,
            "LANDFALL_CRAWL_MARGIN_SECONDS": str(WAIT_SECONDS),
        }
        self.started: list[Process] = []

    def start(self, **settings: str) -> Process:
        logs = self._logs / str(len(self.started))
        overrides = self._overrides | {f"LANDFALL_{name.upper()}": value for name, value in settings.items()}
        process = services.start("cataloger", self._reach, self._deployment, overrides, logs)
        self.started.append(process)
        await_worker(process, 30)
        return process

    def end(self) -> None:
        for process in self.started:
            process.ask_to_end()
            process.await_end(10)
