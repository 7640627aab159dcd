"""What a request needs is read off the wire, whatever is in the key and whatever became of the request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from socket import create_connection
from threading import Thread
from urllib.parse import quote
from urllib.request import Request as Urllib
from urllib.request import urlopen

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.proxy import Loop, Proxy
from tests.permissions.recognising import Request, permissions
from tests.permissions.recorder import Recorder

ODD = "a b/c+d%20e%/&$@=;:+,?#/ü日😀/../\n\t//|\\"
WITHIN = 10.0


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_key_is_unquoted_once_in_the_path_and_in_the_source_of_a_copy(key: str) -> None:
    (got, *_) = permissions(Request.of("GET", f"/b/{quote(key)}?versionId=v1", {}))
    assert (got.action, got.resource) == ("s3:GetObjectVersion", f"arn:aws:s3:::b/{key}")
    copied = permissions(Request.of("PUT", "/b/copy", {"X-Amz-Copy-Source": f"b/{quote(key)}?versionId=v1"}))
    assert f"arn:aws:s3:::b/{key}" in {call.resource for call in copied}


@contextmanager
def upstream() -> Iterator[str]:
    """AWS, which has nothing."""

    class Nothing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Nothing)
    serving = Thread(target=server.serve_forever)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def get(endpoint: str) -> None:
    with pytest.raises(OSError, match="404"):
        urlopen(Urllib(f"{endpoint}/b/{quote(ODD)}"), timeout=WITHIN)


def test_the_recorder_notes_an_odd_key_as_it_is_and_that_it_was_not_there() -> None:
    noted = Queue[Request]()
    with upstream() as aws, Recorder(aws, noted.put).running() as recorder:
        get(recorder.endpoint)
        request = noted.get(timeout=WITHIN)
    assert [(call.action, call.resource) for call in permissions(request)] == [
        ("s3:GetObject", f"arn:aws:s3:::b/{ODD}"),
        ("kms:Decrypt", "arn:aws:kms:us-east-1:000000000000:key/bucket"),
        ("s3:ListBucket", "arn:aws:s3:::b"),
    ]


def test_the_recorder_notes_an_upload_that_its_sender_gave_up() -> None:
    noted = Queue[Request]()
    with upstream() as aws, Recorder(aws, noted.put).running() as recorder:
        port = int(recorder.endpoint.rpartition(":")[2])
        with create_connection(("127.0.0.1", port)) as sender:
            sender.sendall(b"PUT /b/key HTTP/1.1\r\nHost: b\r\nContent-Length: 100\r\n\r\nthe first bytes")
        request = noted.get(timeout=WITHIN)
    assert [call.action for call in permissions(request)] == ["s3:PutObject", "kms:GenerateDataKey"]


class Nobody:
    """No service is behind the proxy, and nothing is done to it."""

    async def die(self) -> None:
        raise AssertionError("no fault is armed")

    def freeze(self) -> None:
        raise AssertionError("no fault is armed")


def test_the_proxy_of_the_faults_notes_a_request_when_it_comes_and_when_it_was_answered() -> None:
    noted = Queue[Request]()
    with upstream() as aws, Loop() as loop:
        proxy = Proxy(aws, Nobody(), noted.put)
        loop.run(proxy.open())
        try:
            get(proxy.url)
        finally:
            loop.run(proxy.close())
    came, answered = noted.get(timeout=WITHIN), noted.get(timeout=WITHIN)
    assert (came.status, answered.status) == (200, 404)
    assert {call.resource for call in permissions(answered)} >= {f"arn:aws:s3:::b/{ODD}", "arn:aws:s3:::b"}
