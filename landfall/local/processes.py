"""Processes that outlive the command that started them: starting, recognising and ending exactly those.

A process id alone says nothing a day later. Together with the time at which the kernel started it, it does.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from landfall.errors import OperatorError
from landfall.local.sightings import look_at
from landfall.waiting import wait_until

_KILL_SECONDS = 5.0
_POLL_SECONDS = 0.02
# Python ignores these; a program that is started expects the defaults.
_DEFAULT_SIGNALS = (signal.SIGPIPE, signal.SIGXFSZ)


@dataclass(frozen=True, slots=True)
class Process:
    """A process of the local stack, as the state file remembers it.

    ``started`` is opaque: it is only ever compared. Everything works in any program, not only in the one that
    started the process. ``log_from`` is where in the log its own output begins, in bytes.
    """

    name: str
    pid: int
    started: str
    log: str
    log_from: int = 0

    @classmethod
    def start(
        cls,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        *,
        append: bool = False,
    ) -> Process:
        """Start ``command`` in a session of its own, its output going to a new ``log`` or to the end of it.

        Raises:
            OperatorError: the program is not there or may not be run.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        log_from = log.stat().st_size if append and log.exists() else 0
        mode = os.O_APPEND if append else os.O_TRUNC
        try:
            # Not subprocess.Popen, which complains about children that are still running in the end.
            pid = os.posix_spawn(
                command[0],
                list(command),
                environment,
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | mode, 0o644),
                    (os.POSIX_SPAWN_DUP2, 1, 2),
                    *((os.POSIX_SPAWN_CLOSE, number) for number in _inherited()),
                ],
                setsid=True,
                setsigdef=_DEFAULT_SIGNALS,
            )
        except OSError as error:
            raise OperatorError(
                f"Could not start {command[0]} ({error.strerror}): run `make setup`."
            ) from None
        seen = look_at(pid)
        return cls(name, pid, seen.started if seen is not None else "", str(log), log_from)

    def alive(self) -> bool:
        """Whether the very process that was recorded still runs."""
        seen = look_at(self.pid)
        if seen is None or seen.started != self.started:
            return False
        return not seen.ended or self._is_still_ending()

    def ask_to_end(self) -> None:
        """Send SIGTERM, if this is still the recorded process."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)

    def await_end(self, within: float) -> bool:
        """Wait until it is gone, insist after ``within`` seconds; whether it went by itself."""
        if self._gone(within):
            return True
        with contextlib.suppress(ProcessLookupError):
            # It leads a session of its own, so this takes its children along and nothing else.
            os.killpg(self.pid, signal.SIGKILL)
        self._gone(_KILL_SECONDS)
        return False

    def output(self) -> list[str]:
        """What it has written so far, by lines."""
        try:
            with Path(self.log).open("rb") as log:
                log.seek(self.log_from)
                return log.read().decode("utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []

    def last_line(self) -> str:
        """The last line of its output that says anything."""
        return next((line.strip() for line in reversed(self.output()) if line.strip()), "it wrote nothing")

    def _is_still_ending(self) -> bool:
        """Take note that a child of this program has ended; whether some of its threads have not yet."""
        try:
            noted, _ = os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:
            return False  # not a child of this program: whoever started it takes note, or nobody
        return noted == 0

    def _gone(self, within: float) -> bool:
        with contextlib.suppress(TimeoutError):
            return wait_until(lambda: None if self.alive() else True, within=within, every=_POLL_SECONDS)
        return False


def _inherited() -> list[int]:
    """Descriptors that this program was given beside the standard ones: a shell's lock, the end of a pipe.

    Who waits for them to be closed must not have to wait for the end of the local stack.
    """
    numbers = [int(each.name) for each in Path("/dev/fd").iterdir()]
    return [number for number in numbers if number > 2 and _is_inheritable(number)]


def _is_inheritable(number: int) -> bool:
    try:
        return os.get_inheritable(number)
    except OSError:  # the one that listed them
        return False
