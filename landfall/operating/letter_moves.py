"""Sending dead letters back to work, and dropping them: a command that is killed half-way loses none.

A letter is sent to its stage's queue first and deleted after. A kill in between doubles it, and a stage that
gets the same work twice does it once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from landfall.deployment import Queue
from landfall.errors import OperatorError
from landfall.operating.dead_letters import DeadLetter, by_stage
from landfall.waiting import wait_until
from shared.events import Replay
from shared.messages import with_replay
from shared.stages import Stage

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import ListMessageMoveTasksResultEntryTypeDef

_MOVE_SECONDS = 3600.0


def send_back(
    sqs: SQSClient, queues: dict[Stage, Queue], letters: Sequence[DeadLetter], replay: Replay | None = None
) -> None:
    """Send letters that are held to their stages' queues, and only then delete them.

    Args:
        sqs: The client.
        queues: By stage.
        letters: What :func:`landfall.operating.dead_letters.held` gave.
        replay: Who sends them back; it ends in the manifests.

    Raises:
        OperatorError: SQS refused one; it is still a dead letter.
    """
    for stage, batch in by_stage(letters):
        answer = sqs.send_message_batch(
            QueueUrl=queues[stage].url,
            Entries=[
                {"Id": str(n), "MessageBody": with_replay(letter.body, replay) if replay else letter.body}
                for n, letter in enumerate(batch)
            ],
        )
        drop(sqs, queues, [batch[int(sent["Id"])] for sent in answer.get("Successful", [])])
        if answer.get("Failed"):
            code = answer["Failed"][0]["Code"]
            raise OperatorError(f"SQS refused {len(answer['Failed'])} letters ({code}): replay them again.")


def drop(sqs: SQSClient, queues: dict[Stage, Queue], letters: Sequence[DeadLetter]) -> None:
    """Delete letters that are held; their files' originals stay in landing/.

    Raises:
        OperatorError: SQS refused; what it refused is still there.
    """
    for stage, batch in by_stage(letters):
        answer = sqs.delete_message_batch(
            QueueUrl=queues[stage].dead_letter_url,
            Entries=[{"Id": str(n), "ReceiptHandle": each.receipt} for n, each in enumerate(batch)],
        )
        if answer.get("Failed"):
            code = answer["Failed"][0]["Code"]
            raise OperatorError(f"SQS did not delete {len(answer['Failed'])} letters ({code}): try again.")


def move_all(sqs: SQSClient, queue: Queue) -> int:
    """Have SQS itself move a whole dead-letter queue back, and wait for it: AWS only.

    The destination is named, since letters that a worker sent to the dead-letter queue have no source.

    Returns:
        How many were moved.

    Raises:
        OperatorError: SQS gave up, or is still at it after an hour.
    """
    source = _arn(sqs, queue.dead_letter_url)
    sqs.start_message_move_task(SourceArn=source, DestinationArn=_arn(sqs, queue.url))

    def look() -> ListMessageMoveTasksResultEntryTypeDef | None:
        newest = sqs.list_message_move_tasks(SourceArn=source, MaxResults=1)["Results"][0]
        return None if newest["Status"] in ("RUNNING", "CANCELLING") else newest

    try:
        ended = wait_until(look, within=_MOVE_SECONDS, every=1.0, slowest=10.0)
    except TimeoutError:
        raise OperatorError("SQS is still moving the letters: see `landfall status` later.") from None
    if ended["Status"] != "COMPLETED":
        reason = ended.get("FailureReason", ended["Status"])
        raise OperatorError(f"SQS stopped moving the letters ({reason}): the rest is still there.")
    return ended.get("ApproximateNumberOfMessagesMoved", 0)


def _arn(sqs: SQSClient, url: str) -> str:
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
