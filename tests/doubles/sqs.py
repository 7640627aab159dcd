"""One SQS queue with visibility, in memory, whose clock the test moves."""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import dataclass, field
from typing import Any, cast

from shared.worker.queue import Queue

URL = "memory://queue"
DEAD_LETTERS = "memory://dead-letters"


@dataclass(slots=True)
class Held:
    """A message in the queue."""

    message_id: str
    body: str
    visible_at: float = 0.0
    receives: int = 0
    receipt: str = ""


@dataclass
class InMemorySqs:
    """``now`` is the queue's clock in seconds; every change wakes :meth:`settled`."""

    visibility: int = 30
    max_receives: int = 5
    now: float = 0.0
    messages: dict[str, Held] = field(default_factory=dict)
    dead_letters: list[dict[str, Any]] = field(default_factory=list)
    hidden_for: list[tuple[str, int]] = field(default_factory=list)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def queue(self) -> Queue:
        return Queue(cast("Any", self), URL, DEAD_LETTERS)

    def send(self, body: str) -> str:
        message_id = f"m{next(self._ids)}"
        self.messages[message_id] = Held(message_id, body)
        self._changed.set()
        return message_id

    async def until(self, condition: Any) -> None:
        """Wait until the condition holds, looking again at every change of the queue."""
        while not condition():
            self._changed.clear()
            await asyncio.wait_for(self._changed.wait(), timeout=30)

    async def get_queue_attributes(self, **_: Any) -> Any:
        return {
            "Attributes": {
                "VisibilityTimeout": str(self.visibility),
                "RedrivePolicy": json.dumps({"maxReceiveCount": self.max_receives}),
            }
        }

    async def receive_message(self, *, MaxNumberOfMessages: int, **_: Any) -> Any:
        visible = [m for m in self.messages.values() if m.visible_at <= self.now][:MaxNumberOfMessages]
        for message in visible:
            message.receives += 1
            message.visible_at = self.now + self.visibility
            message.receipt = f"{message.message_id}/{message.receives}"
        if not visible:
            await asyncio.sleep(0)
        return {
            "Messages": [
                {
                    "MessageId": m.message_id,
                    "ReceiptHandle": m.receipt,
                    "Body": m.body,
                    "Attributes": {"ApproximateReceiveCount": str(m.receives), "SentTimestamp": "0"},
                }
                for m in visible
            ]
        }

    async def change_message_visibility(self, *, ReceiptHandle: str, VisibilityTimeout: int, **_: Any) -> Any:
        message = self.messages[ReceiptHandle.partition("/")[0]]
        message.visible_at = self.now + VisibilityTimeout
        self.hidden_for.append((message.message_id, VisibilityTimeout))
        self._changed.set()
        return {}

    async def delete_message(self, *, ReceiptHandle: str, **_: Any) -> Any:
        self.messages.pop(ReceiptHandle.partition("/")[0], None)
        self._changed.set()
        return {}

    async def send_message(self, *, QueueUrl: str, MessageBody: str, MessageAttributes: Any) -> Any:
        assert QueueUrl == DEAD_LETTERS
        reasons = {name: value["StringValue"] for name, value in MessageAttributes.items()}
        self.dead_letters.append({"body": MessageBody, **reasons})
        self._changed.set()
        return {}
