"""Every way a file can fail: one class a cause, each with a stable code and what to do about it.

Messages are built from fixed words plus facts that are safe to show (counts, record numbers, names of our own
making). They must never contain a value that was read from a landed file.
"""

from __future__ import annotations

from typing import ClassVar


class LandfallError(Exception):
    """A failure with a stable ``code`` and an ``advice`` sentence that says what to do about it."""

    code: ClassVar[str]
    advice: ClassVar[str]

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class PermanentError(LandfallError):
    """Trying again cannot help: the file fails now, with its reason, and its message is dead-lettered."""


class TransientError(LandfallError):
    """Trying again may help: the message goes back to its queue with a growing, jittered delay."""
