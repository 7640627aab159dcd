"""Where an encrypted OpenPGP message begins, of what it is made, and that it ends where the file does.

gpg tells whether the content is authentic, but not reliably whether a file was cut or continued, and its
versions differ in that. The frames of RFC 4880 (sections 4.2 and 6.2) are easy to follow without any key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from services.decryptor.encryption_errors import (
    PgpMalformed,
    PgpNotEncrypted,
    PgpNotProtected,
    PgpTruncated,
    PgpUnsupported,
)
from services.decryptor.errors import TrailingBytes
from services.decryptor.streams import Chunk, Chunks

_ARMOR_BEGIN = b"-----BEGIN PGP MESSAGE-----"
_ARMOR_END = b"-----END PGP MESSAGE-----"
_FOR_KEY, _FOR_PASSPHRASE, _MARKER = 1, 3, 10
_PROTECTED, _PROTECTED_OCB, _UNPROTECTED = 18, 20, 9
_NOT_ENCRYPTED = frozenset({2, 4, 8, 11})
_VERSIONS = {_FOR_KEY: frozenset({3, 6}), _FOR_PASSPHRASE: frozenset({4, 5, 6})}
_MOST_KEY_BYTES = 1 << 14


@dataclass(frozen=True, slots=True)
class _Header:
    """A packet's tag, its header's size, the length of what follows, and whether more parts follow that."""

    tag: int
    size: int
    length: int
    partial: bool = False


class Framing(Protocol):
    """Follows a message as it passes by."""

    def feed(self, chunk: Chunk) -> None:
        """Look at the next piece."""
        ...

    def finish(self) -> None:
        """Nothing follows any more."""
        ...


def is_message(head: bytes) -> bool:
    """Whether content begins as an encrypted message, armored or not.

    Accented text can begin with the same byte; but behind the length stands a version, which no text has.
    """
    if _is_armored(head):
        return True
    if head.startswith((b"\xca\x03PGP", b"\xa8\x03PGP")):
        head = head[5:]
    header = _read_header(head)
    version = head[header.size] if header and len(head) > header.size else None
    return header is not None and version in _VERSIONS.get(header.tag, ())


def framed(chunks: Chunks, head: bytes) -> Chunks:
    """The same chunks, of a message that begins with ``head``; raises where it is not one whole message.

    Raises:
        PgpTruncated, PgpMalformed, PgpNotEncrypted, PgpNotProtected, PgpUnsupported, TrailingBytes.
    """
    framing: Framing = _Armor() if _is_armored(head) else _Packets()
    for chunk in chunks:
        framing.feed(chunk)
        yield chunk
    framing.finish()


def _is_armored(head: bytes) -> bool:
    return head.lstrip().startswith(_ARMOR_BEGIN)


class _Armor:
    """Armored messages end with a line of their own; only white space may follow it."""

    def __init__(self) -> None:
        self._carried = b""
        self._ended = False

    def feed(self, chunk: Chunk) -> None:
        data = self._carried + chunk
        if not self._ended:
            before, marker, behind = data.partition(_ARMOR_END)
            if not marker:
                self._carried = before[-len(_ARMOR_END) :]
                return
            self._ended, self._carried, data = True, b"", behind
        if data.strip():
            raise TrailingBytes("bytes follow the end of the armored message")

    def finish(self) -> None:
        if not self._ended:
            raise PgpTruncated("the armored message has no last line")


class _Packets:
    """Binary messages: key packets, then one encrypted packet, perhaps in parts, then nothing."""

    def __init__(self) -> None:
        self._header = b""
        self._left = 0
        self._partial = False
        self._in_data = False
        self._version_due = False
        self._for_key = False

    def feed(self, chunk: Chunk) -> None:
        view = memoryview(chunk)
        while view:
            if self._version_due and self._left:
                self._check_version(view[0])
            if self._left:
                step = min(self._left, len(view))
                self._left -= step
                view = view[step:]
                continue
            if self._partial and not self._header and 224 <= view[0] < 255:
                self._left = 1 << (view[0] & 0x1F)  # the next of many parts, as gpg makes them of 8 KiB
                view = view[1:]
                continue
            if self._in_data and not self._partial:
                raise TrailingBytes("bytes follow the end of the message")
            view = self._take_header(view)

    def finish(self) -> None:
        if self._header or self._left or self._partial or not self._in_data:
            raise PgpTruncated("the message ends inside a packet")

    def _take_header(self, view: memoryview) -> memoryview:
        known = len(self._header)
        self._header += view[:6]
        header = _read_length(self._header, 0) if self._partial else _read_header(self._header)
        if header is None:
            if len(self._header) >= 6:
                raise PgpMalformed("a packet of the message has no header")
            return view[6:]
        self._header = b""
        if not self._partial:
            self._begin(header)
        self._left, self._partial = header.length, header.partial
        return view[header.size - known :]

    def _begin(self, header: _Header) -> None:
        if header.tag in (_PROTECTED, _PROTECTED_OCB):
            if not self._for_key:
                raise PgpUnsupported("the message is encrypted under a passphrase only")
            self._in_data = True
            self._version_due = header.tag == _PROTECTED
        elif header.tag == _UNPROTECTED:
            raise PgpNotProtected("the message has no integrity protection")
        elif header.tag in _NOT_ENCRYPTED:
            raise PgpNotEncrypted("the message is not encrypted")
        elif header.tag not in (*_VERSIONS, _MARKER) or header.partial or header.length > _MOST_KEY_BYTES:
            raise PgpMalformed("the message has a packet that does not belong there")
        self._for_key |= header.tag == _FOR_KEY

    def _check_version(self, version: int) -> None:
        self._version_due = False
        if version != 1:
            raise PgpUnsupported("the message is encrypted in a newer form than gpg reads")


def _read_header(data: bytes) -> _Header | None:
    """The packet header at the start of ``data``; None where it is none, or not whole yet."""
    if not data or not data[0] & 0x80:
        return None
    if data[0] & 0x40:
        return _read_length(data[1:], data[0] & 0x3F, before=1)
    octets = 1 << (data[0] & 3)
    if octets == 8 or len(data) < 1 + octets:  # 8: of indeterminate length, which key packets never are
        return None
    return _Header(data[0] >> 2 & 0x0F, 1 + octets, int.from_bytes(data[1 : 1 + octets], "big"))


def _read_length(data: bytes, tag: int, before: int = 0) -> _Header | None:
    """A new-format length; None where it is not whole yet."""
    first = data[0] if data else None
    if first is None or len(data) < (5 if first == 255 else 2 if 192 <= first < 224 else 1):
        return None
    if first < 192:
        return _Header(tag, before + 1, first)
    if first < 224:
        return _Header(tag, before + 2, (first - 192 << 8) + data[1] + 192)
    if first < 255:
        return _Header(tag, before + 1, 1 << (first & 0x1F), partial=True)
    return _Header(tag, before + 5, int.from_bytes(data[1:5], "big"))
