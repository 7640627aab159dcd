"""The SQS queue of one service, and its dead-letter queue."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shared.errors import ConfigurationError, LandfallError
from shared.messages import Message

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient
    from types_aiobotocore_sqs.type_defs import MessageAttributeValueTypeDef

_ATTRIBUTE_CHARS = 1024  # a reason is a sentence
_MESSAGE_BYTES = 1 << 20  # what SQS takes, attributes with their names and types included


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How the queue is set up; the worker follows it rather than repeat it in settings."""

    visibility_seconds: int
    max_receives: int


class Queue:
    """Receive, extend, hand back, finish, and dead-letter messages."""

    def __init__(self, client: SQSClient, url: str, dead_letter_url: str) -> None:
        self._client = client
        self._url = url
        self._dead_letter_url = dead_letter_url

    async def limits(self) -> QueueLimits:
        """Read the queue's visibility time-out and redrive policy.

        Raises:
            ConfigurationError: the queue has no dead-letter queue, so a crash loop would never end.
        """
        answer = await self._client.get_queue_attributes(
            QueueUrl=self._url, AttributeNames=["VisibilityTimeout", "RedrivePolicy"]
        )
        attributes = answer["Attributes"]
        if "RedrivePolicy" not in attributes:
            raise ConfigurationError("the queue in LANDFALL_QUEUE_URL has no redrive policy")
        policy = json.loads(attributes["RedrivePolicy"])
        return QueueLimits(int(attributes["VisibilityTimeout"]), int(policy["maxReceiveCount"]))

    async def receive(self, most: int, wait_seconds: int) -> list[Message]:
        """Long-poll for up to ``most`` (at most ten) messages."""
        answer = await self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(10, most),
            WaitTimeSeconds=wait_seconds,
            MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
        )
        return [
            Message(
                message_id=item["MessageId"],
                receipt=item["ReceiptHandle"],
                body=item["Body"],
                receive_count=int(item["Attributes"]["ApproximateReceiveCount"]),
                sent_at=datetime.fromtimestamp(int(item["Attributes"]["SentTimestamp"]) / 1000, UTC),
            )
            for item in answer.get("Messages", [])
        ]

    async def hide(self, message: Message, seconds: int) -> None:
        """Keep a message from other workers for so long from now; 0 hands it back at once."""
        await self._client.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=message.receipt, VisibilityTimeout=seconds
        )

    async def delete(self, message: Message) -> None:
        """The message's work is done."""
        await self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message.receipt)

    async def dead_letter(self, message: Message, error: LandfallError, stage: str, file_id: str) -> None:
        """Move a message to the dead-letter queue with its reason; sent before it is deleted here."""
        reasons = {
            "stage": stage,
            "code": error.code,
            "reason": error.message,
            "file_id": file_id,
            "receives": str(message.receive_count),
            "message_id": message.message_id,  # SQS gives the letter another, and the outcome names this one
        }
        attributes: dict[str, MessageAttributeValueTypeDef] = {
            name: {"DataType": "String", "StringValue": value[:_ATTRIBUTE_CHARS]}
            for name, value in reasons.items()
            if value
        }
        size = len(message.body.encode()) + sum(map(_size, attributes.items()))
        if size > _MESSAGE_BYTES:  # the reason is in the log and in the outcome; the message must not be lost
            attributes = {}
        await self._client.send_message(
            QueueUrl=self._dead_letter_url, MessageBody=message.body, MessageAttributes=attributes
        )
        await self.delete(message)


def _size(attribute: tuple[str, MessageAttributeValueTypeDef]) -> int:
    name, value = attribute
    return len(name) + len(value["DataType"]) + len(value.get("StringValue", "").encode())
