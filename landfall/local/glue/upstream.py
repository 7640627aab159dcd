"""Passing requests on to the emulator as they came."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

# RFC 9110, 7.6.1: these belong to one connection; Expect was answered on this one.
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "expect",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_CHUNK = 1 << 16


class Upstream:
    """The server behind the front."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url.rstrip("/")
        self._session = session

    async def fetch(self, request: web.Request, body: bytes) -> tuple[int, dict[str, Any]]:
        """Send ``request`` on; the answer's status and its JSON."""
        async with self._send(request, body) as response:
            answer: dict[str, Any] = json.loads(await response.read() or b"{}")
            return response.status, answer

    async def forward(self, request: web.Request, body: bytes | None = None) -> web.StreamResponse:
        """Send ``request`` on and the answer back, both as streams."""
        async with self._send(request, body) as response:
            answer = web.StreamResponse(
                status=response.status, reason=response.reason, headers=_end_to_end(response.headers)
            )
            await answer.prepare(request)
            async for chunk in response.content.iter_chunked(_CHUNK):
                await answer.write(chunk)
            await answer.write_eof()
            return answer

    @asynccontextmanager
    async def _send(self, request: web.Request, body: bytes | None) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send ``request`` on, with ``body`` in place of one that was read already."""
        streamed = request.content if request.body_exists else None
        async with self._session.request(
            request.method,
            URL(self._url + request.raw_path, encoded=True),
            headers=_end_to_end(request.headers),
            data=streamed if body is None else body,
            allow_redirects=False,
        ) as response:
            yield response


@asynccontextmanager
async def open_upstream(url: str) -> AsyncIterator[Upstream]:
    """Connect to ``url``; nothing is added to requests and nothing is decoded."""
    async with aiohttp.ClientSession(
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=5),
        connector=aiohttp.TCPConnector(limit=0),
    ) as session:
        yield Upstream(url, session)


def _end_to_end(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in _HOP_BY_HOP)
