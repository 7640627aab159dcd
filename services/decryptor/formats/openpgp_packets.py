"""Headers of OpenPGP packets, in both formats (RFC 4880, section 4.2)."""

from __future__ import annotations

from dataclasses import dataclass

MAX_HEADER_BYTES = 6


@dataclass(frozen=True, slots=True)
class Header:
    """A packet's tag, the size of its header in bytes, and the length of what follows.

    ``partial``: more parts follow, each with a length of its own. ``endless``: the packet ends where its
    container does, and ``length`` is 0.
    """

    tag: int
    size: int
    length: int
    partial: bool = False
    endless: bool = False


def read_header(data: bytes | memoryview) -> Header | None:
    """The packet header at the start of ``data``; None where it is none, or not whole yet."""
    if not data or not data[0] & 0x80:
        return None
    if data[0] & 0x40:
        return read_length(data[1:], data[0] & 0x3F, before=1)
    tag, octets = data[0] >> 2 & 0x0F, 1 << (data[0] & 3)
    if octets == 8:
        return Header(tag, 1, 0, endless=True)
    if len(data) < 1 + octets:
        return None
    return Header(tag, 1 + octets, int.from_bytes(data[1 : 1 + octets], "big"))


def read_length(data: bytes | memoryview, tag: int, before: int = 0) -> Header | None:
    """A new-format length, behind ``before`` bytes of the header; None where it is not whole yet."""
    first = data[0] if data else None
    if first is None or len(data) < (5 if first == 255 else 2 if 192 <= first < 224 else 1):
        return None
    if first < 192:
        return Header(tag, before + 1, first)
    if first < 224:
        return Header(tag, before + 2, (first - 192 << 8) + data[1] + 192)
    if first < 255:
        return Header(tag, before + 1, 1 << (first & 0x1F), partial=True)
    return Header(tag, before + 5, int.from_bytes(data[1:5], "big"))


def whole_parts(view: memoryview) -> tuple[list[memoryview], memoryview]:
    """The parts of a partial body that lie whole at the start of ``view``, and the rest of it.

    Some writers make a part of every few bytes, so this loop does as little as possible for each.
    """
    parts: list[memoryview] = []
    at, end = 0, len(view)
    while at < end and 224 <= (first := view[at]) < 255:
        begin = at + 1
        behind = begin + (1 << (first & 0x1F))
        if behind > end:
            break
        parts.append(view[begin:behind])
        at = behind
    return parts, view[at:] if at else view


def packet(tag: int, body: bytes) -> bytes:
    """A packet in the new format with a length of five octets."""
    return bytes([0xC0 | tag, 255]) + len(body).to_bytes(4, "big") + body
