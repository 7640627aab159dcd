"""OpenPGP packets and armor as other programs than GnuPG write them, by hand."""

from __future__ import annotations

import base64
import bz2
import zlib
from collections.abc import Iterable

SIGNATURE, ONE_PASS, COMPRESSED, MARKER, LITERAL, PADDING = 2, 4, 8, 10, 11, 21
UNCOMPRESSED, ZIP, ZLIB, BZIP2 = 0, 1, 2, 3


def length(size: int) -> bytes:
    """A length in the shortest form of the new format."""
    if size < 192:
        return bytes([size])
    if size < 8384:
        return (size - 192 + (192 << 8)).to_bytes(2, "big")
    return b"\xff" + size.to_bytes(4, "big")


def packet(tag: int, body: bytes) -> bytes:
    """A packet in the new format."""
    return bytes([0xC0 | tag]) + length(len(body)) + body


def old_packet(tag: int, body: bytes) -> bytes:
    """A packet in the old format, with a length of four octets."""
    return bytes([0x80 | tag << 2 | 2]) + len(body).to_bytes(4, "big") + body


def endless_packet(tag: int, body: bytes) -> bytes:
    """A packet in the old format without a length."""
    return bytes([0x80 | tag << 2 | 3]) + body


def partial_packet(tag: int, body: bytes, bits: Iterable[int]) -> bytes:
    """A packet in parts of powers of two, as long as there is enough, and a last part of the rest."""
    written, at = bytes([0xC0 | tag]), 0
    for power in bits:
        if at + (1 << power) > len(body):
            break
        written += bytes([224 | power]) + body[at : at + (1 << power)]
        at += 1 << power
    return written + length(len(body) - at) + body[at:]


def literal_body(content: bytes, mode: bytes = b"b", name: bytes = b"Sent.csv") -> bytes:
    """What a literal packet holds."""
    return mode + bytes([len(name)]) + name + b"\x5f\x00\x00\x00" + content


def literal(content: bytes, mode: bytes = b"b") -> bytes:
    """A file in a literal packet."""
    return packet(LITERAL, literal_body(content, mode))


def compressed_body(content: bytes, algorithm: int = ZIP) -> bytes:
    """What a compressed packet holds."""
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    if algorithm == ZIP:
        content = deflate.compress(content) + deflate.flush()
    elif algorithm == ZLIB:
        content = zlib.compress(content)
    elif algorithm == BZIP2:
        content = bz2.compress(content)
    return bytes([algorithm]) + content


def compressed(content: bytes, algorithm: int = ZIP) -> bytes:
    """Packets in a compressed one."""
    return packet(COMPRESSED, compressed_body(content, algorithm))


def one_pass(signature: bytes) -> bytes:
    """The packet before a file that announces the signature behind it, which is one as GnuPG writes it."""
    content = signature[2:] if signature[0] & 3 == 0 else signature[3:]
    version, kind, public_key, digest = content[:4]
    assert version == 4
    return packet(ONE_PASS, bytes([3, kind, digest, public_key]) + bytes(8) + b"\x01")


def armored(
    message: bytes,
    *,
    headers: bytes = b"Version: 1\n",
    blank: bytes = b"\n",
    width: int = 64,
    checksum: bytes = b"=abcd\n",
) -> bytes:
    """Armor around ``message``; its lines end in LF."""
    digits = base64.b64encode(message)
    lines = b"".join(digits[at : at + width] + b"\n" for at in range(0, len(digits), width))
    body = headers + blank + lines + checksum
    return b"-----BEGIN PGP MESSAGE-----\n" + body + b"-----END PGP MESSAGE-----\n"
