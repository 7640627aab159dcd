"""What can go wrong with a request: the service dies there, or AWS behaves badly."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from tests.faults.boundary import Request, messages

Side = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back to the service; ``cut`` is after how many bytes of the body the connection ends."""

    status: int
    headers: dict[str, str]
    body: bytes
    cut: int | None = None


class HangUp(Exception):
    """The connection ends without an answer."""


class Hands(Protocol):
    """What a fault can have done."""

    async def forward(self, body: bytes | None = None) -> Answer:
        """Have AWS carry the request out; with another ``body``, where one is given."""

    async def kill(self) -> None:
        """Have the service die now, as by the kernel or with its machine."""

    def freeze(self) -> None:
        """Have the service stand still, as on a machine that is suspended."""


class Fault(Protocol):
    """Something that happens in place of a plain answer."""

    @property
    def struck(self) -> int:
        """How often it has happened."""

    def hits(self, request: Request) -> bool:
        """Whether it happens to this request; asked once for each."""

    async def happen(self, request: Request, hands: Hands) -> Answer:
        """Let it happen.

        Raises:
            HangUp: there is no answer.
        """


@dataclass(slots=True)
class Kill:
    """SIGKILL before AWS hears of a request, or after AWS has carried it out and before the service knows.

    ``at`` says at which of the requests across the boundary, ``times`` how often from there on.
    """

    boundary: str
    side: Side
    at: int = 1
    times: int = 1
    struck: int = 0
    _seen: int = 0

    def hits(self, request: Request) -> bool:
        if request.boundary != self.boundary or self.struck == self.times:
            return False
        self._seen += 1
        return self._seen >= self.at

    async def happen(self, request: Request, hands: Hands) -> Answer:
        if self.side == "after":
            answer = await hands.forward()
            if self.boundary == "queue.receive" and not messages(answer.body):
                return answer  # an empty poll is no boundary
        if self.struck == self.times:  # another request was quicker
            raise HangUp
        self.struck += 1
        await hands.kill()
        raise HangUp


@dataclass(slots=True)
class Freeze:
    """The service stands still before or after a request until it is thawed, not knowing how long it did."""

    boundary: str
    side: Side
    struck: int = 0
    _thawed: threading.Event = field(default_factory=threading.Event)

    def hits(self, request: Request) -> bool:
        return request.boundary == self.boundary and not self.struck

    async def happen(self, request: Request, hands: Hands) -> Answer:
        self.struck += 1
        if self.side == "before":
            await self._stand_still(hands)
            return await hands.forward()
        answer = await hands.forward()
        await self._stand_still(hands)
        return answer

    def thaw(self) -> None:
        """Let what was held up go on."""
        self._thawed.set()

    async def _stand_still(self, hands: Hands) -> None:
        hands.freeze()
        await asyncio.to_thread(self._thawed.wait)


@dataclass(slots=True)
class Slow:
    """Every request about one file takes its time."""

    file_id: str
    seconds: float
    struck: int = 0

    def hits(self, request: Request) -> bool:
        return self.file_id in request.key or self.file_id.encode() in request.body

    async def happen(self, _request: Request, hands: Hands) -> Answer:
        self.struck += 1
        await asyncio.sleep(self.seconds)
        return await hands.forward()


Effect = Callable[[Request, Hands], Awaitable[Answer]]


@dataclass(slots=True)
class Trouble:
    """An effect on requests across some boundaries (all, where none is named).

    Args:
        effect: What happens.
        boundaries: Their names.
        one_in: Which share of the requests across each boundary: one in so many, the first included.
        most: How often at most.
        seconds: For how long from the first time on.
    """

    effect: Effect
    boundaries: frozenset[str] = frozenset()
    one_in: int = 1
    most: int | None = None
    seconds: float | None = None
    struck: int = 0
    _began: float | None = None
    _seen: Counter[str] = field(default_factory=Counter)

    def anew(self) -> Trouble:
        """The same, as if it had never happened."""
        return Trouble(self.effect, self.boundaries, self.one_in, self.most, self.seconds)

    def hits(self, request: Request) -> bool:
        name = request.boundary
        if (self.boundaries and name not in self.boundaries) or self.struck == self.most:
            return False
        self._began = self._began or time.monotonic()
        if self.seconds is not None and time.monotonic() - self._began > self.seconds:
            return False
        self._seen[name] += 1
        return (self._seen[name] - 1) % self.one_in == 0

    async def happen(self, request: Request, hands: Hands) -> Answer:
        self.struck += 1
        return await self.effect(request, hands)
