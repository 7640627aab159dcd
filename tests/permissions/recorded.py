"""The services of a stack behind recorders: what they ask of AWS, and nothing that anyone else asks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType

from landfall.local import services
from landfall.local.processes import Process
from landfall.local.reach import Reach
from landfall.local.readiness import await_worker
from landfall.local.stack import LocalStack
from landfall.local.starting import START_SECONDS
from tests.permissions.policies import SERVICES
from tests.permissions.recognising import Request
from tests.permissions.recorder import Recorder

Note = Callable[[str, Request], None]  # in whose name, and what

_END_SECONDS = 30.0


@dataclass
class Recorded:
    """The services, each reaching AWS through recorders of its own: for Glue, and for everything else.

    ``reaches`` has one for every role. ``overrides`` go into the environment of each service.
    """

    stack: LocalStack
    reaches: Mapping[str, Reach]
    overrides: Mapping[str, str]
    processes: dict[str, Process] = field(default_factory=dict)

    def start(self, *names: str, **settings: str) -> None:
        """Start services together and wait until they poll; ``settings`` win over the overrides."""
        logs = self.stack.home / "logs"
        for name in names:
            self.processes[name] = services.start(
                name,
                self.reaches[name],
                self.stack.deployment,
                {**self.overrides, **settings},
                logs,
                again=True,
            )
        for name in names:
            await_worker(self.processes[name], START_SECONDS)

    def stop(self, *names: str) -> None:
        """End services as ECS does, together."""
        ending = [self.processes.pop(name) for name in names]
        for process in ending:
            process.ask_to_end()
        assert [process.name for process in ending if not process.await_end(_END_SECONDS)] == []


@contextmanager
def recorded_services(
    stack: LocalStack,
    note: Note,
    names: Collection[str] = SERVICES,
    overrides: Mapping[str, str] = MappingProxyType({}),
    roles: Collection[str] = SERVICES,
) -> Iterator[Recorded]:
    """Have the services ``names`` run over ``stack`` while the block runs.

    The block can start others of ``roles``. ``note`` is told of every request, in several threads.
    """
    with ExitStack() as running:

        def recorder(role: str, upstream: str) -> str:
            return running.enter_context(Recorder(upstream, partial(note, role)).running()).endpoint

        reaches = {
            role: Reach(recorder(role, stack.endpoint), recorder(role, stack.glue_endpoint)) for role in roles
        }
        recorded = Recorded(stack, reaches, overrides)
        try:
            recorded.start(*names)
            yield recorded
        finally:
            recorded.stop(*recorded.processes)
