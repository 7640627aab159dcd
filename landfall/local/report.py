"""What is up, for people and programs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from landfall.deployment import Deployment
from landfall.local import state


class ProcessReport(BaseModel):
    """One process of the stack; ``alive`` is whether that very process still runs."""

    name: str
    pid: int
    alive: bool
    log: str


class StackReport(BaseModel):
    """The whole stack. ``state`` is ``up`` only when everything that was started still runs."""

    state: Literal["up", "partly up", "down"]
    home: str
    endpoint: str | None = None
    glue_endpoint: str | None = None
    processes: tuple[ProcessReport, ...] = ()
    deployment: Deployment | None = None


def look(home: Path) -> StackReport:
    """Look at the processes recorded in ``home``.

    Raises:
        OperatorError: the record cannot be understood.
    """
    found = state.load(home)
    if found is None:
        return StackReport(state="down", home=str(home))
    processes = tuple(
        ProcessReport(name=each.name, pid=each.pid, alive=each.alive(), log=each.log)
        for each in found.processes
    )
    alive = [process.alive for process in processes]
    up = found.ready and all(alive)
    return StackReport(
        state="up" if up else "partly up" if any(alive) else "down",
        home=str(home),
        endpoint=found.reach.endpoint,
        glue_endpoint=found.reach.glue_endpoint,
        processes=processes,
        deployment=found.deployment,
    )
