"""Bringing the local stack up, finding it again, and taking down exactly what was started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

import boto3

from landfall.deployment import Deployment
from landfall.errors import OperatorError
from landfall.local import services, state
from landfall.local.again import start_again
from landfall.local.ending import end_all
from landfall.local.reach import Reach
from landfall.local.starting import Options, Say, Start
from landfall.local.state import State


class LocalStack:
    """A running local stack. As a context manager it is taken down at the end of the block.

    ``fresh`` tells whether this object's own ``up`` started it.
    """

    def __init__(self, home: Path, running: State, *, fresh: bool) -> None:
        if running.deployment is None:
            raise ValueError("a stack without a deployment is not up")
        self.home = home
        self.reach: Reach = running.reach
        self.deployment: Deployment = running.deployment
        self.processes = {process.name: process for process in running.processes}
        self.fresh = fresh

    @property
    def endpoint(self) -> str:
        """For every AWS service but Glue."""
        return self.reach.endpoint

    @property
    def glue_endpoint(self) -> str:
        """For Glue."""
        return self.reach.glue_endpoint

    def session(self) -> boto3.Session:
        """A boto3 session; give its clients ``endpoint`` or ``glue_endpoint``."""
        return self.reach.session()

    def environment(self) -> dict[str, str]:
        """The AWS variables of a client of this stack."""
        return self.reach.environment()

    @classmethod
    def up(cls, options: Options, say: Say = lambda _: None) -> LocalStack:
        """Bring everything up, or find it up already; services that have ended meanwhile are started again.

        A first start that fails leaves nothing behind.

        Raises:
            OperatorError: with what to do about it.
        """
        with state.locked(options.home):
            found = _running(options.home, say)
            if found is not None:
                ended = [process.name for process in found.dead()]
                now = start_again(options.home, found, ended, options.overrides, say) if ended else found
                return cls(options.home, now, fresh=False)
            start = Start(options, say)
            try:
                return cls(options.home, start.run(), fresh=True)
            except BaseException:
                end_all(start.processes)
                state.remove(options.home)
                raise

    @classmethod
    def find(cls, home: Path) -> LocalStack | None:
        """The stack that is up in ``home``, if one is.

        Raises:
            OperatorError: its record cannot be understood.
        """
        found = state.load(home)
        return cls(home, found, fresh=False) if found is not None and found.ready else None

    def down(self, say: Say = lambda _: None) -> None:
        """As :func:`down`, for this stack."""
        down(self.home, say)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()


def down(home: Path, say: Say = lambda _: None) -> bool:
    """End what is recorded in ``home``, the last started first, and forget it; whether there was anything.

    Only the very processes that were started are ended. Their logs stay.
    """
    if state.load(home) is None:
        return False
    with state.locked(home):
        found = state.load(home)
        if found is None:
            return False
        end_all(found.processes, say)
        state.remove(home)
    return True


def restart(
    home: Path,
    names: Sequence[str] = (),
    overrides: Mapping[str, str] = MappingProxyType({}),
    say: Say = lambda _: None,
) -> LocalStack:
    """Start services of the stack in ``home`` anew (all of them by default), so that they see what changed.

    ``overrides`` go into their environment, before everything else.

    Raises:
        OperatorError: no stack is up there, a name is none of its services, or one did not start.
    """
    with state.locked(home):
        found = _running(home, say)
        if found is None:
            raise OperatorError("The local stack is not up: run `landfall local up`.")
        its_own = [process.name for process in found.processes if process.name in services.ALL]
        unknown = [name for name in names if name not in its_own]
        if unknown:
            raise OperatorError(
                f"The local stack has no service {unknown[0]}: name one of {', '.join(its_own)}."
            )
        now = start_again(home, found, list(dict.fromkeys(names)) or its_own, overrides, say)
        return LocalStack(home, now, fresh=False)


def _running(home: Path, say: Say) -> State | None:
    """What is up already, some services perhaps ended; what an unfinished attempt or an earlier boot left is
    removed.
    """
    found = state.load(home)
    if found is None:
        return None
    dead = found.dead()
    if found.ready and (not dead or len(dead) < len(found.processes)):
        lost = [process.name for process in dead if process.name not in services.ALL]
        if lost:
            raise OperatorError(
                f"The {lost[0]} of the local stack has ended, and with it what it held "
                f"(logs in {home / 'logs'}): run `landfall local down`, then `landfall local up`."
            )
        return found
    end_all(found.processes)
    state.remove(home)
    say("Removed the record of a local stack that is not running any more.")
    return None
