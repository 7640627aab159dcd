"""Bulk bytes between S3 and memory: requests that aiobotocore signs and plain sockets carry, in threads.

aiobotocore copies, hashes and queues each byte several times on the event loop. A signed URL needs none of
that: the payload is not part of its signature, and the socket reads into and writes from the caller's own
memory while Python's lock is free. (TLS protects the bytes on their way, as it does the unsigned payloads of
AWS's own SDKs.)

What does not go smoothly at once is left to aiobotocore, which knows how to retry and how to say what is
wrong: this module makes things faster and nothing else.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Literal, TypeVar

from botocore.utils import get_environ_proxies

from shared.logs import get_logger
from shared.objects.connections import Connections, Exchange

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

T = TypeVar("T")
Payload = bytes | bytearray | memoryview
_Operation = Literal["get_object", "upload_part"]

_SIGNED_SECONDS = 900
_REUSED_SECONDS = 300.0
_FAILURES_BEFORE_PAUSE = 3
_PAUSE_SECONDS = 60.0

log = get_logger()


class BulkTransfer:
    """Threads and connections for the large requests of one client.

    An operation that keeps failing (an endpoint that takes no signed URLs, say) is not tried for a while.

    Args:
        client: signs; endpoint and credentials are its own.
        threads: most transfers at once.
    """

    def __init__(self, client: S3Client, threads: int = 16) -> None:
        self._client = client
        self._threads = ThreadPoolExecutor(threads, "bulk-transfer")
        self._connections = Connections()
        self._signed: dict[frozenset[tuple[str, str | int]], tuple[str, float]] = {}
        self._failures: Counter[_Operation] = Counter()
        # Proxies are aiobotocore's business.
        forever = float("inf") if get_environ_proxies(client.meta.endpoint_url) else 0.0
        self._paused_until: dict[_Operation, float] = {"get_object": forever, "upload_part": forever}

    def close(self) -> None:
        """Let go of threads and connections; transfers under way end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._connections.close()

    async def read_into(self, target: memoryview, start: int, which: Mapping[str, str]) -> bool:
        """Fill ``target`` with an object's bytes from ``start`` on; False where that did not go smoothly.

        ``which`` holds the parameters of GetObject that name the object and its version.
        """
        span = {"Range": f"bytes={start}-{start + len(target) - 1}"}

        def read(connection: HTTPConnection, path: str) -> bool:
            connection.request("GET", path, headers=span)
            answer = connection.getresponse()
            if answer.status != 206 or answer.length != len(target):
                return False
            left = target
            while left and (count := answer.readinto(left)):
                left = left[count:]
            return not left

        return await self._carry("get_object", which, read) or False

    async def upload_part(self, body: Payload, which: Mapping[str, str | int]) -> str | None:
        """Send one part and give its ETag; None where that did not go smoothly.

        ``which`` holds the parameters of UploadPart that name the part.
        """

        def send(connection: HTTPConnection, path: str) -> str | None:
            connection.request("PUT", path, body=body)
            answer = connection.getresponse()
            answer.read()
            return answer.headers["ETag"] if answer.status == 200 else None

        return await self._carry("upload_part", which, send)

    async def _carry(
        self,
        operation: _Operation,
        which: Mapping[str, str | int],
        perform: Callable[[HTTPConnection, str], T],
    ) -> T | None:
        if time.monotonic() < self._paused_until[operation]:
            return None
        url = await (self._reusable_url(which) if operation == "get_object" else self._sign(operation, which))
        exchange = Exchange(self._connections, url, perform)
        running = asyncio.get_running_loop().run_in_executor(self._threads, exchange.run)
        try:
            result = await asyncio.shield(running)
        except asyncio.CancelledError:
            # Nothing may still be on its way when the caller goes on to abort the upload.
            exchange.give_up()
            await asyncio.wait([running])
            raise
        self._judge(operation, bool(result))
        return result

    async def _reusable_url(self, which: Mapping[str, str | int]) -> str:
        """A signed URL to read an object by, the same one for a while: ranges are not part of it."""
        name, now = frozenset(which.items()), time.monotonic()
        url, until = self._signed.get(name, ("", 0.0))
        if until < now:
            url = await self._sign("get_object", which)
            self._signed = {other: known for other, known in self._signed.items() if known[1] >= now}
            self._signed[name] = url, now + _REUSED_SECONDS
        return url

    async def _sign(self, operation: _Operation, which: Mapping[str, str | int]) -> str:
        return await self._client.generate_presigned_url(
            operation, Params=dict(which), ExpiresIn=_SIGNED_SECONDS
        )

    def _judge(self, operation: _Operation, succeeded: bool) -> None:
        self._failures[operation] = 0 if succeeded else self._failures[operation] + 1
        if self._failures[operation] >= _FAILURES_BEFORE_PAUSE:
            log.info("bulk_transfer_paused", operation=operation, seconds=_PAUSE_SECONDS)
            self._paused_until[operation] = time.monotonic() + _PAUSE_SECONDS
            self._failures[operation] = 0
