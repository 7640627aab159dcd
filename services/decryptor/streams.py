"""Byte streams as the formats pass them on: iterators of chunks, with a look at the first bytes.

A stream is *verified* in that its iterator raises unless its very end was checked: who has seen
``StopIteration`` holds authentic data, who has not holds nothing.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from itertools import chain
from typing import BinaryIO, Protocol, TypeAlias, runtime_checkable

Chunk: TypeAlias = bytes | memoryview
Chunks: TypeAlias = Iterator[Chunk]

# Fresh buffers from 256 KiB up cost ten times as much where the allocator maps and unmaps them each time.
CHUNK_BYTES = 128 * 1024
VIEW_BYTES = 1024 * 1024  # where more at once saves more than that
HEAD_BYTES = 64 * 1024
MOST_GCM_BYTES = (1 << 36) - 32  # under one key and IV (NIST SP 800-38D, section 5.2.1.1)


@runtime_checkable
class Viewable(Protocol):
    """A file whose content is in memory piece by piece."""

    def views(self, size: int) -> Iterator[memoryview]:
        """The rest of it in pieces of at most ``size`` bytes, each left as it is while somebody holds it."""
        ...


def file_chunks(file: BinaryIO) -> Generator[Chunk, None, None]:
    """The rest of a file in chunks: small ones, unless larger ones cost no copy."""
    if isinstance(file, Viewable):
        yield from file.views(VIEW_BYTES)
        return
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


class Firm:
    """The same chunks, but failing again once they failed: an error that a reader swallows is no end."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self._failure: BaseException | None = None

    def __iter__(self) -> Firm:
        return self

    def __next__(self) -> Chunk:
        if self._failure is not None:
            raise self._failure
        try:
            return next(self._chunks)
        except StopIteration:
            raise
        except BaseException as error:
            self._failure = error
            raise


class Source:
    """What a format reads: a name, the first bytes, and the whole as chunks, as a reader or as a file.

    ``chunks()`` and ``reader()`` both take the one stream there is: call one of them, once. ``file`` is
    there only where random access is possible without holding the content.
    """

    def __init__(
        self,
        name: str,
        chunks: Chunks,
        *,
        file: BinaryIO | None = None,
        size: int | None = None,
        metadata: Mapping[str, str] | None = None,
        read_sibling: Callable[[str], bytes | None] | None = None,
    ) -> None:
        self.name = name
        self.file = file
        self.size = size
        self.metadata = {
            key.lower().removeprefix("x-amz-meta-"): value for key, value in (metadata or {}).items()
        }
        self._read_sibling = read_sibling
        self._chunks: Chunks = Firm(chunks)
        self._pending: deque[Chunk] = deque()
        seen = 0
        while seen <= HEAD_BYTES and (chunk := next(self._chunks, None)) is not None:
            self._pending.append(chunk)
            seen += len(chunk)
        self.head = b"".join(self._pending)[:HEAD_BYTES]
        self.head_is_all = seen <= HEAD_BYTES

    def sibling(self, suffix: str) -> bytes | None:
        """The object beside this one whose key has ``suffix`` appended; None where there is none."""
        return self._read_sibling(suffix) if self._read_sibling else None

    def chunks(self) -> Chunks:
        """The whole content from its first byte."""
        pending, self._pending = self._pending, deque()
        return chain(pending, self._chunks)

    def reader(self) -> io.BufferedReader:
        """The whole content as a forward reader; ``read(n)`` gives n bytes unless the end is nearer."""
        return io.BufferedReader(_ChunkReader(self.chunks()), CHUNK_BYTES)


class _ChunkReader(io.RawIOBase):
    """Chunks as a raw stream: fills each buffer as far as it can, so that the reader above seldom loops."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # callers pass memoryviews only
        done = 0
        while done < len(buffer):
            if not self._rest:
                chunk = next(self._chunks, None)
                if chunk is None:
                    break
                self._rest = memoryview(chunk)
                continue
            take = min(len(buffer) - done, len(self._rest))
            buffer[done : done + take] = self._rest[:take]
            self._rest = self._rest[take:]
            done += take
        return done
