"""What a service gives the worker."""

from __future__ import annotations

from typing import Protocol

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
