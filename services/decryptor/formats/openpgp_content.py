"""The file inside a decrypted OpenPGP message: exactly the bytes of its literal packet (RFC 4880, 11.3).

gpg itself cannot be asked for them: of a literal packet in text mode it removes every carriage return.
"""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import cast

from services.decryptor.encryption_errors import PgpMalformed, PgpUnsupported
from services.decryptor.errors import RatioTooHigh
from services.decryptor.formats.inflate import RAW_DEFLATE, InflateError, Inflater
from services.decryptor.formats.openpgp_packets import (
    MAX_HEADER_BYTES,
    Header,
    packet,
    read_header,
    read_length,
    whole_parts,
)
from services.decryptor.limits import Limits
from services.decryptor.streams import CHUNK_BYTES, VIEW_BYTES, Chunk, Chunks
from shared.stopping import StopSignal, stop_signal

LITERAL = 11
_SIGNATURE, _ONE_PASS, _COMPRESSED, _MARKER, _PADDING = 2, 4, 8, 10, 21
_ENCRYPTED = frozenset({1, 3, 9, 18, 20})
_UNCRITICAL = range(40, 64)  # a reader ignores those that it does not know (RFC 9580, section 4.3)
_UNCOMPRESSED, _ZIP, _ZLIB, _BZIP2 = 0, 1, 2, 3
_TEXT_SIGNATURE = 1
_MAX_COMPRESSIONS = 4  # inside each other
_MAX_SIGNATURE_BYTES = 1 << 16
_MAX_SIGNATURES = 16
_LEAST_CHUNK_BYTES = CHUNK_BYTES // 2  # below this, several pieces make one chunk


@dataclass(slots=True, eq=False)
class Content:
    """What one decrypted message holds. :meth:`chunks` reads it, once, and fills the other fields.

    ``signatures_before`` and ``signatures_behind`` are the packets around the literal one, ``literal_head``
    what that begins with: its mode, a file name, a date. All three are for the check of the signature.
    """

    packets: Chunks
    limits: Limits
    literal_head: bytes = b""
    signatures_before: list[bytes] = field(default_factory=list)
    signatures_behind: list[bytes] = field(default_factory=list)
    signs_text: bool = False
    _has_literal: bool = False
    _received: int = 0
    _overhead: int = 0
    _stop: StopSignal = field(default_factory=stop_signal)

    def chunks(self) -> Generator[Chunk, None, None]:
        """The bytes of the file.

        Raises:
            PgpMalformed: the packets are not those of a message with one file.
            PgpUnsupported: it is compressed in an unknown way, or holds another encrypted message.
            RatioTooHigh: packets that are not the file expand too far.
        """
        yield from self._message(_Reader(self._counted(self.packets)), 0)
        if not self._has_literal:
            raise PgpMalformed("no file is in the message")

    def _counted(self, chunks: Chunks) -> Chunks:
        for chunk in chunks:
            self._received += len(chunk)
            yield chunk

    def _message(self, reader: _Reader, compressions: int) -> Generator[Chunk, None, None]:
        while (header := reader.header()) is not None:
            self._stop.check()  # packets without a byte of the file give the reader no chance to
            self._spend(header.size)
            body = reader.body(header)
            if header.tag == LITERAL:
                self._begin_file()
                self.literal_head, rest = _literal(body)
                yield from _gathered(rest)
            elif header.tag == _COMPRESSED:
                if compressions == _MAX_COMPRESSIONS:
                    raise PgpMalformed("compressed packets are nested too deeply")
                if compressions:
                    body = self._judged(body)
                yield from self._message(_Reader(_expanded(body)), compressions + 1)
            elif header.tag in (_SIGNATURE, _ONE_PASS):
                self._keep_signature(header.tag, body)
            elif header.tag in (_MARKER, _PADDING) or header.tag in _UNCRITICAL:
                for _ in self._judged(body):
                    pass
            elif header.tag in _ENCRYPTED:
                raise PgpUnsupported("the message holds another encrypted message")
            else:
                raise PgpMalformed("the decrypted message has a packet that does not belong there")

    def _begin_file(self) -> None:
        if self._has_literal:
            raise PgpMalformed("more than one file is in the message")
        self._has_literal = True

    def _judged(self, body: Iterator[memoryview]) -> Iterator[memoryview]:
        """The same pieces, of packets that give no byte of the file, as long as they are plausibly few."""
        for piece in body:
            self._spend(len(piece))
            yield piece

    def _spend(self, size: int) -> None:
        self._overhead += size
        if self._overhead > self.limits.ratio_free_bytes + self._received * self.limits.max_ratio:
            raise RatioTooHigh("packets inside the message expand too far")

    def _keep_signature(self, tag: int, body: Iterator[memoryview]) -> None:
        content = bytearray()
        for piece in body:
            content += piece
            if len(content) > _MAX_SIGNATURE_BYTES:
                raise PgpMalformed("a signature of the message is too long")
        kept = self.signatures_behind if self._has_literal else self.signatures_before
        if len(kept) == _MAX_SIGNATURES:
            raise PgpMalformed("the message has too many signatures")
        kept.append(packet(tag, bytes(content)))
        # Behind its version a signature of version 3 has a length of 5, then the type.
        kind = content[2:3] if tag == _SIGNATURE and content[:1] == b"\x03" else content[1:2]
        self.signs_text |= kind == bytes([_TEXT_SIGNATURE])


