"""The dead-letter queues: looking at what lies there, and sending it back to work."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landfall.deployment import Queue
from shared.errors import UnreadableMessage
from shared.events import MessageRejected
from shared.messages import Skipped, parse_message
from shared.stages import Stage

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_HOLD_SECONDS = 60  # time to look at a queue and decide; a killed command's letters are back after it


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message that its stage gave up on."""

    stage: Stage
    message_id: str
    receipt: str
    body: str
    code: str
    reason: str
    file_ids: tuple[str, ...]
    keys: tuple[str, ...]


@contextlib.contextmanager
def held(sqs: SQSClient, queues: dict[Stage, Queue]) -> Iterator[list[DeadLetter]]:
    """Every dead letter of every stage, hidden from others while the block runs, then visible again."""
    letters = [letter for stage, queue in queues.items() for letter in _receive_all(sqs, stage, queue)]
    try:
        yield letters
    finally:
        for letter in letters:
            # A letter that was sent back meanwhile is gone: there is nothing to show again.
            with contextlib.suppress(
                sqs.exceptions.ReceiptHandleIsInvalid, sqs.exceptions.MessageNotInflight
            ):
                sqs.change_message_visibility(
                    QueueUrl=queues[letter.stage].dead_letter_url,
                    ReceiptHandle=letter.receipt,
                    VisibilityTimeout=0,
                )


def send_back(sqs: SQSClient, queues: dict[Stage, Queue], letter: DeadLetter) -> None:
    """Send a letter to its stage's queue, then delete it: a kill half-way doubles it, never loses it."""
    queue = queues[letter.stage]
    sqs.send_message(QueueUrl=queue.url, MessageBody=letter.body)
    drop(sqs, queues, letter)


def drop(sqs: SQSClient, queues: dict[Stage, Queue], letter: DeadLetter) -> None:
    """Delete a letter; its file's original stays in landing/."""
    sqs.delete_message(QueueUrl=queues[letter.stage].dead_letter_url, ReceiptHandle=letter.receipt)


def _receive_all(sqs: SQSClient, stage: Stage, queue: Queue) -> Iterator[DeadLetter]:
    seen: set[str] = set()
    while True:
        answer = sqs.receive_message(
            QueueUrl=queue.dead_letter_url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=_HOLD_SECONDS,
            MessageAttributeNames=["All"],
        )
        fresh = [message for message in answer.get("Messages", []) if message["MessageId"] not in seen]
        if not fresh:
            return
        for message in fresh:
            seen.add(message["MessageId"])
            yield _letter(stage, message)


def _letter(stage: Stage, message: MessageTypeDef) -> DeadLetter:
    attributes = message.get("MessageAttributes", {})
    said = {name: value.get("StringValue", "") for name, value in attributes.items()}
    ids, keys = _files(message["Body"])
    return DeadLetter(
        stage=stage,
        message_id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        body=message["Body"],
        code=said.get("code", "CRASHED"),
        reason=said.get("reason", "the message came back too often without an answer: its worker died"),
        file_ids=(said["file_id"],) if said.get("file_id") else ids,
        keys=keys,
    )


def _files(body: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    try:
        requests = parse_message(body)
    except UnreadableMessage:
        return (), ()
    files = [each.file for each in requests if not isinstance(each, Skipped | MessageRejected)]
    return tuple(file.file_id for file in files), tuple(file.key for file in files)
