"""Every outcome as a subscriber of both topics gets it, however often."""

from __future__ import annotations

import json
import uuid
from types import TracebackType
from typing import Any, Self

import boto3

from landfall.demo.subscription import subscribed_queue
from landfall.deployment import Deployment


class Deliveries:
    """A queue that is subscribed to both topics while the block runs."""

    def __init__(self, deployment: Deployment) -> None:
        self._subscription = subscribed_queue(deployment, f"outcomes-{uuid.uuid4().hex[:8]}")
        self._sqs = boto3.client("sqs")
        self._received: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        self._url = self._subscription.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._subscription.__exit__(kind, error, trace)

    def take(self) -> list[dict[str, Any]]:
        """Outcomes that have come and were not taken yet."""
        taken: list[dict[str, Any]] = []
        while messages := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            taken += [json.loads(json.loads(message["Body"])["Message"]) for message in messages]
            self._sqs.delete_message_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]}
                    for n, message in enumerate(messages)
                ],
            )
        return taken

    def receive(self) -> list[dict[str, Any]]:
        """All outcomes that have come so far, in the order in which they came."""
        self._received += self.take()
        return self._received

    def of(self, file_id: str) -> list[dict[str, Any]]:
        """Those of one file."""
        return [outcome for outcome in self.receive() if outcome.get("file_id") == file_id]

    def of_generation(self, file_id: str, generation: int) -> list[dict[str, Any]]:
        """Those of one run over a file."""
        return [outcome for outcome in self.of(file_id) if outcome["generation"] == generation]
