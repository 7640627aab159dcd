"""The landed object as the formats see it, wherever it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO, Protocol

MOST_SIBLING_BYTES = 64 << 10  # several times what the metadata of an object may hold


class Landed(Protocol):
    """One object to unpack."""

    @property
    def name(self) -> str:
        """The last part of its key."""
        ...

    @property
    def size(self) -> int:
        """Its bytes, still encrypted."""
        ...

    @property
    def metadata(self) -> Mapping[str, str]:
        """Its S3 user metadata, names in any case, with or without the ``x-amz-meta-`` prefix."""
        ...

    def open(self) -> BinaryIO:
        """A seekable reader over its content; ``read(n)`` gives n bytes unless the end is nearer."""
        ...

    def read_sibling(self, suffix: str) -> bytes | None:
        """The content of the object whose key has ``suffix`` appended; None where there is none.

        Of one that is larger than ``MOST_SIBLING_BYTES`` only so much that it shows.
        """
        ...
