"""Any supported encoding as a stream of UTF-8 bytes, so that everything after this knows one encoding only.

Text that is damaged in its own encoding becomes bytes that are not valid UTF-8, at the same place: the row
check then rejects that row and no other.
"""

from __future__ import annotations

import codecs
from typing import BinaryIO, Protocol

from services.normalizer.errors import UnsupportedEncoding
from shared.text import SNIFF_BYTES, Encoding, Utf32Error, detect_encoding

_NEVER_UTF8 = b"\xff"


class ByteStream(Protocol):
    """What the reader needs of a source: forward-only reads."""

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes; none at the end only."""
        ...


def read_fully(source: ByteStream, size: int) -> bytes:
    """Read ``size`` bytes, fewer only at the end, however small the pieces that the source returns."""
    first = source.read(size)
    if len(first) == size or not first:
        return first
    pieces = [first]
    missing = size - len(first)
    while missing and (piece := source.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def open_utf8(source: BinaryIO, stated: Encoding | None = None) -> tuple[ByteStream, Encoding]:
    """Return the source as UTF-8 without its byte order mark, and the encoding it is really in.

    :func:`shared.text.detect_encoding` says how that is found out.

    Raises:
        UnsupportedEncoding: the byte order mark is that of UTF-32.
    """
    head = read_fully(source, SNIFF_BYTES)
    try:
        encoding, mark = detect_encoding(head, stated)
    except Utf32Error:
        raise UnsupportedEncoding("the file is in UTF-32") from None
    return _utf8_stream(head[len(mark) :], source, encoding), encoding


def _utf8_stream(head: bytes, source: BinaryIO, encoding: Encoding) -> ByteStream:
    joined = _Joined(head, source)
    if encoding == "utf-8":
        return joined
    if encoding in ("utf-16-le", "utf-16-be"):
        # A lone surrogate passes both ways and so ends as bytes that are not valid UTF-8.
        return _Transcoded(joined, encoding, "surrogatepass")
    return _Transcoded(joined, encoding, "surrogateescape")


class _Joined:
    """Bytes already taken from a source, followed by the rest of it."""

    def __init__(self, head: bytes, rest: ByteStream) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes; none at the end only."""
        if self._head:
            piece, self._head = self._head[:size], self._head[size:]
            return piece
        return self._rest.read(size)


class _Transcoded:
    """A source in another encoding, read as UTF-8."""

    def __init__(self, source: ByteStream, encoding: Encoding, errors: str) -> None:
        self._source = source
        self._errors = errors
        self._decoder = codecs.getincrementaldecoder(encoding)(errors)
        self._ready = b""

    def read(self, size: int, /) -> bytes:
        while not self._ready:
            piece = self._source.read(size)
            if not piece:
                return self._finish()[:size]
            self._ready = self._decoder.decode(piece).encode("utf-8", self._errors)
        result, self._ready = self._ready[:size], self._ready[size:]
        return result

    def _finish(self) -> bytes:
        """Half a character at the very end damages the last row; it is not left out in silence."""
        undecoded, _ = self._decoder.getstate()
        self._decoder.reset()
        return _NEVER_UTF8 if undecoded else b""
