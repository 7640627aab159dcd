"""An S3 on loopback that costs next to nothing, so that what is measured against it is its client.

Large objects are files of a folder, sent by the kernel. Uploads are counted, checked and thrown away, save
those under ``raw/.staging/``; small objects are kept in memory. ``GET /?measure`` tells what was uploaded and
forgets it. It also plays KMS, with a single data key. As a process of its own it prints its port:
``python -m tests.benchmarks.streaming_s3 FOLDER``.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from isal import isal_zlib

from shared.objects.upload import PART_BYTES

BUCKET = "ingest"
KEY_ARN = "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-0000-0000-000000000000"
DATA_KEY = bytes(range(32))
_STAGING = "raw/.staging/"
_DATE = "Sat, 31 Jan 2026 12:00:00 GMT"
_SCRATCH_BYTES = 256 << 10


@dataclass
class Upload:
    """An open multipart upload: size and CRC-32 of each part; the parts themselves only where they are read
    back."""

    key: str
    parts: dict[int, tuple[int, int]] = field(default_factory=dict)

    def whole(self) -> tuple[int, int]:
        """Size and CRC-32 of all parts together."""
        size = crc = 0
        for _, (part_size, part_crc) in sorted(self.parts.items()):
            crc = isal_zlib.crc32_combine(crc, part_crc, part_size)
            size += part_size
        return size, crc


class State:
    """What the server holds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.small: dict[str, bytes] = {}
        self.uploads: dict[str, Upload] = {}
        self.finished: dict[str, tuple[int, int]] = {}
        self.ids = itertools.count(1)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16
    disable_nagle_algorithm = True
    state: State

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def handle_expect_100(self) -> bool:
        """Let the body come; the answer must not wait in the buffer."""
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def do_HEAD(self) -> None:
        self._read()

    def do_GET(self) -> None:
        if "measure" in self._query:
            told = {"finished": self.state.finished, "open": len(self.state.uploads)}
            self.state.finished = {}
            self.state.small = {}
            self._answer(200, json.dumps(told).encode())
        elif "list-type" in self._query:
            self._list(self._query["prefix"][0])
        elif "versioning" in self._query:
            self._answer(200, b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
        else:
            self._read()

    def do_POST(self) -> None:
        query = self._query
        asked = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "X-Amz-Target" in self.headers:
            self._unwrap(json.loads(asked))
            return
        if "uploads" in query:
            upload_id = f"upload-{next(self.state.ids)}"
            self.state.uploads[upload_id] = Upload(self._key)
            self._xml("InitiateMultipartUploadResult", UploadId=upload_id)
            return
        upload = self.state.uploads.pop(query["uploadId"][0])
        self.state.finished[upload.key] = upload.whole()
        self._xml("CompleteMultipartUploadResult", ETag='"whole"')

    def do_PUT(self) -> None:
        query, key = self._query, self._key
        if "uploadId" in query:
            upload = self.state.uploads[query["uploadId"][0]]
            number = int(query["partNumber"][0])
            upload.parts[number] = self._take_part(key, (number - 1) * PART_BYTES)
            self._answer(200, headers={"ETag": f'"part-{number}"'})
            return
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.state.small[key] = body
        self.state.finished[key] = len(body), isal_zlib.crc32(body)
        self._answer(200, headers={"ETag": '"small"'})

    def do_DELETE(self) -> None:
        upload_id = self._query.get("uploadId", [""])[0]
        self.state.uploads.pop(upload_id, None)
        self.state.small.pop(self._key, None)
        if self._key.startswith(_STAGING):
            self._path.unlink(missing_ok=True)
        self._answer(204)

    def _unwrap(self, asked: dict[str, str]) -> None:
        told = {"KeyId": asked.get("KeyId", KEY_ARN), "Plaintext": base64.b64encode(DATA_KEY).decode()}
        told["CiphertextBlob"] = base64.b64encode(b"wrapped").decode()
        self._answer(200, json.dumps(told).encode())

    @property
    def _query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.path).query, keep_blank_values=True)

    @property
    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix(f"/{BUCKET}").removeprefix("/")

    @property
    def _path(self) -> Path:
        return self.state.folder / self._key.replace("/", "%")

    def _take_part(self, key: str, offset: int) -> tuple[int, int]:
        """Read a part to its end; staged ones are kept, for they will be read back."""
        left, crc, scratch = int(self.headers["Content-Length"]), 0, bytearray(_SCRATCH_BYTES)
        size, view = left, memoryview(scratch)
        kept = os.open(self._path, os.O_WRONLY | os.O_CREAT) if key.startswith(_STAGING) else None
        while left:
            count = self.rfile.readinto(view[: min(left, len(view))])
            if not count:
                raise ConnectionError("the client went away")
            crc = isal_zlib.crc32(view[:count], crc)
            if kept is not None:
                os.pwrite(kept, view[:count], offset)
                offset += count
            left -= count
        if kept is not None:
            os.close(kept)
        stated = self.headers.get("x-amz-checksum-crc32")
        if stated is not None and int.from_bytes(base64.b64decode(stated), "big") != crc:
            raise ValueError("a part does not have the checksum that it states")
        return size, crc

    def _read(self) -> None:
        if self._key in self.state.small:
            body = self.state.small[self._key]
            self._answer(200, body if self.command == "GET" else b"", self._object_headers(), len(body))
            return
        if not self._path.is_file():
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>" if self.command == "GET" else b"")
            return
        size = self._path.stat().st_size
        start, end = 0, size
        told = self.headers.get("Range")
        if told:
            first, _, last = told.removeprefix("bytes=").partition("-")
            start, end = int(first), min(int(last) + 1, size)
        headers = self._object_headers()
        if told:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        self._answer(206 if told else 200, headers=headers, length=end - start)
        if self.command == "GET":
            self.wfile.flush()
            with self._path.open("rb") as file:
                while start < end:
                    start += os.sendfile(self.connection.fileno(), file.fileno(), start, end - start)

    def _object_headers(self) -> dict[str, str]:
        headers = {"ETag": '"whole"', "Last-Modified": _DATE, "x-amz-version-id": "v1"}
        described = self._path.with_name(self._path.name + ".metadata")
        if described.is_file():
            told: dict[str, str] = json.loads(described.read_text())
            headers |= {f"x-amz-meta-{name}": value for name, value in told.items()}
        return headers

    def _list(self, prefix: str) -> None:
        keys = sorted(key for key in self.state.small if key.startswith(prefix))
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.state.small[key])}</Size>"
            "<ETag>x</ETag><LastModified>2026-01-31T12:00:00.000Z</LastModified></Contents>"
            for key in keys
        )
        body = f"<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>"
        self._answer(200, body.encode())

    def _xml(self, root: str, **members: str) -> None:
        inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in members.items())
        self._answer(200, f"<{root}>{inner}</{root}>".encode())

    def _answer(
        self, status: int, body: bytes = b"", headers: dict[str, str] | None = None, length: int | None = None
    ) -> None:
        self.send_response_only(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


class Server(ThreadingHTTPServer):
    """A thread a connection."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients may go away in the middle of an answer; anything else is a defect and is told."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # its stub is narrower


def serve(folder: Path) -> None:
    """Serve on a free port of loopback, which is printed, until the process ends."""
    handler = type("BoundHandler", (Handler,), {"state": State(folder)})
    server = Server(("127.0.0.1", 0), handler)
    print(server.server_port, flush=True)
    threading.current_thread().name = "server"
    server.serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
