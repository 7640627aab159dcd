"""Reads a stream in blocks that never end between CR and LF."""

from __future__ import annotations

from services.normalizer.csvfile.encoding import ByteStream, read_fully


class Blocks:
    """A stream as blocks; what was read too far can be put back."""

    def __init__(self, source: ByteStream) -> None:
        """Begin where the source stands."""
        self._source = source
        self._ahead = b""
        self.position = 0
        """How many bytes were read and not put back."""

    def read(self, size: int) -> bytes:
        """``size`` bytes, and one more rather than end between CR and LF; fewer only at the end."""
        block = self._take(size)
        if block.endswith(b"\r"):
            following = self._take(1)
            if following == b"\n":
                return block + following
            self.put_back(following)
        return block

    def put_back(self, data: bytes) -> None:
        """Let the next read begin with this."""
        self._ahead = data + self._ahead
        self.position -= len(data)

    def _take(self, size: int) -> bytes:
        taken, self._ahead = self._ahead[:size], self._ahead[size:]
        if len(taken) < size:
            taken += read_fully(self._source, size - len(taken))
        self.position += len(taken)
        return taken
