"""The one interface of every format: does it recognise the content, and what verified parts are in it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from services.decryptor.keyring import Keyring
from services.decryptor.limits import Limits
from services.decryptor.staging import Staging
from services.decryptor.streams import Chunk, Chunks, Source


@dataclass(frozen=True, slots=True)
class Tools:
    """What formats need besides the content."""

    keyring: Keyring
    limits: Limits
    staging: Staging


@dataclass(frozen=True, slots=True)
class Part:
    """One stream inside a format: its chunks raise unless the part was verified to its end.

    ``packed_bytes`` is its compressed size inside the format, where that is known beforehand. A part that is
    ``clutter`` is not to be read, and has no chunks.
    """

    name: str
    chunks: Chunks
    packed_bytes: int | None = None
    clutter: bool = False


class Format(Protocol):
    """A way to pack or encrypt."""

    @property
    def name(self) -> str:
        """Short and stable: manifests list it."""
        ...

    def recognises(self, source: Source) -> bool:
        """Whether the content is of this format, judged by metadata and first bytes only."""
        ...

    def open(self, source: Source, tools: Tools) -> Generator[Part, None, None]:
        """The parts in order. Each is consumed to its end before the next is asked for; when the iterator
        ends without an error, the format's whole content was verified and nothing follows it."""
        ...


@dataclass(frozen=True, slots=True)
class Envelope:
    """A format around a single stream."""

    name: str
    recognises: Callable[[Source], bool]
    decode: Callable[[Source, Tools], Generator[Chunk, None, None]]

    def open(self, source: Source, tools: Tools) -> Generator[Part, None, None]:
        """The one part, under the name that the whole has."""
        with closing(self.decode(source, tools)) as chunks:
            yield Part(source.name, chunks)
