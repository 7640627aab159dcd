"""One attempt to bring the local stack up."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from landfall.deployment import DEFAULT_PREFIX, TEMPLATES, Deployment, deploy
from landfall.local import emulator, front, services, state
from landfall.local.ports import LOOPBACK, claim
from landfall.local.processes import Process
from landfall.local.reach import Reach
from landfall.local.readiness import await_http, await_worker
from landfall.local.state import State

DEFAULT_PORT = 4566
START_SECONDS = 120.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What to bring up.

    ``endpoint`` and ``glue_endpoint`` are servers that run already, in containers for instance; ``None``
    starts one.
    ``parameters`` go to the templates, ``overrides`` into the environment of the services.
    """

    home: Path = field(default_factory=state.home_directory)
    endpoint: str | None = field(default_factory=lambda: _given("AWS_ENDPOINT_URL"))
    glue_endpoint: str | None = field(default_factory=lambda: _given("AWS_ENDPOINT_URL_GLUE"))
    port: int = DEFAULT_PORT
    prefix: str = DEFAULT_PREFIX
    services: tuple[str, ...] = services.ALL
    crawl_seconds: float = 2.0
    templates: Path = TEMPLATES
    parameters: Mapping[str, str] = field(default_factory=dict)
    overrides: Mapping[str, str] = field(default_factory=dict)


class Start:
    """One attempt to bring the stack up, and what it has started so far."""

    def __init__(self, options: Options, say: Say) -> None:
        self.processes: list[Process] = []
        self._options = options
        self._say = say
        self._logs = options.home / "logs"
        self._reach = Reach("", "")

    def run(self) -> State:
        """Start everything, each as soon as what it needs is there, and wait until all of it works.

        Raises:
            OperatorError: something did not; ``processes`` then says what to end.
        """
        options = self._options
        free = claim(options.port if options.endpoint is None else 0, 0)
        port = free[0] if options.endpoint is None else None
        glue_port = free[1] if options.glue_endpoint is None else None
        self._reach = Reach(
            options.endpoint or f"http://{LOOPBACK}:{port}",
            options.glue_endpoint or f"http://{LOOPBACK}:{glue_port}",
            external=port is None,
        )
        if port is not None:
            running = self._record(emulator.start(port, self._logs))
        if glue_port is not None:
            # Needs nothing before its first request, so it gets ready while the stacks are made.
            crawler = self._record(front.start(self._reach, glue_port, options.crawl_seconds, self._logs))
        if port is not None:
            await_http(running, port, emulator.READY_PATH, START_SECONDS)
            self._say(f"The emulator answers at {self._reach.endpoint}.")
        deployment = self._deploy()
        self._say(f"The stacks of {options.prefix} are deployed.")
        if glue_port is not None:
            await_http(crawler, glue_port, front.HEALTH_PATH, START_SECONDS)
            self._say(f"The Glue crawler answers at {self._reach.glue_endpoint}.")
        self._start_services(deployment)
        return self._save(deployment)

    def _start_services(self, deployment: Deployment) -> None:
        names, overrides = self._options.services, self._options.overrides
        started = [
            self._record(services.start(name, self._reach, deployment, overrides, self._logs))
            for name in names
        ]
        for service in started:
            await_worker(service, START_SECONDS)
            self._say(f"The {service.name} is ready.")

    def _deploy(self) -> Deployment:
        cloudformation = self._reach.session().client("cloudformation", endpoint_url=self._reach.endpoint)
        options = self._options
        return deploy(cloudformation, options.prefix, options.templates, options.parameters)

    def _record(self, process: Process) -> Process:
        self.processes.append(process)
        self._save(None)
        return process

    def _save(self, deployment: Deployment | None) -> State:
        now = State(
            reach=self._reach,
            processes=tuple(self.processes),
            deployment=deployment,
            ready=deployment is not None,
        )
        state.save(self._options.home, now)
        return now


def _given(variable: str) -> str | None:
    return os.environ.get(variable) or None
