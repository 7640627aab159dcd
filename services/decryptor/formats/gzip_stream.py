"""gzip (RFC 1952), with any number of members one after another, as gzip itself reads them.

Zeros behind a member are padding: tapes and transfers in blocks leave them.
"""

from __future__ import annotations

import io
from collections.abc import Generator

from services.decryptor.errors import GzipCorrupt, GzipTruncated, TrailingBytes
from services.decryptor.formats.format import Envelope, Tools
from services.decryptor.formats.inflate import GZIP, InflateError, Inflater
from services.decryptor.streams import CHUNK_BYTES, Source

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
        following = _past_padding(member.unused, reader)
        if not following:
            return
        if not following.startswith(MAGIC):
            raise TrailingBytes("bytes follow the end of the gzip stream")


def _past_padding(data: bytes, reader: io.BufferedReader) -> bytes:
    """What follows the zeros: at least as much as tells a member; nothing at the end."""
    following = data.lstrip(b"\0")
    while not following and (data := reader.read(CHUNK_BYTES)):
        following = data.lstrip(b"\0")
    if 0 < len(following) < len(MAGIC):
        following += reader.read(len(MAGIC) - len(following))
    return following


FORMAT = Envelope("gzip", _recognises, _decode)
