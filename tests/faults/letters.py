"""The dead letters of all stages, read as anyone may read them and left where they are."""

from __future__ import annotations

from collections.abc import Sequence

import boto3

from landfall.waiting import wait_until
from shared.identity import LandedFile

_LOOK_SECONDS = 1  # for which a letter is hidden from the next look
_COMES_WITHIN = 5.0


class DeadLetters:
    """What the dead-letter queues hold; what was seen once is remembered."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = urls
        self._sqs = boto3.client("sqs")
        self._bodies: dict[str, str] = {}

    def tells_of(self, file: LandedFile) -> bool:
        """Whether a letter names the file, by its version."""

        def found() -> bool | None:
            if not any(file.version_id in body for body in self._bodies.values()):
                self._look()
            return any(file.version_id in body for body in self._bodies.values()) or None

        try:
            return wait_until(found, within=_COMES_WITHIN, every=0.2)
        except TimeoutError:
            return False

    def forget(self) -> None:
        """Begin anew."""
        self._bodies.clear()

    def _look(self) -> None:
        for url in self._urls:
            while messages := self._sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=_LOOK_SECONDS
            ).get("Messages"):
                seen = {message["MessageId"]: message["Body"] for message in messages}
                if seen.keys() <= self._bodies.keys():
                    break  # those that were looked at first can be seen again by now
                self._bodies |= seen
