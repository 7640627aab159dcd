"""The gate between one process and AWS: every call waits there until the test lets it pass, or does not."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from tests.doubles.s3 import failure


class Fate(Enum):
    """What becomes of a call."""

    ANSWERED = auto()
    THROTTLED = auto()
    """AWS refuses it and does nothing."""
    LOST = auto()
    """AWS carries it out, but the answer never arrives."""
    REFUSED = auto()
    """The bus takes the call and none of its entries; other calls are throttled."""


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    fate: asyncio.Future[Fate]


class Gate:
    """Calls of one process, in the order in which they came; each waits until :meth:`pass_next`.

    A process that has died makes no more calls: what its code still tries while it is taken apart fails.
    """

    def __init__(self) -> None:
        self._waiting: deque[_Call] = deque()
        self._closed = False

    @property
    def next_call(self) -> str | None:
        """The name of the call that waits first, None where none does."""
        while self._waiting and self._waiting[0].fate.done():  # its task was cancelled meanwhile
            self._waiting.popleft()
        return self._waiting[0].name if self._waiting else None

    async def wait(self, name: str) -> Fate:
        """Wait for a call's turn, and learn its fate."""
        if self._closed:
            raise ConnectionResetError("the process has died")
        call = _Call(name, asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        fate = await call.fate
        if fate is Fate.THROTTLED or (fate is Fate.REFUSED and name != "put_events"):
            raise failure(name, "SlowDown", 503)
        return fate

    def pass_next(self, fate: Fate) -> None:
        """Decide the fate of the call that waits first."""
        if self.next_call is not None:
            self._waiting.popleft().fate.set_result(fate)

    def close(self) -> None:
        """The process has died."""
        self._closed = True
        for call in self._waiting:
            call.fate.cancel()
        self._waiting.clear()


class Gated:
    """A double of an AWS client as one process has it: every call of it waits at the process's gate."""

    def __init__(self, double: Any, gate: Gate) -> None:
        self._double = double
        self._gate = gate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._double, name)
        if name == "get_paginator":
            return lambda operation: _GatedPaginator(found(operation), operation, self._gate)
        if not asyncio.iscoroutinefunction(found):
            return found

        async def call(**arguments: Any) -> Any:
            fate = await self._gate.wait(name)
            if fate is Fate.REFUSED:
                entries = [{"ErrorCode": "InternalFailure"} for _ in arguments["Entries"]]
                return {"FailedEntryCount": len(entries), "Entries": entries}
            answer = await found(**arguments)
            if fate is Fate.LOST:
                raise ConnectionResetError("the answer was lost")
            return answer

        return call


class _GatedPaginator:
    def __init__(self, paginator: Any, operation: str, gate: Gate) -> None:
        self._paginator = paginator
        self._operation = operation
        self._gate = gate

    async def paginate(self, **arguments: Any) -> AsyncIterator[Any]:
        if await self._gate.wait(self._operation) is Fate.LOST:
            raise ConnectionResetError("the answer was lost")
        async for page in self._paginator.paginate(**arguments):
            yield page