class _Reader:
    """Reads packets out of chunks."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self._view = memoryview(b"")

    def header(self) -> Header | None:
        """The next packet's header; None at the end."""
        if not self._fill(1):
            return None
        self._fill(MAX_HEADER_BYTES)
        return self._skipping(read_header(self._view[:MAX_HEADER_BYTES]))

    def body(self, header: Header) -> Iterator[memoryview]:
        """The bytes of a packet, without the lengths of its parts; none of the pieces is empty."""
        if header.endless:
            while self._fill(1):
                yield self._take(len(self._view))
            return
        left, partial = header.length, header.partial
        while True:
            while left:
                if not self._fill(1):
                    raise PgpMalformed("the decrypted message ends inside a packet")
                piece = self._take(left)
                left -= len(piece)
                yield piece
            if not partial:
                return
            parts, self._view = whole_parts(self._view)
            if parts:
                yield parts[0] if len(parts) == 1 else memoryview(b"".join(parts))
            self._fill(MAX_HEADER_BYTES)
            length = self._skipping(read_length(self._view[:MAX_HEADER_BYTES], 0))
            left, partial = length.length, length.partial

    def _skipping(self, header: Header | None) -> Header:
        if header is None:
            raise PgpMalformed("a packet of the decrypted message has no header")
        self._view = self._view[header.size :]
        return header

    def _take(self, most: int) -> memoryview:
        taken, self._view = self._view[:most], self._view[most:]
        return taken

    def _fill(self, least: int) -> bool:
        """Whether at least so many bytes are at hand."""
        while len(self._view) < least:
            chunk = next(self._chunks, None)
            if chunk is None:
                return False
            self._view = memoryview(self._view.tobytes() + chunk) if self._view else memoryview(chunk)
        return True


def _literal(body: Iterator[memoryview]) -> tuple[bytes, Iterator[memoryview]]:
    """What a literal packet has before the file, and the file."""
    head = b""
    for piece in body:
        head += piece
        size = 2 + head[1] + 4 if len(head) > 1 else 6
        if len(head) >= size:
            return head[:size], _after(memoryview(head)[size:], body)
    raise PgpMalformed("the packet of the file ends too early")


def _after(first: memoryview, rest: Iterator[memoryview]) -> Iterator[memoryview]:
    if first:
        yield first
    yield from rest


def _expanded(body: Iterator[memoryview]) -> Iterator[Chunk]:
    """What a compressed packet holds. Bytes behind the compressed stream are padding by some senders."""
    first = next(body, None)
    if first is None:
        raise PgpMalformed("a compressed packet of the message is empty")
    algorithm, pieces = first[0], _gathered(_after(first[1:], body))
    if algorithm == _UNCOMPRESSED:
        yield from pieces
    elif algorithm in (_ZIP, _ZLIB):
        yield from _inflated(pieces, RAW_DEFLATE if algorithm == _ZIP else zlib.MAX_WBITS)
    elif algorithm == _BZIP2:
        yield from _unbzipped(pieces)
    else:
        raise PgpUnsupported("the message is compressed in a way that is not known")
    for _ in pieces:
        pass


def _inflated(pieces: Iterator[Chunk], window_bits: int) -> Iterator[Chunk]:
    inflater = Inflater(lambda _size: cast("bytes", next(pieces, b"")), window_bits)
    try:
        yield from inflater.chunks()
    except InflateError as error:
        raise PgpMalformed("the compressed content of the message is damaged") from error
    if not inflater.ended:
        raise PgpMalformed("the compressed content of the message ends too early")


def _unbzipped(pieces: Iterator[Chunk]) -> Iterator[Chunk]:
    expander = bz2.BZ2Decompressor()
    while not expander.eof:
        piece = next(pieces, b"") if expander.needs_input else b""
        if expander.needs_input and not piece:
            raise PgpMalformed("the compressed content of the message ends too early")
        try:
            chunk = expander.decompress(piece, VIEW_BYTES)
        except OSError as error:
            raise PgpMalformed("the compressed content of the message is damaged") from error
        if chunk:
            yield chunk


def _gathered(pieces: Iterator[memoryview]) -> Iterator[Chunk]:
    """The same bytes in chunks that are worth passing on one by one."""
    held: list[memoryview] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= _LEAST_CHUNK_BYTES:
            yield piece if len(held) == 1 else b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)
