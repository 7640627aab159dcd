"""All queues of a deployment in memory, behind the calls of the command line, plain and asynchronous."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

from landfall.deployment import Queue
from shared.stages import Stage
from tests.doubles.s3 import failure

QUEUES = {stage: Queue(f"memory://{stage}", f"memory://{stage}-dead-letters") for stage in Stage}
SENT_AT_MS = 1_769_900_000_000


@dataclass
class Letter:
    """One message."""

    message_id: str
    body: str
    attributes: dict[str, str] = field(default_factory=dict)
    sent_at_ms: int = SENT_AT_MS
    hidden: bool = False


@dataclass
class InMemoryQueues:
    """``queues`` holds what lies where; ``refuse`` names bodies that SQS does not take."""

    queues: dict[str, list[Letter]] = field(default_factory=lambda: defaultdict(list))
    refuse: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    moves: list[dict[str, Any]] = field(default_factory=list)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def client(self) -> Any:
        """As boto3 has it."""
        return cast("Any", self)

    def asynchronous(self) -> Any:
        """As aiobotocore has it."""
        return cast("Any", _Asynchronous(self))

    def put(self, url: str, body: str, sent_at_ms: int = SENT_AT_MS, **attributes: str) -> Letter:
        letter = Letter(f"m{next(self._ids)}", body, attributes, sent_at_ms)
        self.queues[url].append(letter)
        return letter

    def dead(self, stage: Stage, body: str, sent_at_ms: int = SENT_AT_MS, **attributes: str) -> Letter:
        return self.put(QUEUES[stage].dead_letter_url, body, sent_at_ms, **attributes)

    def bodies(self, stage: Stage) -> list[str]:
        return [letter.body for letter in self.queues[QUEUES[stage].url]]

    def dead_ids(self, stage: Stage) -> list[str]:
        return [letter.message_id for letter in self.queues[QUEUES[stage].dead_letter_url]]

    def visible_dead(self, stage: Stage) -> int:
        return sum(not letter.hidden for letter in self.queues[QUEUES[stage].dead_letter_url])

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> Any:
        letters = self.queues[QueueUrl]
        counts = {
            "ApproximateNumberOfMessages": sum(not letter.hidden for letter in letters),
            "ApproximateNumberOfMessagesNotVisible": sum(letter.hidden for letter in letters),
        }
        told = {name: str(count) for name, count in counts.items()} | {"QueueArn": f"arn:{QueueUrl}"}
        return {"Attributes": {name: told[name] for name in AttributeNames if name in told}}

    def receive_message(self, *, QueueUrl: str, MaxNumberOfMessages: int, **_: Any) -> Any:
        self.calls.append("receive")
        found = [letter for letter in self.queues[QueueUrl] if not letter.hidden][:MaxNumberOfMessages]
        for letter in found:
            letter.hidden = True
        return {
            "Messages": [
                {
                    "MessageId": letter.message_id,
                    "ReceiptHandle": letter.message_id,
                    "Body": letter.body,
                    "Attributes": {"SentTimestamp": str(letter.sent_at_ms)},
                    "MessageAttributes": {
                        name: {"StringValue": value, "DataType": "String"}
                        for name, value in letter.attributes.items()
                    },
                }
                for letter in found
            ]
        }

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, str]]) -> Any:
        assert 1 <= len(Entries) <= 10
        self.calls.append("send")
        answer: dict[str, list[dict[str, str]]] = {"Successful": [], "Failed": []}
        for entry in Entries:
            if entry["MessageBody"] in self.refuse:
                answer["Failed"].append({"Id": entry["Id"], "Code": "InternalError"})
            else:
                self.put(QueueUrl, entry["MessageBody"])
                answer["Successful"].append({"Id": entry["Id"]})
        return answer

    def delete_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, str]]) -> Any:
        assert 1 <= len(Entries) <= 10
        self.calls.append("delete")
        gone = {entry["ReceiptHandle"] for entry in Entries}
        letters = self.queues[QueueUrl]
        letters[:] = [letter for letter in letters if letter.message_id not in gone]
        return {"Successful": [{"Id": entry["Id"]} for entry in Entries]}

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> Any:
        shown = {entry["ReceiptHandle"] for entry in Entries if entry["VisibilityTimeout"] == 0}
        for letter in self.queues[QueueUrl]:
            letter.hidden = letter.hidden and letter.message_id not in shown
        return {"Successful": [], "Failed": []}

    def start_message_move_task(self, *, SourceArn: str, DestinationArn: str) -> Any:
        source, target = SourceArn.removeprefix("arn:"), DestinationArn.removeprefix("arn:")
        moved = self.queues.pop(source, [])
        self.queues[target] += moved
        self.moves.append({"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": len(moved)})
        return {"TaskHandle": "t"}

    def list_message_move_tasks(self, *, SourceArn: str, MaxResults: int) -> Any:
        if not self.moves:
            raise failure("ListMessageMoveTasks", "ResourceNotFoundException", 400)
        return {"Results": self.moves[-1:]}


class _Asynchronous:
    """The same calls, to be awaited."""

    def __init__(self, queues: InMemoryQueues) -> None:
        self._queues = queues

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        call = getattr(self._queues, name)

        async def awaited(**arguments: Any) -> Any:
            return call(**arguments)

        return awaited
