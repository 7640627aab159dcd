"""AWS in memory as a whole: buckets, queues with redrive, the bus between them, topics, a catalog."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from shared.stages import Stage
from tests.doubles.glue import InMemoryGlue
from tests.doubles.s3 import EPOCH, InMemoryS3
from tests.doubles.sns import InMemorySns

VISIBILITY = 30
MAX_RECEIVES = 5
INGEST, CURATED = "ingest", "curated"
ROUTES = {
    "FileDecrypted": Stage.NORMALIZE,
    "FileNormalized": Stage.CATALOG,
    "FileCataloged": Stage.ARCHIVE,
    "FileFailed": Stage.ARCHIVE,
    "MessageRejected": Stage.ARCHIVE,
}


@dataclass(slots=True)
class Item:
    """A message in a queue."""

    message_id: str
    body: str
    sent_at: float
    visible_at: float = 0.0
    receives: int = 0


@dataclass(slots=True)
class StageQueue:
    """A stage's queue and its dead letters."""

    items: list[Item] = field(default_factory=list)
    dead: list[Item] = field(default_factory=list)


class Sqs:
    """All queues; a URL is a stage's name, with ``!`` before it for the dead letters."""

    def __init__(self, clock: Callable[[], float], random: Random) -> None:
        self.queues = {stage: StageQueue() for stage in Stage}
        self.sent: list[tuple[Stage, str]] = []
        self._clock = clock
        self._random = random
        self._ids = itertools.count(1)

    def send(self, stage: Stage, body: str) -> None:
        """Put a message into a stage's queue; ``sent`` remembers all."""
        self.sent.append((stage, body))
        self.queues[stage].items.append(self._new(body))

    def redrive(self, stage: Stage) -> None:
        """Send every dead letter of a stage back to work."""
        dead, self.queues[stage].dead = self.queues[stage].dead, []
        for item in dead:
            self.queues[stage].items.append(self._new(item.body))

    def visible(self, stage: Stage) -> list[Item]:
        """What a receive can bring; what was received too often goes to the dead letters instead."""
        queue, now = self.queues[stage], self._clock()
        for item in [
            each for each in queue.items if each.visible_at <= now and each.receives >= MAX_RECEIVES
        ]:
            queue.items.remove(item)
            queue.dead.append(item)
        return [item for item in queue.items if item.visible_at <= now]

    async def get_queue_attributes(self, **_: Any) -> Any:
        policy = json.dumps({"maxReceiveCount": MAX_RECEIVES})
        return {"Attributes": {"VisibilityTimeout": str(VISIBILITY), "RedrivePolicy": policy}}

    async def receive_message(self, *, QueueUrl: str, MaxNumberOfMessages: int, **_: Any) -> Any:
        visible = self.visible(Stage(QueueUrl))
        chosen = self._random.sample(visible, min(MaxNumberOfMessages, len(visible)))  # in no order
        for item in chosen:
            item.receives += 1
            item.visible_at = self._clock() + VISIBILITY
        return {
            "Messages": [
                {
                    "MessageId": item.message_id,
                    "ReceiptHandle": f"{item.message_id}/{item.receives}",
                    "Body": item.body,
                    "Attributes": {
                        "ApproximateReceiveCount": str(item.receives),
                        "SentTimestamp": str(round((EPOCH.timestamp() + item.sent_at) * 1000)),
                    },
                }
                for item in chosen
            ]
        }

    async def change_message_visibility(
        self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int
    ) -> Any:
        for item in self._of(QueueUrl, ReceiptHandle):
            item.visible_at = self._clock() + VisibilityTimeout
        return {}

    async def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> Any:
        for item in self._of(QueueUrl, ReceiptHandle):
            self.queues[Stage(QueueUrl)].items.remove(item)
        return {}

    async def send_message(self, *, QueueUrl: str, MessageBody: str, MessageAttributes: Any) -> Any:
        self.queues[Stage(QueueUrl.removeprefix("!"))].dead.append(self._new(MessageBody))
        return {}

    def now(self) -> str:
        """What time it is, as events tell it."""
        return (EPOCH + timedelta(seconds=self._clock())).isoformat()

    def _new(self, body: str) -> Item:
        """One that nobody has received: SQS counts anew when a dead letter is sent back."""
        return Item(f"m{next(self._ids)}", body, self._clock())

    def _of(self, url: str, receipt: str) -> list[Item]:
        # An old receipt still works on AWS, which is the worse case for two workers on one message.
        wanted = receipt.partition("/")[0]
        return [item for item in self.queues[Stage(url)].items if item.message_id == wanted]


class Bus:
    """Routes events to the queues at once, as the rules of deploy/ecs/messaging.yaml do."""

    def __init__(self, sqs: Sqs) -> None:
        self._sqs = sqs

    async def put_events(self, *, Entries: list[dict[str, str]]) -> Any:
        for entry in Entries:
            stage = ROUTES.get(entry["DetailType"])
            if stage is not None:
                self._sqs.send(
                    stage, json.dumps({"time": self._sqs.now(), "detail": json.loads(entry["Detail"])})
                )
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"} for _ in Entries]}


class Aws:
    """Everything together."""

    def __init__(self, clock: Callable[[], float], random: Random) -> None:
        self.s3 = InMemoryS3()
        self.sqs = Sqs(clock, random)
        self.bus = Bus(self.sqs)
        self.sns = InMemorySns()
        self.glue = InMemoryGlue()

    def land(self, key: str, body: bytes) -> str:
        """Put a file; S3 notifies the first queue. Gives the version."""
        version = self.s3.put(INGEST, f"landing/{key}", body).version_id
        described = {"key": f"landing/{key}", "size": len(body), "versionId": version}
        record = {
            "eventName": "ObjectCreated:Put",
            "eventTime": self.sqs.now(),
            "s3": {"bucket": {"name": INGEST}, "object": described},
        }
        self.sqs.send(Stage.DECRYPT, json.dumps({"Records": [record]}))
        return version
