"""gzip (RFC 1952), with any number of members one after another, as gzip itself reads them."""

from __future__ import annotations

from collections.abc import Generator

from services.decryptor.errors import GzipCorrupt, GzipTruncated, TrailingBytes
from services.decryptor.formats.format import Envelope, Tools
from services.decryptor.formats.inflate import GZIP, InflateError, Inflater
from services.decryptor.streams import Source

MAGIC = b"\x1f\x8b\x08"


def _recognises(source: Source) -> bool:
    return source.head.startswith(MAGIC)


def _decode(source: Source, _tools: Tools) -> Generator[bytes, None, None]:
    """Inflate every member; each one's CRC-32 and length are checked as it ends.

    Raises:
        GzipTruncated, GzipCorrupt: the stream is cut or damaged.
        TrailingBytes: something that is no gzip member follows one.
    """
    reader = source.reader()
    following = b""
    while True:
        member = Inflater(reader.read, GZIP, following)
        try:
            yield from member.chunks()
        except InflateError:
            raise GzipCorrupt("the gzip stream is damaged") from None
        if not member.ended:
            raise GzipTruncated("the gzip stream ends too early")
        following = member.unused or reader.read(len(MAGIC))
        if not following:
            return
        if len(following) < len(MAGIC):
            following += reader.read(len(MAGIC) - len(following))
        if not following.startswith(MAGIC):
            raise TrailingBytes("bytes follow the end of the gzip stream")


FORMAT = Envelope("gzip", _recognises, _decode)
