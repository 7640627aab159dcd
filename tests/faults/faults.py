"""What can go wrong with a request: the service dies there, or AWS behaves badly."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from tests.faults.boundary import Request, carries_messages

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

    async def forward(self) -> Answer:
        """Have AWS carry the request out."""

    async def kill(self) -> None:
        """Have the service die now, as by the kernel or with its machine."""


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
            if self.boundary == "queue.receive" and not carries_messages(answer.body):
                return answer  # an empty poll is no boundary
        if self.struck == self.times:  # another request was quicker
            raise HangUp
        self.struck += 1
        await hands.kill()
        raise HangUp


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


async def throttle(request: Request, _hands: Hands) -> Answer:
    """AWS asks for patience, each service in its own words."""
    if request.speaks_json:
        return _error(request, 400, "ThrottlingException")
    return _error(request, 400, "Throttling") if request.is_query else _error(request, 503, "SlowDown")


async def break_down(request: Request, _hands: Hands) -> Answer:
    """AWS has a fault of its own."""
    return _error(request, 500, "InternalError")


async def lose_kms(request: Request, _hands: Hands) -> Answer:
    """The key service is down."""
    return _error(request, 500, "KMSInternalException")


def _error(request: Request, status: int, code: str) -> Answer:
    if request.speaks_json:
        body = json.dumps({"__type": code, "message": code})
        return Answer(status, {"content-type": "application/x-amz-json-1.1"}, body.encode())
    error = f"<Error><Type>Receiver</Type><Code>{code}</Code><Message>{code}</Message></Error>"
    body = f"<ErrorResponse>{error}</ErrorResponse>" if request.is_query else error
    return Answer(status, {"content-type": "application/xml"}, b"" if request.is_head else body.encode())


async def reset_before(_request: Request, _hands: Hands) -> Answer:
    """The connection breaks before AWS hears of the request."""
    raise HangUp


async def reset_after(_request: Request, hands: Hands) -> Answer:
    """AWS carries the request out, but the connection breaks before the answer."""
    await hands.forward()
    raise HangUp


async def cut_short(_request: Request, hands: Hands) -> Answer:
    """The connection breaks in the middle of the answer's body."""
    answer = await hands.forward()
    return Answer(answer.status, answer.headers, answer.body, cut=len(answer.body) // 2)


async def lose_entries(request: Request, hands: Hands) -> Answer:
    """PutEvents succeeds as a call, but none of its entries was taken."""
    entries = json.loads(request.body)["Entries"]
    body = {
        "FailedEntryCount": len(entries),
        "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "try again"} for _ in entries],
    }
    return Answer(200, {"content-type": "application/x-amz-json-1.1"}, json.dumps(body).encode())


def delay(seconds: float) -> Effect:
    """The answer takes its time."""

    async def effect(_request: Request, hands: Hands) -> Answer:
        await asyncio.sleep(seconds)
        return await hands.forward()

    return effect


async def send_twice(_request: Request, hands: Hands) -> Answer:
    """The request reaches AWS twice, as when a client tries again after an answer was lost."""
    await hands.forward()
    return await hands.forward()
