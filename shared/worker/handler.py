"""What a service gives the worker."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from shared.messages import Message, Request
from shared.stages import Stage


class Handler(Protocol):
    """One stage's work on one request of one message."""

    @property
    def stage(self) -> Stage:
        """Which stage this is; it names the failures."""

    async def handle(self, request: Request, message: Message) -> None:
        """Do the work to its end, including the event.

        Raises:
            PermanentError: this file fails now.
            TransientError: try again later.
        """


@runtime_checkable
class Identifies(Protocol):
    """A handler whose requests do not yet say which file they are about, as S3's notifications don't.

    What fails after this is recorded under the file's true identity.
    """

    async def identify(self, request: Request) -> Request:
        """The request with the identity that S3 itself gives the file.

        Raises:
            PermanentError: there is no such file.
        """
