"""A proxy on loopback before the emulator that notes every request of a service, whatever client made it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace

import aiohttp
from aiohttp import web

from landfall.local.glue.upstream import Upstream, open_upstream
from landfall.local.ports import LOOPBACK
from tests.permissions.recognising import Request


class Recorder:
    """Forwards everything to ``upstream``; ``note`` is called in another thread, once each was answered."""

    def __init__(self, upstream: str, note: Callable[[Request], None]) -> None:
        self.endpoint = ""  # once it runs
        self._upstream = upstream
        self._note = note
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        self._ready = threading.Event()

    @contextmanager
    def running(self) -> Iterator[Recorder]:
        """Serve while the block runs."""
        serving = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))
        serving.start()
        try:
            assert self._ready.wait(10)
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._ended.set)
            serving.join()
            self._loop.close()

    async def _serve(self) -> None:
        async with AsyncExitStack() as stack:
            upstream = await stack.enter_async_context(open_upstream(self._upstream))

            async def handle(incoming: web.Request) -> web.StreamResponse:
                return await self._pass_on(incoming, upstream)

            app = web.Application(client_max_size=0)
            app.router.add_route("*", r"/{path:[\s\S]*}", handle)  # keys may hold line breaks
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
            stack.push_async_callback(runner.cleanup)
            await runner.setup()
            await web.TCPSite(runner, LOOPBACK, 0).start()
            self.endpoint = f"http://{LOOPBACK}:{runner.addresses[0][1]}"
            self._ready.set()
            await self._ended.wait()

    async def _pass_on(self, incoming: web.Request, upstream: Upstream) -> web.StreamResponse:
        request = Request.of(incoming.method, incoming.raw_path, incoming.headers)
        body = await incoming.read() if request.speaks_of_itself else None
        try:
            answer = await upstream.forward(incoming, body)
        except (aiohttp.ClientError, ConnectionError):
            # The service gave up on its own request, as on a cut upload; it has asked all the same.
            answer = web.Response(status=502)
        self._note(replace(request, body=body or b"", status=answer.status))
        return answer
