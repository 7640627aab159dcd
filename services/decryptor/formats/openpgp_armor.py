"""ASCII armor (RFC 4880, section 6.2) as it arrives: in UTF-16, behind a byte order mark or lines of text.

Only faults that leave the packets unchanged are accepted: a missing blank line, other line ends, white space,
and the checksum, which a reader must not judge by (RFC 9580, section 6.1). gpg checks the packets' integrity.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.decryptor.encryption_errors import PgpArmorMalformed, PgpTruncated, PgpUnsupported
from services.decryptor.errors import TrailingBytes
from services.decryptor.streams import Chunk, Chunks
from shared.errors import PermanentError

_NEAR_BYTES = 16 * 1024  # where armor may begin: behind the header of an e-mail, for example
_WIDTHS = {"latin-1": 1, "utf-16-le": 2, "utf-16-be": 2}
_MARK = "BEGIN PGP MESSAGE"
_END_OF_MARK = "pgp message-----"  # which no damage to the rest of the line hides
_FIRST_LINE = re.compile(
    r"(?:^|[\r\n])(?:\ufeff|\xef\xbb\xbf)*[ \t]*"  # a byte order mark, as it looks in either encoding
    r"-----BEGIN PGP MESSAGE(, PART [^-\r\n]*)?-----[ \t]*(?=[\r\n]|$)"
)
_MAX_REST_OF_LINE = 100
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")

_LAST_LINE = b"-----END PGP MESSAGE-----"
_MAX_LINE_BYTES = 4096
_LINE_END = re.compile(rb"[\r\n]")
_BASE64_LINE = re.compile(rb"[ \t]*[A-Za-z0-9+/]+={0,2}[ \t]*\Z")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_WHITE_SPACE = b" \t\r\n\v\f"
_CHECKSUM = re.compile(rb"(=[A-Za-z0-9+/=]*)?\Z")
_MAX_TAIL_BYTES = 8  # padding and checksum


@dataclass(frozen=True, slots=True)
class Armor:
    """An armored message: its encoding, and where its first line ends, in bytes.

    ``fault`` is why the message cannot be read, if it cannot.
    """

    encoding: str
    first_line_end: int
    fault: PermanentError | None = None


def mentions_armor(head: bytes) -> bool:
    """Whether the first line of an armored message, whole or damaged, is near the start of ``head``."""
    near = head[:_NEAR_BYTES]
    lower = near.lower()
    return any(
        _MARK.encode(encoding) in near or _END_OF_MARK.encode(encoding) in lower for encoding in _WIDTHS
    )


def find_armor(head: bytes) -> Armor | None:
    """The armor near the start of ``head``, with nothing but text before it; None where there is none."""
    for encoding, width in _WIDTHS.items():
        at = head.find(_MARK.encode(encoding), 0, _NEAR_BYTES)
        if at < 0 or at % width:  # in UTF-16 of the other byte order the mark is found at an odd offset
            continue
        text = head[: at + width * _MAX_REST_OF_LINE].decode(encoding, "replace")
        if _CONTROLS.search(text, 0, at // width):
            return None  # something else that has armor in it
        line = _FIRST_LINE.search(text)
        if line is None:
            fault = PgpArmorMalformed("the first line of the armor is damaged, quoted or not a line")
            return Armor(encoding, 0, fault)
        if line[1]:
            return Armor(encoding, 0, PgpUnsupported("the armor holds one of several parts of a message"))
        return Armor(encoding, len(text[: line.end()].encode(encoding)))
    return None


def dearmored(chunks: Chunks, armor: Armor) -> Iterator[bytes]:
    """The packets in an armored message.

    Raises:
        PgpArmorMalformed, PgpUnsupported: the armor cannot be read.
        PgpTruncated: its last line is missing.
        TrailingBytes: more than white space follows its last line.
    """
    if armor.fault is not None:
        raise armor.fault
    decoder, as_ascii = _Decoder(), _to_ascii(armor.encoding)
    to_skip = armor.first_line_end
    for chunk in chunks:
        skipped = min(to_skip, len(chunk))
        to_skip -= skipped
        if packets := decoder.feed(as_ascii(chunk[skipped:], False)):
            yield packets
    decoder.feed(as_ascii(b"", True))
    decoder.finish()


def _to_ascii(encoding: str) -> Callable[[Chunk, bool], bytes]:
    """Characters that are not in ASCII become question marks, which armor cannot hold."""
    if encoding == "latin-1":
        return lambda chunk, _final: bytes(chunk)
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    return lambda chunk, final: decoder.decode(chunk, final).encode("ascii", "replace")


class _Decoder:
    """Decodes what follows the first line: headers, Base64, perhaps a checksum, the last line."""

    def __init__(self) -> None:
        self._part: Callable[[bytes], bytes] = self._headers
        self._held = b""  # what the current part has not used yet
        self._tail = b""  # padding and checksum

    def feed(self, data: bytes) -> bytes:
        """The next bytes of the packets."""
        return self._part(data)

    def finish(self) -> None:
        """Nothing follows any more."""
        if self._part != self._end:
            raise PgpTruncated("the armored message has no last line")

    def _switch(self, part: Callable[[bytes], bytes], data: bytes) -> bytes:
        self._part, self._held = part, b""
        return part(data)

    def _headers(self, data: bytes) -> bytes:
        data = self._held + data
        while True:
            end = _LINE_END.search(data)
            line = data[: end.start()] if end else data
            is_body = _BASE64_LINE.match(line) if end else len(line) > _MAX_LINE_BYTES
            if is_body or line.lstrip().startswith(b"-"):
                return self._switch(self._body, data)
            if not end:
                self._held = data
                return b""
            if line.strip() and b":" not in line:
                raise PgpArmorMalformed("a line before the content of the armor is not a header")
            data = data[end.end() :]

    def _body(self, data: bytes) -> bytes:
        text, dash, behind = data.partition(b"-")
        text = text.translate(None, _WHITE_SPACE)
        if self._tail:
            digits, self._tail = self._held, self._tail + text
        else:
            digits, equals, more = (self._held + text).partition(b"=")
            self._tail = equals + more
        if digits.translate(None, _ALPHABET):
            raise PgpArmorMalformed("a character of the armor is not Base64")
        if len(self._tail) > _MAX_TAIL_BYTES:
            raise PgpArmorMalformed("Base64 follows the end of the armor's content")
        whole = len(digits) & ~3
        self._held = digits[whole:]
        decoded = binascii.a2b_base64(digits[:whole])
        if dash:
            decoded += self._last_digits()
            self._switch(self._last_line, dash + behind)
        return decoded

    def _last_digits(self) -> bytes:
        padding = b"=" * (-len(self._held) % 4)
        if len(padding) == 3 or not self._tail.startswith(padding):
            raise PgpArmorMalformed("the Base64 of the armor is not whole")
        if not _CHECKSUM.match(self._tail, len(padding)):
            raise PgpArmorMalformed("the checksum of the armor is not Base64")
        return binascii.a2b_base64(self._held + padding)

    def _last_line(self, data: bytes) -> bytes:
        data = self._held + data
        if not _LAST_LINE.startswith(data[: len(_LAST_LINE)]):
            raise PgpArmorMalformed("the last line of the armor is not that of a message")
        if len(data) < len(_LAST_LINE):
            self._held = data
            return b""
        return self._switch(self._end, data[len(_LAST_LINE) :])

    def _end(self, data: bytes) -> bytes:
        if data.strip():
            raise TrailingBytes("bytes follow the end of the armored message")
        return b""
