"""When a process that was just started can be used."""

from __future__ import annotations

import json
from collections.abc import Callable

from landfall.errors import OperatorError
from landfall.local.ports import answers
from landfall.local.processes import Process
from landfall.waiting import wait_until

_WORKER_READY = "worker_ready"


def await_http(process: Process, port: int, path: str, within: float) -> None:
    """Wait until ``process`` answers ``path`` on ``port`` with 200.

    Raises:
        OperatorError: it stopped, or did not answer in ``within`` seconds.
    """

    def poll() -> bool | None:
        _require_alive(process)
        return answers(port, path) or None

    _wait(process, poll, within)


def await_worker(process: Process, within: float) -> None:
    """Wait until a service has logged that it polls its queue.

    Raises:
        OperatorError: it stopped, or did not get that far in ``within`` seconds.
    """

    def poll() -> bool | None:
        if any(map(_says_ready, process.output())):
            return True
        _require_alive(process)
        return None

    _wait(process, poll, within)


def _wait(process: Process, poll: Callable[[], bool | None], within: float) -> None:
    try:
        wait_until(poll, within=within)
    except TimeoutError:
        raise OperatorError(
            f"The {process.name} was not ready after {within:g} s: see {process.log}."
        ) from None


def _require_alive(process: Process) -> None:
    if not process.alive():
        name, log = process.name, process.log
        raise OperatorError(f"The {name} stopped while starting (log: {log}): {_last_words(process)}")


def _last_words(process: Process) -> str:
    """Why it stopped: the reason that a service gives, or whatever it wrote last."""
    last = process.last_line()
    reason = _event(last).get("reason")
    return reason if isinstance(reason, str) else last


def _says_ready(line: str) -> bool:
    return _event(line).get("event") == _WORKER_READY


def _event(line: str) -> dict[str, object]:
    """A line of a service's log; empty for a library's own output, or half a line."""
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}
