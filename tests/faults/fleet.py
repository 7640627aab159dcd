"""The four real services, each behind a proxy of its own, and restarted when it has died, as ECS does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
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
from tests.faults.faults import Fault
from tests.faults.proxy import Loop, Proxy

_READY_SECONDS = 60.0
_END_SECONDS = 30.0


class Member:
    """One service: its process now, and its proxies (Glue has an endpoint of its own)."""

    def __init__(self, name: str, stack: LocalStack, overrides: Mapping[str, str], logs: Path) -> None:
        self.name = name
        self.aws = Proxy(stack.endpoint, self._die)
        self.glue = Proxy(stack.glue_endpoint, self._die)
        self.deaths = 0
        self._stack = stack
        self._overrides = overrides
        self._logs = logs
        self._lives = count(1)
        self._process: Process | None = None

    @property
    def process(self) -> Process:
        """As it runs now."""
        assert self._process is not None, f"{self.name} was never started"
        return self._process

    @property
    def log(self) -> str:
        """Everything that any life of it wrote."""
        files = sorted(self._logs.glob(f"*/{self.name}.log"))
        return "\n".join(file.read_text(encoding="utf-8") for file in files)

    def start(self) -> None:
        """Start it, reaching AWS through the proxies."""
        reach = Reach(self.aws.url, self.glue.url, self._stack.reach.region)
        logs = self._logs / f"{next(self._lives):03}"
        self._process = services.start(self.name, reach, self._stack.deployment, self._overrides, logs)

    def await_ready(self) -> None:
        """Wait until it polls its queue."""
        await_worker(self.process, _READY_SECONDS)

    def kill(self) -> None:
        """SIGKILL: no code of it runs any more."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)

    async def _die(self) -> None:
        self.deaths += 1
        self.kill()
        await asyncio.to_thread(self.process.await_end, _END_SECONDS)


class Fleet:
    """All services of a stack; as a context manager they run through its block."""

    def __init__(self, stack: LocalStack, overrides: Mapping[str, str], logs: Path) -> None:
        self._loop = Loop()
        self.members = {name: Member(name, stack, overrides, logs) for name in services.ALL}

    def __enter__(self) -> Self:
        self._loop.__enter__()
        for proxy in self._proxies():
            self._loop.run(proxy.open())
        for member in self.members.values():
            member.start()
        for member in self.members.values():
            member.await_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for member in self.members.values():
            member.process.ask_to_end()
        for member in self.members.values():
            member.process.await_end(_END_SECONDS)
        for proxy in self._proxies():
            self._loop.run(proxy.close())
        self._loop.__exit__(kind, error, trace)

    def arm(self, service: str, fault: Fault) -> None:
        """Let a fault happen to one service's requests from now on."""
        member = self.members[service]
        for proxy in (member.aws, member.glue):
            proxy.faults.append(fault)

    def disarm(self) -> None:
        """No fault happens any more."""
        for proxy in self._proxies():
            proxy.faults.clear()

    def tend(self) -> None:
        """Start what has died anew."""
        for member in self.members.values():
            if not member.process.alive():
                member.start()

    def forget_crossings(self) -> None:
        """Begin to note crossed boundaries anew."""
        for proxy in self._proxies():
            proxy.crossed.clear()

    def crossed(self, service: str) -> list[str]:
        """The boundaries that a service has crossed since."""
        member = self.members[service]
        return [*member.aws.crossed, *member.glue.crossed]

    def await_poll(self, service: str) -> None:
        """Wait until a service asks for messages anew, so that whatever lands now comes with that answer."""
        crossed = self.members[service].aws.crossed
        seen = crossed.count("queue.receive")
        wait_until(lambda: crossed.count("queue.receive") > seen or None, within=_READY_SECONDS)

    def part(self) -> None:
        """AWS cannot be reached by anyone."""
        for proxy in self._proxies():
            self._loop.run(proxy.shut())

    def rejoin(self) -> None:
        """AWS can be reached again."""
        for proxy in self._proxies():
            self._loop.run(proxy.open())

    def _proxies(self) -> list[Proxy]:
        return [proxy for member in self.members.values() for proxy in (member.aws, member.glue)]
