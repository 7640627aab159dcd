"""A proxy on loopback before the emulator that notes every request of a service, whatever client made it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

import aiohttp
from aiohttp import web

from landfall.local.glue.upstream import open_upstream
from landfall.local.ports import LOOPBACK, claim
from tests.permissions.recognising import Request


class Recorder:
    """Forwards everything to ``upstream``; ``requests`` grows from another thread."""

    def __init__(self, upstream: str) -> None:
        self.requests: list[Request] = []
        self.endpoint = f"http://{LOOPBACK}:{claim(0)}"
        self._upstream = upstream
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

            async def handle(request: web.Request) -> web.StreamResponse:
                # The bodies of all services but S3 say what is asked for, and are small.
                named = "X-Amz-Target" in request.headers or request.content_type.endswith("urlencoded")
                body = await request.read() if named else None
                try:
                    answer = await upstream.forward(request, body)
                except (aiohttp.ClientError, ConnectionError):
                    return web.Response(
                        status=502
                    )  # the service gave up on its own request, as on a cut upload
                self.requests.append(
                    Request(
                        method=request.method,
                        path=request.rel_url.raw_path,
                        query=dict(request.query),
                        headers={name.lower(): value for name, value in request.headers.items()},
                        body=body or b"",
                        status=answer.status,
                    )
                )
                return answer

            app = web.Application(client_max_size=0)
            app.router.add_route("*", "/{path:.*}", handle)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
            stack.push_async_callback(runner.cleanup)
            await runner.setup()
            await web.TCPSite(runner, LOOPBACK, int(self.endpoint.rpartition(":")[2])).start()
            self._ready.set()
            await self._ended.wait()
