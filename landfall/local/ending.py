"""Ending the processes of the local stack."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from landfall.local import services
from landfall.local.processes import Process

_END_SECONDS = 30.0


def end_all(processes: Sequence[Process], say: Callable[[str], None] = lambda _: None) -> None:
    """End them, the last started first; services are asked together, because each may have work to finish."""
    newest_first = processes[::-1]
    for process in newest_first:
        if process.name in services.ALL:
            process.ask_to_end()
    for process in newest_first:
        if process.name not in services.ALL:
            process.ask_to_end()
        if not process.await_end(_END_SECONDS):
            say(f"The {process.name} did not end when asked and was killed.")
