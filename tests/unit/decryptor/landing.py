"""Landed objects in memory, and what becomes of them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from services.decryptor.keyring import Keyring
from services.decryptor.kms import KmsKeys
from services.decryptor.limits import Limits
from services.decryptor.staging import MemoryStaging, Staging
from services.decryptor.unpack import Member, SkippedMember, unpack
from shared.errors import LandfallError
from tests.unit.decryptor.kms_double import KmsDouble

CSV = b"SubscriberKey,EmailAddress,SendID\r\n" + b"".join(
    b"%d,ada%d@example.com,%d\r\n" % (number * 7919 % 100_003, number, number % 17) for number in range(400)
)


class Viewed(io.BytesIO):
    """A file that shows its content in place, in pieces of an odd size, as objects in S3 are read."""

    def views(self, size: int) -> Iterator[memoryview]:
        content = memoryview(self.getvalue())
        for start in range(0, len(content), 997):
            yield content[start : start + 997]


@dataclass
class Landing:
    """A landed object; ``viewed`` ones are read in place."""

    name: str
    content: bytes
    metadata: Mapping[str, str] = field(default_factory=dict)
    siblings: Mapping[str, bytes] = field(default_factory=dict)
    viewed: bool = False

    @property
    def size(self) -> int:
        return len(self.content)

    def open(self) -> BinaryIO:
        return Viewed(self.content) if self.viewed else io.BytesIO(self.content)

    def read_sibling(self, suffix: str) -> bytes | None:
        return self.siblings.get(suffix)


NO_KEYS = Keyring(KmsKeys(KmsDouble().clients))


def keyring(kms: KmsDouble, *allowed: str, **context: str) -> Keyring:
    """The keys of ``kms`` that are ``allowed``, or all of them."""
    return Keyring(KmsKeys(kms.clients, frozenset(allowed or kms.keys), required_context=context))


def unpacked(
    landing: Landing,
    keys: Keyring = NO_KEYS,
    limits: Limits | None = None,
    staging: Staging | None = None,
) -> dict[str, bytes]:
    """Every member's content by name; only of a file that was verified to its end."""
    members = unpack(landing, keys, limits or Limits(), staging or MemoryStaging())
    return {member.name: b"".join(member.chunks()) for member in extracts(members)}


def extracts(members: Iterable[Member | SkippedMember]) -> Iterator[Member]:
    """The members that were not skipped."""
    return (member for member in members if isinstance(member, Member))


def skipped(landing: Landing) -> dict[str, str]:
    """Why each member was skipped, by name."""
    members = unpack(landing, NO_KEYS, Limits(), MemoryStaging())
    return {member.name: member.reason for member in members if isinstance(member, SkippedMember)}


def layers(landing: Landing, keys: Keyring = NO_KEYS) -> list[tuple[str, ...]]:
    """The formats around each member."""
    return [member.layers for member in extracts(unpack(landing, keys, Limits(), MemoryStaging()))]


def zipped(
    members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED, *, streamed: bool = False
) -> bytes:
    """An archive by Python's zipfile; ``streamed`` ones have data descriptors."""
    buffer = io.BytesIO()
    target: io.IOBase = _Unseekable(buffer) if streamed else buffer
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


class _Unseekable(io.RawIOBase):
    def __init__(self, target: io.BytesIO) -> None:
        self._target = target

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # zipfile passes bytes only
        return self._target.write(data)


def flipped(content: bytes, most: int = 300) -> Iterator[tuple[int, bytes]]:
    """``content`` with one bit changed, at up to ``most`` evenly spread positions and at each end."""
    step = max(1, len(content) // most)
    ends = {*range(min(64, len(content))), *range(max(0, len(content) - 64), len(content))}
    for position in sorted({*range(0, len(content), step), *ends}):
        damaged = bytearray(content)
        damaged[position] ^= 1 << position % 8
        yield position, bytes(damaged)


def cut(content: bytes, most: int = 300) -> Iterator[tuple[int, bytes]]:
    """``content`` cut short, at up to ``most`` evenly spread lengths and near each end."""
    step = max(1, len(content) // most)
    ends = {*range(min(64, len(content))), *range(max(0, len(content) - 64), len(content))}
    for length in sorted({*range(0, len(content), step), *ends}):
        yield length, content[:length]


def escaped(
    variants: Iterator[tuple[int, bytes]],
    name: str,
    keys: Keyring = NO_KEYS,
    harmless: Mapping[str, bytes] | None = None,
) -> list[int]:
    """Where damage went unseen: the positions at which a damaged file still came out.

    With ``harmless``, a file that came out exactly so despite the damage does not count: some formats hold
    bytes that nothing protects and that mean nothing here, such as times.
    """
    positions = []
    for position, content in variants:
        try:
            members = unpacked(Landing(name, content), keys)
        except LandfallError:
            continue
        if members != harmless:
            positions.append(position)
    return positions
