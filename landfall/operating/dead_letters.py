"""The dead-letter queues: what lies there, and why."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from landfall.deployment import Queue
from landfall.operating.finding import file_id_in
from shared.errors import UnreadableMessage, WorkerDied
from shared.events import FileFailed, MessageRejected
from shared.identity import LandedFile
from shared.messages import AboutNoFile, Request, parse_message
from shared.stages import Stage

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

BATCH = 10  # SQS takes and gives so many at once
_BATCH_CHARS = 200_000  # and no more than 1 MiB in all, of UTF-8
UNDELIVERED = "UNDELIVERED"
_HOLD_SECONDS = 60  # time to look at a queue and act; a killed command's letters are back after it
_HOLD_SECONDS_A_LETTER = 0.5
_LONGEST_HOLD = 12 * 3600
_COUNT = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message that its stage gave up on, or that never reached it."""

    stage: Stage
    message_id: str
    sent_as: str
    """Its id when its stage had it, which the outcome names; SQS keeps that where it moves one by itself."""
    receipt: str
    body: str
    code: str
    reason: str
    sent_at: datetime
    """When it was sent; of a message that SQS itself moved here, when it was first sent to its stage."""
    attempts: int | None
    """How often its stage had received it; None where no worker lived to say so."""
    file_ids: tuple[str, ...]
    requests: tuple[Request, ...]
    """What it asks for; empty where it can't be read."""

    @property
    def files(self) -> tuple[LandedFile, ...]:
        """What it says of its files."""
        return tuple(each.file for each in self.requests if not isinstance(each, AboutNoFile))

    @property
    def keys(self) -> tuple[str, ...]:
        """The landing keys of its files."""
        return tuple(file.key for file in self.files)

    @property
    def is_report(self) -> bool:
        """Whether it is a failure that could not be announced, rather than work that failed."""
        return any(isinstance(each, FileFailed | MessageRejected) for each in self.requests)

    def is_about(self, names: Sequence[str]) -> bool:
        """Whether one of the names is its message id, or the id of one of its files.

        At midnight S3 may date the notification and the version by two days: the version is known
        by what follows the day in its id.
        """
        known = {self.message_id, self.sent_as, *map(_version_in, self.file_ids)}
        return any(name in known or _version_in(name) in known for name in names)


@contextlib.contextmanager
def held(sqs: SQSClient, queues: dict[Stage, Queue]) -> Iterator[list[DeadLetter]]:
    """Every dead letter of the stages, hidden from others while the block runs, then visible again.

    What the block sends back or drops is gone then.
    """
    with ThreadPoolExecutor(len(queues) or 1) as threads:
        found = threads.map(lambda item: _receive_all(sqs, item[0], item[1]), queues.items())
        letters = [letter for of_queue in found for letter in of_queue]
    try:
        yield letters
    finally:
        for stage, batch in by_stage(letters):
            # The answer's failures are letters that were sent back meanwhile: nothing is to be shown again.
            sqs.change_message_visibility_batch(
                QueueUrl=queues[stage].dead_letter_url,
                Entries=[
                    {"Id": str(n), "ReceiptHandle": letter.receipt, "VisibilityTimeout": 0}
                    for n, letter in enumerate(batch)
                ],
            )


def by_stage(letters: Sequence[DeadLetter]) -> Iterator[tuple[Stage, list[DeadLetter]]]:
    """The letters in batches that one call takes, each of one stage."""
    for stage in Stage:
        batch: list[DeadLetter] = []
        room = _BATCH_CHARS
        for letter in letters:
            if letter.stage is not stage:
                continue
            if batch and (len(batch) == BATCH or len(letter.body) > room):
                yield stage, batch
                batch, room = [], _BATCH_CHARS
            batch.append(letter)
            room -= len(letter.body)
        if batch:
            yield stage, batch


def _receive_all(sqs: SQSClient, stage: Stage, queue: Queue) -> list[DeadLetter]:
    answer = sqs.get_queue_attributes(
        QueueUrl=queue.dead_letter_url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    about = int(answer["Attributes"]["ApproximateNumberOfMessages"])
    hold = min(_LONGEST_HOLD, _HOLD_SECONDS + int(about * _HOLD_SECONDS_A_LETTER))
    letters: dict[str, DeadLetter] = {}
    while True:
        received = sqs.receive_message(
            QueueUrl=queue.dead_letter_url,
            MaxNumberOfMessages=BATCH,
            VisibilityTimeout=hold,
            # Only a long poll asks all of SQS's servers; where nothing seems to be, a short one must do.
            WaitTimeSeconds=1 if len(letters) < about else 0,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        fresh = [each for each in received.get("Messages", []) if each["MessageId"] not in letters]
        if not fresh:
            return list(letters.values())
        letters |= {each["MessageId"]: _letter(stage, each) for each in fresh}


def _letter(stage: Stage, message: MessageTypeDef) -> DeadLetter:
    attributes = message.get("MessageAttributes", {})
    said = {name: value.get("StringValue", "") for name, value in attributes.items()}
    # Anybody who may send to the queue may write anything there.
    file_id, receives = said.get("file_id"), said.get("receives", "")
    code, reason = _reason(said)
    requests = _requests(message["Body"])
    ids = [each.file.file_id for each in requests if not isinstance(each, AboutNoFile)]
    if file_id and file_id_in(file_id) == file_id:
        # A notification knows less of its file than the worker that said which one it was.
        others = ids if len(ids) > 1 else []
        ids = [file_id, *(each for each in others if _version_in(each) != _version_in(file_id))]
    return DeadLetter(
        stage=stage,
        message_id=message["MessageId"],
        sent_as=said.get("message_id", message["MessageId"]),
        receipt=message["ReceiptHandle"],
        body=message["Body"],
        code=code,
        reason=reason,
        sent_at=datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC),
        attempts=int(receives) if _COUNT.fullmatch(receives) else None,
        file_ids=tuple(ids),
        requests=requests,
    )


def _version_in(name: str) -> str:
    """What a file id says without its day; other names as they are."""
    return name if file_id_in(name) != name else name.partition("-")[2]


def _reason(said: dict[str, str]) -> tuple[str, str]:
    if "code" in said:
        return said["code"], said.get("reason", "")
    if "ERROR_CODE" in said:  # what EventBridge writes on an event that it could not deliver
        return UNDELIVERED, f"EventBridge could not deliver the event ({said['ERROR_CODE']})"
    return WorkerDied.code, "the message came back too often without an answer: its worker died"


def _requests(body: str) -> tuple[Request, ...]:
    try:
        return tuple(parse_message(body))
    except UnreadableMessage:
        return ()
