"""Proxies on loopback, each between one service and AWS, where faults are armed."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Protocol, Self, TypeVar

import aiohttp
from aiohttp import web
from yarl import URL

from landfall.local.ports import LOOPBACK
from tests.faults.boundary import Request, messages
from tests.faults.faults import Answer, Fault, HangUp
from tests.permissions.recognising import Request as Asked

T = TypeVar("T")

_HOP_BY_HOP = frozenset({"connection", "expect", "keep-alive", "transfer-encoding", "content-length"})


class Victim(Protocol):
    """The service behind a proxy."""

    async def die(self) -> None:
        """End it at once."""

    def freeze(self) -> None:
        """Have it stand still."""


class Proxy:
    """Passes requests on to one upstream, or lets the first armed fault that hits them happen.

    ``crossed`` holds the boundaries of all requests, ``received`` the bodies of all messages, in order.
    ``note`` is told of each request when it comes, and once more when the upstream has answered it.
    """

    def __init__(self, upstream: str, victim: Victim, note: Callable[[Asked], None]) -> None:
        self.faults: list[Fault] = []
        self.crossed: list[str] = []
        self.received: list[str] = []
        self._upstream = upstream
        self._victim = victim
        self._note = note
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """Where the service is told that AWS is."""
        return f"http://{LOOPBACK}:{self.port}"

    async def open(self) -> None:
        """Begin to listen; again on the same port after :meth:`shut`."""
        if self._runner is None or self._session is None:
            self._session = aiohttp.ClientSession(
                auto_decompress=False,
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
                timeout=aiohttp.ClientTimeout(total=None),
                connector=aiohttp.TCPConnector(limit=0),
            )
            app = web.Application(client_max_size=0)
            app.router.add_route("*", r"/{path:[\s\S]*}", self._handle)  # keys may hold line breaks
            self._runner = web.AppRunner(
                app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
            )
            await self._runner.setup()
        self._site = web.TCPSite(self._runner, LOOPBACK, self.port, reuse_address=True)
        await self._site.start()
        self.port = self._runner.addresses[0][1]

    async def shut(self) -> None:
        """Stop listening, so that connections are refused, and break those there are."""
        if self._site is not None:
            await self._site.stop()
        server = self._runner.server if self._runner is not None else None
        for connection in list(server.connections) if server is not None else ():
            if connection.transport is not None:
                connection.transport.abort()

    async def close(self) -> None:
        """End for good."""
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def _handle(self, incoming: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in incoming.headers.items()}
        request = Request.of(incoming.method, incoming.raw_path, headers, await incoming.read())
        self.crossed.append(request.boundary)
        self._note(_asked(incoming, request.body))
        hands = _Hands(self, incoming, request, self._victim)
        fault = next((fault for fault in self.faults if fault.hits(request)), None)
        try:
            answer = await (fault.happen(request, hands) if fault is not None else hands.forward())
            if request.boundary == "queue.receive":
                self.received += messages(answer.body)
        except (HangUp, aiohttp.ClientError):
            if incoming.transport is not None:
                incoming.transport.abort()
            return web.Response()
        return await _give(incoming, answer)

    async def send(self, incoming: web.Request, request: Request) -> Answer:
        """Have the upstream answer."""
        assert self._session is not None
        headers = {name: value for name, value in request.headers.items() if name not in _HOP_BY_HOP}
        async with self._session.request(
            incoming.method,
            URL(self._upstream + incoming.raw_path, encoded=True),
            headers=headers,
            data=io.BytesIO(request.body) if request.body else None,
            allow_redirects=False,
        ) as answer:
            self._note(_asked(incoming, request.body, answer.status))
            kept = {n: v for n, v in answer.headers.items() if n.lower() not in _HOP_BY_HOP}
            if incoming.method == "HEAD":  # the length is then that of a body which does not come
                kept["Content-Length"] = answer.headers.get("Content-Length", "0")
            return Answer(answer.status, kept, await answer.read())


def _asked(incoming: web.Request, body: bytes, status: int = 200) -> Asked:
    """The request as AWS would look at it to decide whether it is allowed."""
    return Asked.of(incoming.method, incoming.raw_path, incoming.headers, body, status)


@dataclass(frozen=True, slots=True)
class _Hands:
    proxy: Proxy
    incoming: web.Request
    request: Request
    victim: Victim

    async def forward(self, body: bytes | None = None) -> Answer:
        request = self.request if body is None else replace(self.request, body=body)
        return await self.proxy.send(self.incoming, request)

    async def kill(self) -> None:
        await self.victim.die()

    def freeze(self) -> None:
        self.victim.freeze()


async def _give(incoming: web.Request, answer: Answer) -> web.StreamResponse:
    if answer.cut is None:
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = len(answer.body)
    await response.prepare(incoming)
    await response.write(answer.body[: answer.cut])
    if incoming.transport is not None:
        incoming.transport.close()  # what was written still goes out
    return response


class Loop:
    """An event loop in a thread of its own, for everything that has to go on while a test looks and waits."""

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="faults", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Run a coroutine there and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
