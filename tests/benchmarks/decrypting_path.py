"""How fast this machine moves a landed object from S3 to S3 with nothing done to it: the way's own limit.

The same ranged GETs and parts that the decryptor sends, from and to the same memory, by three threads that do
nothing else. As many bytes are sent as the text has, whatever its packed size. Prints JSON: wall and CPU
seconds, and CPU seconds of a SHA-256 over the same bytes, which manifests record.

    python -m tests.benchmarks.decrypting_path ENDPOINT LANDED_BYTES TEXT_BYTES
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlsplit

from shared.objects.upload import PART_BYTES
from tests.benchmarks.streaming_s3 import BUCKET

_THREADS = 3
_SUMMED_BYTES = 256 << 20
_LANDED, _COPY = f"/{BUCKET}/landing/Sent.csv", f"/{BUCKET}/raw/copy"


class Mover:
    """One thread's connection and memory."""

    def __init__(self, host: str, upload_id: str) -> None:
        self._connection = HTTPConnection(host)
        self._upload_id = upload_id
        self._memory = memoryview(bytearray(PART_BYTES))

    def move(self, number: int, first: int, end: int, part_bytes: int) -> None:
        """Read a range of the landed object, then send a part."""
        if end > first:
            self._connection.request("GET", _LANDED, headers={"Range": f"bytes={first}-{end - 1}"})
            answer, left = self._connection.getresponse(), self._memory[: end - first]
            while left and (count := answer.readinto(left)):
                left = left[count:]
            answer.read()
        path = f"{_COPY}?uploadId={self._upload_id}&partNumber={number}"
        self._connection.request("PUT", path, body=self._memory[:part_bytes])
        self._connection.getresponse().read()


def _ask(host: str, path: str) -> str:
    connection = HTTPConnection(host)
    connection.request("POST", path)
    return connection.getresponse().read().decode()


def copy(host: str, landed_bytes: int, text_bytes: int) -> None:
    """Move everything once."""
    upload_id = _ask(host, f"{_COPY}?uploads").partition("<UploadId>")[2].partition("<")[0]
    count = -(-text_bytes // PART_BYTES)
    share = landed_bytes / count

    def tasks(thread: int) -> Iterator[tuple[int, int, int, int]]:
        for i in range(thread, count, _THREADS):
            size = min(PART_BYTES, text_bytes - i * PART_BYTES)
            yield i + 1, int(i * share), min(int((i + 1) * share), int(i * share) + PART_BYTES), size

    def work(thread: int) -> None:
        mover = Mover(host, upload_id)
        for task in tasks(thread):
            mover.move(*task)

    with ThreadPoolExecutor(_THREADS) as threads:
        list(threads.map(work, range(_THREADS)))
    _ask(host, f"{_COPY}?uploadId={upload_id}")


def _sum(text_bytes: int) -> float:
    """CPU seconds of SHA-256 over so many bytes, from a smaller number of them."""
    part, began = bytes(PART_BYTES), time.process_time()
    digest, summed = hashlib.sha256(), 0
    while summed < min(_SUMMED_BYTES, text_bytes):
        digest.update(part)
        summed += PART_BYTES
    return (time.process_time() - began) * text_bytes / summed


def main(endpoint: str, landed_bytes: int, text_bytes: int) -> None:
    """Measure once."""
    host = urlsplit(endpoint).netloc
    began, used = time.perf_counter(), time.process_time()
    copy(host, landed_bytes, text_bytes)
    measured = {"wall": time.perf_counter() - began, "cpu": time.process_time() - used}
    print(json.dumps(measured | {"sum": _sum(text_bytes)}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
