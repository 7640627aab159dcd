"""What the command line says when it cannot go on."""

from __future__ import annotations


class OperatorError(Exception):
    """A failure that the person at the terminal can do something about.

    ``message`` is one sentence that says what to do. The edge of the command line prints it, never a
    traceback, and exits with 1.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
