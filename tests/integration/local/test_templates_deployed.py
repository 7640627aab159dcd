"""The templates deployed: what lands is announced, and events reach the queue of the next stage."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from landfall.local.stack import LocalStack
from shared.stages import Stage
from tests.stack import Clients


def take(clients: Clients, queue: str) -> dict[str, Any]:
    """The next message's body, deleted from its queue."""
    received = clients.sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)
    (message,) = received["Messages"]
    clients.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    body: dict[str, Any] = json.loads(message["Body"])
    return body


@pytest.fixture(autouse=True)
def empty_queues(stack: LocalStack, clients: Clients) -> None:
    """Nothing of other tests is in the queues; S3 sends one test event when it is configured."""
    for queue in stack.deployment.queues.values():
        clients.sqs.purge_queue(QueueUrl=queue.url)


def test_a_landed_version_is_announced_with_its_version(stack: LocalStack, clients: Clients) -> None:
    key = f"landing/{uuid.uuid4()} é+1.zip"
    put = clients.s3.put_object(Bucket=stack.deployment.ingest_bucket, Key=key, Body=b"x")
    notice = take(clients, stack.deployment.queues[Stage.DECRYPT].url)
    assert notice["Records"][0]["s3"]["object"]["versionId"] == put["VersionId"]


def test_only_what_lands_is_announced(stack: LocalStack, clients: Clients) -> None:
    for key in ("raw/x", "archive/landing/x", "landings/x", "landing/y"):
        clients.s3.put_object(Bucket=stack.deployment.ingest_bucket, Key=key, Body=b"x")
    first = take(clients, stack.deployment.queues[Stage.DECRYPT].url)
    assert first["Records"][0]["s3"]["object"]["key"] == "landing/y"


@pytest.mark.parametrize(
    ("event", "stage"),
    [
        ("FileDecrypted", Stage.NORMALIZE),
        ("FileNormalized", Stage.CATALOG),
        ("FileCataloged", Stage.ARCHIVE),
        ("FileFailed", Stage.ARCHIVE),
        ("MessageRejected", Stage.ARCHIVE),
    ],
)
def test_an_event_reaches_the_stage_that_it_concerns(
    stack: LocalStack, clients: Clients, event: str, stage: Stage
) -> None:
    publish(stack, clients, "landfall", event)
    delivered = take(clients, stack.deployment.queues[stage].url)
    assert delivered["detail-type"] == event


def test_events_of_others_reach_nobody(stack: LocalStack, clients: Clients) -> None:
    publish(stack, clients, "somebody.else", "FileDecrypted")
    publish(stack, clients, "landfall", "FileDecrypted")
    assert take(clients, stack.deployment.queues[Stage.NORMALIZE].url)["source"] == "landfall"


def test_buckets_keep_every_version(stack: LocalStack, clients: Clients) -> None:
    for bucket in (stack.deployment.ingest_bucket, stack.deployment.curated_bucket):
        assert clients.s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def publish(stack: LocalStack, clients: Clients, source: str, event: str) -> None:
    clients.events.put_events(
        Entries=[
            {
                "Source": source,
                "DetailType": event,
                "Detail": "{}",
                "EventBusName": stack.deployment.event_bus,
            }
        ]
    )
