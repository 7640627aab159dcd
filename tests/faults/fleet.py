"""The four real services, each behind a proxy of its own, and restarted when it has died, as ECS does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from landfall.local import services
from landfall.local.processes import Process
from landfall.local.reach import Reach
from landfall.local.readiness import await_worker
from landfall.local.stack import LocalStack
from landfall.waiting import wait_until
from tests.faults.faults import Fault, Freeze
from tests.faults.proxy import Loop, Proxy
from tests.permissions.recorded import Note

_READY_SECONDS = 120.0
_END_SECONDS = 30.0
_LULL_SECONDS = 2.0


class Member:
    """One service: its process now, and its proxies (Glue has an endpoint of its own).

    ``overrides`` go into the environment of the next process.
    """

    def __init__(
        self, name: str, stack: LocalStack, overrides: Mapping[str, str], logs: Path, note: Note
    ) -> None:
        self.name = name
        self.aws = Proxy(stack.endpoint, self, partial(note, name))
        self.glue = Proxy(stack.glue_endpoint, self, partial(note, name))
        self.overrides = dict(overrides)
        self._stack = stack
        self._logs = logs
        self._lives = count(1)
        self._process: Process | None = None

    @property
    def process(self) -> Process:
        """As it runs now."""
        assert self._process is not None, f"{self.name} was never started"
        return self._process

    def start(self) -> None:
        """Start it, reaching AWS through the proxies."""
        reach = Reach(self.aws.url, self.glue.url, self._stack.reach.region)
        logs = self._logs / f"{next(self._lives):03}"
        self._process = services.start(self.name, reach, self._stack.deployment, self.overrides, logs)

    def await_ready(self) -> None:
        """Wait until it polls its queue."""
        await_worker(self.process, _READY_SECONDS)

    def await_poll(self) -> None:
        """Wait until it asks for messages anew, so that whatever is sent now comes with that answer."""
        seen = self.aws.crossed.count("queue.receive")
        wait_until(lambda: self.aws.crossed.count("queue.receive") > seen or None, within=_READY_SECONDS)

    def await_lull(self) -> None:
        """Wait until it has polled, and asked for nothing else, for a while."""
        self.await_poll()
        since, seen = time.monotonic(), self._asked()
        while time.monotonic() - since < _LULL_SECONDS:
            time.sleep(_LULL_SECONDS / 10)
            if self._asked() != seen:
                since, seen = time.monotonic(), self._asked()

    def _asked(self) -> int:
        crossed = (*self.aws.crossed, *self.glue.crossed)
        return len(crossed) - crossed.count("queue.receive")

    def end(self) -> bool:
        """SIGTERM; whether it ended by itself."""
        self.process.ask_to_end()
        return self.process.await_end(_END_SECONDS)

    def end_with_code(self, within: float) -> int:
        """SIGTERM, and its exit code.

        Raises:
            TimeoutError: it takes longer.
        """
        self.process.ask_to_end()
        return wait_until(self._exit_code, within=within)

    def _exit_code(self) -> int | None:
        pid, status = os.waitpid(self.process.pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None

    def kill(self) -> None:
        """SIGKILL: no code of it runs any more."""
        self._signal(signal.SIGKILL)

    async def die(self) -> None:
        """SIGKILL, and be gone."""
        self.kill()
        await asyncio.to_thread(self.process.await_end, _END_SECONDS)

    def freeze(self) -> None:
        """SIGSTOP: it stands still and does not know."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, number)


class Fleet:
    """All services of a stack; as a context manager they run through its block.

    ``note`` is told of every request that any of them makes.
    """

    def __init__(self, stack: LocalStack, overrides: Mapping[str, str], logs: Path, note: Note) -> None:
        self.members = {name: Member(name, stack, overrides, logs, note) for name in services.ALL}
        self._loop = Loop()
        self._stack = stack
        self._overrides = overrides
        self._logs = logs
        self._note = note
        self._twins = count(1)

    def __enter__(self) -> Self:
        self._loop.__enter__()
        for member in self.members.values():
            self._open(member)
        for member in self.members.values():
            member.await_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for member in self.members.values():
            member.process.ask_to_end()
        for member in self.members.values():
            self._close(member)
        self._loop.__exit__(kind, error, trace)

    def arm(self, service: str, fault: Fault) -> None:
        """Let a fault happen to one service's requests from now on."""
        member = self.members[service]
        for proxy in (member.aws, member.glue):
            proxy.faults.append(fault)

    def armed(self) -> list[Fault]:
        """What is armed now, once for each proxy."""
        return [fault for proxy in self._proxies() for fault in proxy.faults]

    def disarm(self) -> None:
        """No fault happens any more."""
        for proxy in self._proxies():
            proxy.faults.clear()

    def tend(self) -> None:
        """Start what has died anew."""
        for member in self.members.values():
            if not member.process.alive():
                member.start()

    @contextmanager
    def twin(self, service: str, **overrides: str) -> Iterator[None]:
        """One more process of a service, without faults, for as long as the block runs."""
        logs = self._logs / f"twin-{next(self._twins)}"
        twin = Member(service, self._stack, {**self._overrides, **overrides}, logs, self._note)
        self._open(twin)
        try:
            yield
        finally:
            self._close(twin)

    @contextmanager
    def changed(self, service: str, **overrides: str) -> Iterator[None]:
        """Within the block a service that starts anew has other settings; after it, the old ones."""
        member = self.members[service]
        member.overrides |= overrides
        try:
            yield
        finally:
            member.overrides = dict(self._overrides)
            member.end()
            member.start()
            member.await_ready()

    def thaw(self, service: str, freeze: Freeze) -> None:
        """Let a service that stands still go on, until it has done all that it was about to do."""
        member = self.members[service]
        member.thaw()
        freeze.thaw()
        member.await_lull()

    def forget_crossings(self) -> None:
        """Begin to note crossed boundaries anew."""
        for proxy in self._proxies():
            proxy.crossed.clear()

    def crossed(self, service: str) -> list[str]:
        """The boundaries that a service has crossed since."""
        member = self.members[service]
        return [*member.aws.crossed, *member.glue.crossed]

    def part(self) -> None:
        """AWS cannot be reached by anyone."""
        for proxy in self._proxies():
            self._loop.run(proxy.shut())

    def rejoin(self) -> None:
        """AWS can be reached again."""
        for proxy in self._proxies():
            self._loop.run(proxy.open())

    def _open(self, member: Member) -> None:
        for proxy in (member.aws, member.glue):
            self._loop.run(proxy.open())
        member.start()

    def _close(self, member: Member) -> None:
        member.end()
        for proxy in (member.aws, member.glue):
            self._loop.run(proxy.close())

    def _proxies(self) -> list[Proxy]:
        return [proxy for member in self.members.values() for proxy in (member.aws, member.glue)]
