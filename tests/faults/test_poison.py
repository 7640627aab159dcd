"""Messages and keys that no one should send: each ends where it should, and the next file goes its way."""

from __future__ import annotations

import json
import uuid
from typing import Any

import boto3
import pytest

from landfall.waiting import wait_until
from shared.stages import Stage
from tests.builders import landed, notification
from tests.faults.samples import plain
from tests.faults.trial import Arena

MESSAGE_BYTES = 1 << 20


def send(arena: Arena, stage: Stage, body: str) -> str:
    queue = arena.target.deployment.queues[stage].url
    return boto3.client("sqs").send_message(QueueUrl=queue, MessageBody=body)["MessageId"]


def letters(arena: Arena, stage: Stage) -> list[str]:
    """The bodies of a stage's dead letters, which are gone then."""
    sqs, url = boto3.client("sqs"), arena.target.deployment.queues[stage].dead_letter_url
    bodies = []
    while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for each in found:
            bodies.append(each["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    return bodies


def rejections(arena: Arena, message_id: str) -> list[dict[str, Any]]:
    return [each for each in arena.deliveries.receive() if each.get("message_id") == message_id]


def event(kind: str, bucket: str, **more: object) -> str:
    """One of our events, as EventBridge delivers it."""
    file = landed().model_copy(update={"bucket": bucket}).model_dump(mode="json")
    detail = {"type": kind, "event_id": "e", "file": file, "generation": 0, "manifest_key": "m", **more}
    return json.dumps({"version": "0", "source": "landfall", "detail-type": kind, "detail": detail})


@pytest.fixture
def empty(arena: Arena) -> Arena:
    """The stack, without dead letters."""
    for stage in Stage:
        letters(arena, stage)
    return arena


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize(
    "body",
    [
        pytest.param("{not json", id="no JSON"),
        pytest.param("[]", id="a list"),
        pytest.param('"text"', id="a text"),
        pytest.param('{"some": "object"}', id="an object"),
        pytest.param('{"Records": "none"}', id="no records"),
        pytest.param('{"Records": [{"eventName": "ObjectCreated:Put"}]}', id="half a record"),
        pytest.param('{"detail": {"type": "OrderPlaced", "id": 7}}', id="foreign"),
        pytest.param('{"source": "aws.ec2", "detail-type": "EC2 Instance", "detail": {}}', id="of AWS"),
        pytest.param("x" * MESSAGE_BYTES, id="1 MiB"),
    ],
)
def test_a_message_that_is_not_ours_is_set_aside_and_reported(empty: Arena, stage: Stage, body: str) -> None:
    message_id = send(empty, stage, body)
    wait_until(lambda: (rejections(empty, message_id) and empty.auditor.quiet()) or None, within=60)
    ids = {(each["outcome_id"], each["code"], each["stage"]) for each in rejections(empty, message_id)}
    assert len(ids) == 1
    assert ids.pop()[1:] == ("MESSAGE_UNREADABLE", stage.value)
    assert letters(empty, stage) == [body]


def test_an_event_in_the_wrong_queue_is_set_aside_and_no_failure_of_its_file(empty: Arena) -> None:
    bucket = empty.target.deployment.ingest_bucket
    message_id = send(empty, Stage.NORMALIZE, event("FileCataloged", bucket))
    wait_until(lambda: (rejections(empty, message_id) and empty.auditor.quiet()) or None, within=60)
    assert len(letters(empty, Stage.NORMALIZE)) == 1
    assert empty.deliveries.of(landed().model_copy(update={"bucket": bucket}).file_id) == []


@pytest.mark.parametrize(
    ("stage", "body"),
    [
        pytest.param(Stage.DECRYPT, notification("landing/a.csv"), id="notification"),
        pytest.param(Stage.NORMALIZE, event("FileDecrypted", "other-bucket"), id="normalize"),
        pytest.param(Stage.CATALOG, event("FileNormalized", "other-bucket"), id="catalog"),
        pytest.param(Stage.ARCHIVE, event("FileCataloged", "other-bucket"), id="archive"),
    ],
)
def test_a_file_of_another_bucket_is_set_aside(empty: Arena, stage: Stage, body: str) -> None:
    message_id = send(empty, stage, body)
    wait_until(lambda: (rejections(empty, message_id) and empty.auditor.quiet()) or None, within=60)
    assert {each["code"] for each in rejections(empty, message_id)} == {"WRONG_BUCKET"}
    assert letters(empty, stage) == [body]


def test_a_file_outside_of_landing_is_set_aside(empty: Arena) -> None:
    body = notification("raw/a.csv").replace('"ingest"', f'"{empty.target.deployment.ingest_bucket}"')
    message_id = send(empty, Stage.DECRYPT, body)
    wait_until(lambda: (rejections(empty, message_id) and empty.auditor.quiet()) or None, within=60)
    assert {each["code"] for each in rejections(empty, message_id)} == {"WRONG_BUCKET"}
    assert letters(empty, Stage.DECRYPT) == [body]


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"}),
        notification("landing/folder/", size=0),
        notification("landing/a.csv", name="ObjectRemoved:Delete"),
    ],
    ids=["S3 test event", "folder marker", "deletion"],
)
def test_what_needs_no_work_leaves_no_trace(empty: Arena, body: str) -> None:
    before = len(empty.deliveries.receive())
    send(empty, Stage.DECRYPT, body)
    empty.settle([])
    assert letters(empty, Stage.DECRYPT) == []
    assert len(empty.deliveries.receive()) == before


@pytest.mark.parametrize(
    "key",
    [
        "with spaces and  two/Sent.csv",
        "plus+and%20percent%/Sent.csv",
        "&$@=;:+,?/Sent.csv",
        "quotes'\"`/Sent.csv",
        "braces{^}[~]<#>|\\/Sent.csv",
        "müßig/日本語/😀/Sent.csv",
        "e\u0301 decomposed/Sent.csv",
        "/Sent.csv",
        "a//b/Sent.csv",
        "./Sent.csv",
        "../../up/Sent.csv",
        "tab\tand\nnewline/Sent.csv",
        "." * 900 + "/Sent.csv",
        "ü" * 499 + "/Sent.csv",
        " Sent.csv",
        "deep/" * 190 + "Sent.csv",
    ],
    ids=lambda key: ascii(key[:24]),
)
def test_every_legal_key_is_processed(empty: Arena, key: str) -> None:
    folder = uuid.uuid4().hex[:8]
    landed = empty.land(plain, f"{folder}/{key}")
    empty.settle([landed])
    assert empty.auditor.audit(landed.sample, landed.file).faults == []
