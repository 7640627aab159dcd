"""Where a verified inner archive is held while its members are read in any order.

An archive inside an encrypted or compressed layer has no random access, and its directory comes last. It is
held only after the layer around it was verified to its end, and only while its members are being read.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import chain
from typing import BinaryIO, Protocol

from services.decryptor.errors import StagingTooLarge
from services.decryptor.streams import Chunk, Chunks, file_chunks

DEFAULT_MEMORY_BYTES = 64 << 20


class Staging(Protocol):
    """A place that holds a stream's content for a while."""

    def hold(self, chunks: Chunks) -> AbstractContextManager[BinaryIO]:
        """Consume the stream to its verified end and give it as a seekable file, gone after the context."""
        ...


class MemoryStaging:
    """Holds up to ``limit`` bytes in memory and hands what is larger to ``overflow``.

    Raises:
        StagingTooLarge: the content is larger than ``limit`` and there is no ``overflow``.
    """

    def __init__(self, limit: int = DEFAULT_MEMORY_BYTES, overflow: Staging | None = None) -> None:
        self._limit = limit
        self._overflow = overflow

    @contextmanager
    def hold(self, chunks: Chunks) -> Iterator[BinaryIO]:
        """As in :class:`Staging`."""
        held = io.BytesIO()
        for chunk in chunks:
            if held.tell() + len(chunk) > self._limit:
                with self._handed_over(held, chunk, chunks) as file:
                    yield file
                return
            held.write(chunk)
        held.seek(0)
        yield held

    def _handed_over(self, held: io.BytesIO, chunk: Chunk, rest: Chunks) -> AbstractContextManager[BinaryIO]:
        if self._overflow is None:
            raise StagingTooLarge(f"an inner archive is larger than the {self._limit} bytes that can be held")
        held.seek(0)
        return self._overflow.hold(chain(file_chunks(held), (chunk,), rest))


class TemporaryFileStaging:
    """Holds content in a temporary file without a name: for the command line on an operator's own machine."""

    @contextmanager
    def hold(self, chunks: Chunks) -> Iterator[BinaryIO]:
        """As in :class:`Staging`."""
        with tempfile.TemporaryFile() as file:
            for chunk in chunks:
                file.write(chunk)
            file.seek(0)
            yield file
