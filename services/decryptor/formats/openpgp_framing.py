"""Of which packets an encrypted OpenPGP message is made, and that it ends where the file does.

gpg tells whether the content is authentic, but not reliably whether a file was cut or continued, and its
versions differ in that. The packets of RFC 4880 (section 4.2) are easy to follow without any key.
"""

from __future__ import annotations

from services.decryptor.encryption_errors import (
    PgpMalformed,
    PgpNotEncrypted,
    PgpNotProtected,
    PgpTruncated,
    PgpUnsupported,
)
from services.decryptor.errors import TrailingBytes
from services.decryptor.formats.openpgp_packets import (
    MAX_HEADER_BYTES,
    Header,
    read_header,
    read_length,
    whole_parts,
)
from services.decryptor.streams import Chunk, Chunks

_FOR_KEY, _FOR_PASSPHRASE, _MARKER = 1, 3, 10
_PROTECTED, _PROTECTED_OCB, _UNPROTECTED = 18, 20, 9
_NOT_ENCRYPTED = frozenset({2, 4, 8, 11})
_VERSIONS = {_FOR_KEY: frozenset({3, 6}), _FOR_PASSPHRASE: frozenset({4, 5, 6})}
_KEY_VERSION_OF_GPG = 3
_MOST_KEY_BYTES = 1 << 14


def is_encrypted(head: bytes) -> bool:
    """Whether content begins as a binary encrypted message.

    Accented text can begin with the same byte; but behind the length stands a version, which no text has.
    """
    if head.startswith((b"\xca\x03PGP", b"\xa8\x03PGP")):
        head = head[5:]
    header = read_header(head)
    if header is None or header.endless or len(head) <= header.size:
        return False
    return head[header.size] in _VERSIONS.get(header.tag, ())


def framed(chunks: Chunks) -> Chunks:
    """The same chunks; raises where they are not one whole encrypted message.

    Raises:
        PgpTruncated, PgpMalformed, PgpNotEncrypted, PgpNotProtected, PgpUnsupported, TrailingBytes.
    """
    packets = _Packets()
    for chunk in chunks:
        packets.feed(chunk)
        yield chunk
    packets.finish()


class _Packets:
    """Key packets, then one encrypted packet, perhaps in parts, then nothing."""

    def __init__(self) -> None:
        self._header = b""
        self._left = 0
        self._partial = False
        self._version_due_of: int | None = None
        self._for_key = False
        self._for_key_of_gpg = False
        self._in_data = False

    def feed(self, chunk: Chunk) -> None:
        view = memoryview(chunk)
        while view:
            if self._version_due_of is not None and self._left:
                self._check_version(view[0])
            if self._left:
                step = min(self._left, len(view))
                self._left -= step
                view = view[step:]
                continue
            if self._partial and not self._header:
                _, view = whole_parts(view)
                if view and 224 <= view[0] < 255:
                    self._left = 1 << (view[0] & 0x1F)
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
        self._header += view[:MAX_HEADER_BYTES]
        header = read_length(self._header, 0) if self._partial else read_header(self._header)
        if header is None:
            if len(self._header) >= MAX_HEADER_BYTES:
                raise PgpMalformed("a packet of the message has no header")
            return view[MAX_HEADER_BYTES:]
        self._header = b""
        if not self._partial:
            self._begin(header)
        self._left, self._partial = header.length, header.partial
        return view[header.size - known :]

    def _begin(self, header: Header) -> None:
        if header.tag in (_PROTECTED, _PROTECTED_OCB):
            if not self._for_key:
                raise PgpUnsupported("the message is encrypted under a passphrase only")
            if not self._for_key_of_gpg:
                raise PgpUnsupported("the message names its keys in a newer form than gpg reads")
            self._in_data = True
        elif header.tag == _UNPROTECTED:
            raise PgpNotProtected("the message has no integrity protection")
        elif header.tag in _NOT_ENCRYPTED:
            raise PgpNotEncrypted("the message is not encrypted")
        elif header.tag not in (*_VERSIONS, _MARKER) or not _is_short(header):
            raise PgpMalformed("the message has a packet that does not belong there")
        self._version_due_of = header.tag if header.tag in (_FOR_KEY, _PROTECTED) else None

    def _check_version(self, version: int) -> None:
        if self._version_due_of == _FOR_KEY:
            self._for_key = True
            self._for_key_of_gpg |= version == _KEY_VERSION_OF_GPG
        elif version != 1:
            raise PgpUnsupported("the message is encrypted in a newer form than gpg reads")
        self._version_due_of = None


def _is_short(header: Header) -> bool:
    return not header.partial and not header.endless and header.length <= _MOST_KEY_BYTES
