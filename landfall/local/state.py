"""What is up: one file in the home of the local stack, and a lock so that only one command changes it."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from landfall.deployment import Deployment
from landfall.errors import OperatorError
from landfall.local.processes import Process
from landfall.local.reach import Reach

_VERSION = 1


class State(BaseModel):
    """Everything another command needs to use or end the stack.

    Written after every process that starts, so that one which never became ready can be ended too.
    """

    model_config = ConfigDict(frozen=True)

    version: int = _VERSION
    reach: Reach
    processes: tuple[Process, ...] = ()
    deployment: Deployment | None = None
    ready: bool = False

    def dead(self) -> list[Process]:
        """The recorded processes that do not run any more."""
        return [process for process in self.processes if not process.alive()]


def home_directory() -> Path:
    """``$LANDFALL_HOME``, or ``.landfall`` in the current directory."""
    return Path(os.environ.get("LANDFALL_HOME") or ".landfall").absolute()


def load(home: Path) -> State | None:
    """The recorded state; ``None`` when nothing is recorded.

    Raises:
        OperatorError: the file is there but cannot be understood.
    """
    file = _file(home)
    try:
        return State.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        raise OperatorError(
            f"{file} was written by another version: end the processes it names and delete it."
        ) from None


def save(home: Path, state: State) -> None:
    """Replace the recorded state, all of it or nothing."""
    home.mkdir(parents=True, exist_ok=True)
    fresh = _file(home).with_suffix(".new")
    fresh.write_text(state.model_dump_json(indent=2) + "\n", encoding="utf-8")
    fresh.replace(_file(home))


def remove(home: Path) -> None:
    """Forget the recorded state; the logs stay."""
    _file(home).unlink(missing_ok=True)


@contextlib.contextmanager
def locked(home: Path) -> Iterator[None]:
    """Keep other commands from bringing this stack up or down meanwhile.

    Raises:
        OperatorError: another one is at it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperatorError(
                "Another command is bringing this local stack up or down: wait for it, then try again."
            ) from None
        yield


def _file(home: Path) -> Path:
    return home / "state.json"
