"""Starting services of a stack that is up once more: those that ended, or those that are to see a change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from landfall.local import services, state
from landfall.local.ending import end_all
from landfall.local.readiness import await_worker
from landfall.local.starting import START_SECONDS, Say
from landfall.local.state import State


def start_again(
    home: Path, found: State, names: Collection[str], overrides: Mapping[str, str], say: Say
) -> State:
    """End what still runs of the services ``names``, start all of them, and wait until they are ready.

    The others, and everything that the stack holds, stay as they are; so they do if one does not start.

    Raises:
        OperatorError: a service did not start, with what it said last.
    """
    if found.deployment is None:
        raise ValueError("a stack without a deployment has no services")
    end_all([process for process in found.processes if process.name in names], say)
    started = {
        name: services.start(name, found.reach, found.deployment, overrides, home / "logs", again=True)
        for name in names
    }
    processes = tuple(started.get(process.name, process) for process in found.processes)
    now = found.model_copy(update={"processes": processes})
    state.save(home, now)
    for service in started.values():
        await_worker(service, START_SECONDS)
        say(f"The {service.name} is ready again.")
    return now
