"""A cataloger that is killed while files wait loses none of them, and fails none."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from landfall.deployment import Deployment
from landfall.local import services
from landfall.local.processes import Process
from landfall.local.reach import Reach
from landfall.local.readiness import await_worker
from landfall.local.stack import LocalStack
from landfall.waiting import wait_until
from shared.events import envelope
from tests.integration.cataloger.lake import Lake, event

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

VISIBILITY_SECONDS = 3
WAIT_SECONDS = 4  # longer than that
ROWS = pa.table({"n": [1, 2]})
FILES = 5


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

    def start(self) -> Process:
        logs = self._logs / str(len(self.started))
        process = services.start("cataloger", self._reach, self._deployment, self._overrides, logs)
        self.started.append(process)
        await_worker(process, 30)
        return process

    def end(self) -> None:
        for process in self.started:
            process.ask_to_end()
            process.await_end(10)


@pytest.fixture
def queues(lake: Lake) -> Queues:
    lake.clients.s3.put_bucket_versioning(Bucket=lake.ingest, VersioningConfiguration={"Status": "Enabled"})
    return Queues(lake)


@pytest.fixture
def catalogers(
    lake: Lake, queues: Queues, stack: LocalStack, crawler_endpoint: str, tmp_path: Path
) -> Iterator[Catalogers]:
    reach = Reach(stack.endpoint, crawler_endpoint)
    running = Catalogers(reach, lake, stack.deployment, queues, tmp_path)
    try:
        yield running
    finally:
        running.end()


def test_files_whose_cataloger_was_killed_are_catalogued_by_the_next(
    lake: Lake, queues: Queues, catalogers: Catalogers
) -> None:
    files = [lake.normalized("sent", "append", ROWS, key=f"landing/{n}.zip") for n in range(FILES)]
    for file in files:
        queues.send(envelope(event(file)))
    first = catalogers.start()
    wait_until(lambda: lake.crawls() or None, within=20)
    os.kill(first.pid, signal.SIGKILL)
    catalogers.start()
    wait_until(lambda: queues.is_empty() or None, within=60)
    assert [lake.manifest(file).tables[0].table for file in files] == ["sent"] * FILES
    # Two receives, or three where the dead poll's connection swallowed one; five would be a dead letter.
    assert max(lake.manifest(file).attempt for file in files) in (2, 3)


def test_waiting_past_the_visibility_time_out_is_no_other_receive(
    lake: Lake, queues: Queues, catalogers: Catalogers
) -> None:
    lake.clients.glue.start_crawler(
        Name=lake.name
    )  # so that the file waits for two crawls: over three seconds
    file = lake.normalized("sent", "append", ROWS)
    queues.send(envelope(event(file)))
    catalogers.start()
    wait_until(lambda: queues.is_empty() or None, within=60)
    done = lake.manifest(file)
    assert (done.finished_at - done.started_at).total_seconds() > VISIBILITY_SECONDS
    assert done.attempt == 1
