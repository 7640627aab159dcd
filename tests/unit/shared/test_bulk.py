"""Bulk transfers: exact where they go well, and out of the way where they do not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from shared.aws.clients import Clients
from shared.objects.bulk import BulkTransfer

CONTENT = bytes(range(256)) * 100
WHICH = {"Bucket": "b", "Key": "landing/../a//b é.csv", "VersionId": "v1"}
PART: dict[str, str | int] = {"Bucket": "b", "Key": "raw/x", "UploadId": "u", "PartNumber": 1}


class Endpoint(BaseHTTPRequestHandler):
    """S3, as far as these tests need it, in several moods."""

    protocol_version = "HTTP/1.1"
    mood: ClassVar[str] = "well"
    paths: ClassVar[list[str]] = []
    bodies: ClassVar[list[bytes]] = []
    connections: ClassVar[set[tuple[str, int]]] = set()
    arrived, released = threading.Event(), threading.Event()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._note()
        first, _, last = self.headers["Range"].removeprefix("bytes=").partition("-")
        body = CONTENT[int(first) : int(last) + 1]
        if self.mood == "short":
            self._answer(206, body[:10], len(body))
            self.close_connection = True
        elif self.mood == "whole":
            self._answer(200, CONTENT)
        elif self.mood == "busy":
            self._answer(503, b"")
        else:
            self._answer(206, body)

    def do_PUT(self) -> None:
        self._note()
        if self.mood == "hanging":
            self.arrived.set()
            self.released.wait(10)
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(503 if self.mood == "busy" else 200, b"")

    def _note(self) -> None:
        self.paths.append(self.path.partition("?")[0])
        self.connections.add(self.client_address)

    def _answer(self, status: int, body: bytes, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("ETag", '"e"')
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving() -> Iterator[str]:
    Endpoint.mood = "well"
    for seen in (Endpoint.paths, Endpoint.bodies, Endpoint.connections):
        seen.clear()
    Endpoint.released.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        Endpoint.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
async def bulk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BulkTransfer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as endpoint:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        async with Clients() as clients:
            made = BulkTransfer(await clients.s3())
            yield made
            made.close()


async def test_a_range_is_read_into_memory(bulk: BulkTransfer) -> None:
    memory = bytearray(3000)
    assert await bulk.read_into(memoryview(memory)[:2000], 7, WHICH)
    assert memory == CONTENT[7:2007] + bytes(1000)


async def test_a_key_is_asked_for_as_it_is(bulk: BulkTransfer) -> None:
    await bulk.read_into(memoryview(bytearray(5)), 0, WHICH)
    assert Endpoint.paths == ["/b/landing/../a//b%20%C3%A9.csv"]


async def test_a_part_is_sent_and_its_etag_given(bulk: BulkTransfer) -> None:
    assert await bulk.upload_part(memoryview(bytearray(CONTENT)), PART) == '"e"'
    assert Endpoint.bodies == [CONTENT]


async def test_one_connection_serves_one_transfer_after_another(bulk: BulkTransfer) -> None:
    for _ in range(3):
        await bulk.read_into(memoryview(bytearray(5)), 0, WHICH)
        await bulk.upload_part(CONTENT, PART)
    assert len(Endpoint.connections) == 1


@pytest.mark.parametrize("mood", ["short", "whole", "busy"])
async def test_a_read_that_does_not_go_well_is_left_to_others(mood: str, bulk: BulkTransfer) -> None:
    Endpoint.mood = mood
    assert not await bulk.read_into(memoryview(bytearray(2000)), 0, WHICH)


async def test_a_part_that_is_refused_is_left_to_others(bulk: BulkTransfer) -> None:
    Endpoint.mood = "busy"
    assert await bulk.upload_part(CONTENT, PART) is None


async def test_what_keeps_failing_is_not_tried_for_a_while(bulk: BulkTransfer) -> None:
    Endpoint.mood = "busy"
    for _ in range(5):
        await bulk.upload_part(CONTENT, PART)
    assert len(Endpoint.bodies) == 3


async def test_other_operations_than_the_failing_one_go_on(bulk: BulkTransfer) -> None:
    Endpoint.mood = "busy"
    for _ in range(5):
        await bulk.upload_part(CONTENT, PART)
    Endpoint.mood = "well"
    assert await bulk.read_into(memoryview(bytearray(5)), 0, WHICH)


async def test_nothing_is_under_way_any_more_once_a_transfer_is_cancelled(bulk: BulkTransfer) -> None:
    Endpoint.mood = "hanging"
    sending = asyncio.create_task(bulk.upload_part(bytes(50_000_000), PART))
    await asyncio.to_thread(Endpoint.arrived.wait, 5)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(sending, 5)


async def test_behind_a_proxy_nothing_is_tried(monkeypatch: pytest.MonkeyPatch, bulk: BulkTransfer) -> None:
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    proxied = BulkTransfer(bulk._client)
    assert await proxied.upload_part(CONTENT, PART) is None
    assert Endpoint.paths == []
    proxied.close()
