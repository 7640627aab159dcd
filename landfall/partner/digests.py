"""Digests as partners write them: hexadecimal or Base64, in any case, with or without quotes and padding."""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

_ALGORITHMS = {16: "MD5", 20: "SHA-1", 32: "SHA-256"}  # by bytes
_IN_HEX = "in hexadecimal"
_HEX = re.compile(r"[0-9a-fA-F]+")
_BASE64 = re.compile(r"([0-9a-zA-Z+/_-]+)(={0,2})")


@dataclass(frozen=True, slots=True)
class Digest:
    """One digest, and how it was written."""

    value: bytes
    kind: str
    """Algorithm by its length, and encoding, such as ``SHA-256 in hexadecimal``."""


@dataclass(frozen=True, slots=True)
class Digests:
    """A partner's sample."""

    distinct: frozenset[bytes]
    lines: Counter[str]
    """How many lines have each kind of digest."""
    unreadable: int
    """Lines that are no digest, a header included; blank lines are not counted."""

    @property
    def in_base64(self) -> bool:
        """Whether most lines are in Base64."""
        hexadecimal = sum(count for kind, count in self.lines.items() if kind.endswith(_IN_HEX))
        return 2 * hexadecimal < self.lines.total()


def read_digests(lines: Iterable[str]) -> Digests:
    """Read a digest a line."""
    distinct: set[bytes] = set()
    kinds: Counter[str] = Counter()
    unreadable = 0
    for line in lines:
        text = line.strip().strip("\"'").strip()
        if not text:
            continue
        digest = parse_digest(text)
        if digest is None:
            unreadable += 1
        else:
            distinct.add(digest.value)
            kinds[digest.kind] += 1
    return Digests(frozenset(distinct), kinds, unreadable)


def parse_digest(text: str) -> Digest | None:
    """One digest; None where the text is none.

    Base64 may be that of RFC 4648 for URLs, and may be that of the hexadecimal digits instead of the bytes.
    """
    if _HEX.fullmatch(text) and len(text) / 2 in _ALGORITHMS:
        return _digest(bytes.fromhex(text), _IN_HEX)
    decoded = _from_base64(text)
    if decoded is None:
        return None
    if len(decoded) in _ALGORITHMS:
        return _digest(decoded, "in Base64")
    digits = decoded.decode("ascii", errors="replace")
    if _HEX.fullmatch(digits) and len(digits) / 2 in _ALGORITHMS:
        return _digest(bytes.fromhex(digits), "in Base64 of the hexadecimal digits")
    return None


def _digest(value: bytes, encoding: str) -> Digest:
    return Digest(value, f"{_ALGORITHMS[len(value)]} {encoding}")


def _from_base64(text: str) -> bytes | None:
    shape = _BASE64.fullmatch(text)
    if shape is None:
        return None
    digits = shape[1].translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
    except binascii.Error:
        return None
