"""File objects for worker threads: parsers are synchronous, S3 is reached from the event loop."""

from __future__ import annotations

import asyncio
import io
from collections import deque
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from shared.objects.store import ObjectStore
from shared.objects.upload import PART_BYTES, PendingUpload
from shared.stopping import stop_signal

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

T = TypeVar("T")

_READ_BYTES = 8 << 20
_READ_AHEAD = 2  # ranges requested before they are asked for, while reading goes forward


@dataclass(frozen=True, slots=True)
class _Block:
    """A part of an object in memory, which may be larger."""

    start: int
    memory: bytearray
    length: int

    @property
    def end(self) -> int:
        return self.start + self.length

    @property
    def content(self) -> memoryview:
        return memoryview(self.memory)[: self.length]


_NO_BLOCK = _Block(0, bytearray(), 0)


def _is_held(memory: bytearray) -> bool:
    """Whether a view of the memory is still in somebody's hands."""
    try:
        memory.append(memory.pop())  # what is viewed cannot change its size
    except BufferError:
        return True
    return False


class ObjectReader(io.RawIOBase):
    """A seekable reader over one pinned version, by ranged GETs with read-ahead. Use from a worker thread.

    Reading raises ``WorkStopped`` once the work that opened it is to stop.
    """

    def __init__(
        self,
        store: ObjectStore,
        loop: asyncio.AbstractEventLoop,
        bucket: str,
        key: str,
        size: int,
        version_id: str | None = None,
    ) -> None:
        super().__init__()
        self._store = store
        self._loop = loop
        self._bucket, self._key, self._version_id = bucket, key, version_id
        self._size = size
        self._at = 0
        self._block = _NO_BLOCK
        self._ahead: deque[tuple[_Block, Future[int]]] = deque()
        self._spare: list[bytearray] = []  # fresh memory costs more than filling it
        self._stop = stop_signal()  # of the thread that opens it: another one may read

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always: each block is its own ranged GET."""
        return True

    def tell(self) -> int:
        """Bytes from the start."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; nothing is requested before the next read."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill from the current block, fetching the next where it is used up."""
        if not self._enter_block():
            return 0
        view = memoryview(buffer).cast("B")
        taken = self._block.content[self._at - self._block.start :][: len(view)]
        view[: len(taken)] = taken
        self._at += len(taken)
        return len(taken)

    def read(self, size: int = -1) -> bytes:
        """Exactly ``size`` bytes, or those up to the end where there are fewer or ``size`` is negative."""
        left = self._size - self._at
        left = left if size < 0 else min(size, left)
        pieces = []
        while left > 0 and self._enter_block():
            start = self._at - self._block.start
            pieces.append(self._block.content[start : start + left])
            self._at += len(pieces[-1])
            left -= len(pieces[-1])
        return b"".join(pieces)

    def views(self, size: int) -> Iterator[memoryview]:
        """The rest of the object in pieces of at most ``size`` bytes, not copied.

        A piece stays as it is for as long as somebody holds it, and holds 8 MiB.
        """
        while self._enter_block():
            start = self._at - self._block.start
            piece = self._block.content[start : start + size]
            self._at += len(piece)
            yield piece

    def close(self) -> None:
        """Drop what was requested ahead."""
        self._drop_ahead()
        super().close()

    def _enter_block(self) -> bool:
        """See that the current position is in memory; False at the end."""
        self._stop.check()
        if self._at >= self._size:
            return False
        if not self._block.start <= self._at < self._block.end:
            memory = self._block.memory
            self._block = _NO_BLOCK
            if memory and not _is_held(memory):
                self._spare.append(memory)
            self._block = self._fetch(self._at)
        return True

    def _fetch(self, at: int) -> _Block:
        if not self._ahead or self._ahead[0][0].start != at:
            self._drop_ahead()
            self._request(at)
        while len(self._ahead) <= _READ_AHEAD and (end := self._ahead[-1][0].end) < self._size:
            self._request(end)
        block, filled = self._ahead.popleft()
        if filled.result() != block.length:
            raise ConnectionError("S3 returned fewer bytes than the object holds")
        return block

    def _request(self, at: int) -> None:
        memory = self._spare.pop() if self._spare else bytearray(min(_READ_BYTES, self._size))
        block = _Block(at, memory, min(_READ_BYTES, self._size - at))
        reading = self._store.read_into(block.content, self._bucket, self._key, at, self._version_id)
        self._ahead.append((block, asyncio.run_coroutine_threadsafe(reading, self._loop)))

    def _drop_ahead(self) -> None:
        while self._ahead:
            self._ahead.popleft()[1].cancel()  # what was read of it is not used again, nor is its memory


class UploadWriter(io.RawIOBase):
    """A write-only file over a :class:`PendingUpload`; collects small writes before crossing to the loop.

    Parts are collected in memory that the upload gives back once it has sent them: fresh memory costs as
    much as copying to it, and memory that is returned and asked for again and again grows. While the loop
    takes one part, the next is collected: where all processors are busy, it is milliseconds until the loop
    gets to it. What goes wrong with a part may therefore be raised by the flush after it, or by closing.

    Writing raises ``WorkStopped`` once the work that opened it is to stop.
    """

    def __init__(self, upload: PendingUpload, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._upload = upload
        self._loop = loop
        self._memory = bytearray()  # grows to a part the first time, so that small files stay small
        self._filled = 0
        self._written = 0
        self._handing_over: Future[None] | None = None
        self._stop = stop_signal()

    def writable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Bytes written so far; Parquet footers are built from it."""
        return self._written

    def write(self, data: ReadableBuffer) -> int:
        """Take all of ``data``; waits while the upload is behind."""
        self._stop.check()
        view = memoryview(data).cast("B")
        size = len(view)
        while view:
            piece = view[: PART_BYTES - self._filled]
            view = view[len(piece) :]
            self._collect(piece)
            if self._filled == PART_BYTES:
                self.flush()
        self._written += size
        return size

    def _collect(self, piece: memoryview) -> None:
        start, self._filled = self._filled, self._filled + len(piece)
        if start == len(self._memory):
            self._memory += piece
        else:
            memoryview(self._memory)[start : self._filled] = piece

    def flush(self) -> None:
        """Hand collected bytes to the upload, once it has taken those before."""
        self._await_handover()
        if not self._filled:
            return
        memory, filled = self._memory, self._filled
        self._memory, self._filled = self._upload.spare_memory(), 0
        if filled < len(memory):  # it was used before and is not full this time
            del memory[filled:]
        self._handing_over = asyncio.run_coroutine_threadsafe(self._upload.write(memory), self._loop)
        if not self._memory:  # all there is of it is being sent: no more before a part has gone
            self._await_handover()

    def _await_handover(self) -> None:
        if self._handing_over is not None:
            handing_over, self._handing_over = self._handing_over, None
            handing_over.result()

    def close(self) -> None:
        """Hand over the rest. Completing is the :class:`OutputSet`'s decision, not the writer's."""
        if not self.closed:
            self.flush()
            self._await_handover()
            self._memory = bytearray()
        super().close()


def run_on_loop(work: Coroutine[object, object, T], loop: asyncio.AbstractEventLoop) -> T:
    """Run a coroutine on the service's loop from a worker thread, and wait for its result."""
    return asyncio.run_coroutine_threadsafe(work, loop).result()
