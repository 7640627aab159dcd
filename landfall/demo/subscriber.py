"""A subscriber of both outcome topics: an SQS queue, as a team's own tooling would have one."""

from __future__ import annotations

import json
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeAlias

import boto3
from pydantic import TypeAdapter

from landfall.demo.subscription import subscribed_queue
from landfall.deployment import Deployment
from landfall.errors import OperatorError
from landfall.waiting import wait_until
from shared.outcomes import AnyOutcome, FailureOutcome, RejectionOutcome, SuccessOutcome

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

FileOutcome: TypeAlias = SuccessOutcome | FailureOutcome
_OUTCOME: TypeAdapter[AnyOutcome] = TypeAdapter(AnyOutcome)


class OutcomeSubscriber:
    """Receives outcomes while the block runs; use as a context manager."""

    def __init__(self, deployment: Deployment, name: str) -> None:
        self._sqs = boto3.client("sqs")
        self._subscription = subscribed_queue(deployment, name)
        self.subjects: dict[str, str] = {}
        self.texts: list[str] = []
        self._received: dict[str, FileOutcome] = {}

    def __enter__(self) -> Self:
        self._url = self._subscription.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._subscription.__exit__(kind, error, trace)

    def await_outcome(self, file_id: str, within: float) -> FileOutcome:
        """The outcome of a file, as it came over SNS.

        Raises:
            OperatorError: none came in time.
        """

        def came() -> bool | None:
            self._receive()
            return file_id in self._received or None

        try:
            wait_until(came, within=within)
        except TimeoutError:
            raise OperatorError(
                f"No outcome of {file_id} came within {within:.0f} s: see the logs under the stack's home."
            ) from None
        return self._received[file_id]

    def forget(self, file_id: str) -> None:
        """Let :meth:`await_outcome` wait for the file's next outcome."""
        self._received.pop(file_id, None)

    def _receive(self) -> None:
        answer = self._sqs.receive_message(QueueUrl=self._url, WaitTimeSeconds=1, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            self._take(message)

    def _take(self, message: MessageTypeDef) -> None:
        envelope = json.loads(message["Body"])
        outcome: AnyOutcome = _OUTCOME.validate_json(envelope["Message"])
        self.texts.append(envelope["Message"])
        if not isinstance(outcome, RejectionOutcome):
            self._received[outcome.file_id] = outcome
            self.subjects[outcome.file_id] = envelope["Subject"]
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
