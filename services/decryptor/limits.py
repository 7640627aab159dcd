"""How much one landed file may become: the guard against decompression bombs."""

from __future__ import annotations

from dataclasses import dataclass

from services.decryptor.errors import ExpandsTooFar, MemberTooLarge, RatioTooHigh, TooManyMembers
from services.decryptor.streams import Chunks
from shared.stopping import stop_signal

_KIB, _MIB, _GIB = 1 << 10, 1 << 20, 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on one landed file; sizes in bytes.

    Members are counted over all archives in the file, sizes and the ratio over each layer's output and over
    all members together. ``ratio_free_bytes`` is how much may come out before the ratio is judged, for a
    little repetitive text compresses beyond any honest ratio and does no harm.

    The largest total is what the normalizer gets through within its time limit even where every byte is
    hostile: docs/decisions/0013-limits.md has the figures.
    """

    max_members: int = 1000
    max_member_bytes: int = 20 * _GIB
    max_total_bytes: int = 40 * _GIB
    max_ratio: int = 100
    ratio_free_bytes: int = 16 * _MIB
    max_name_bytes: int = 200
    max_layers: int = 3


class Allowance:
    """What is left of the limits for one landed file of ``landed_bytes``."""

    def __init__(self, limits: Limits, landed_bytes: int) -> None:
        self._limits = limits
        self._most_by_ratio = self._expanded(landed_bytes)
        self._members = 0
        self._total = 0

    def count_member(self) -> None:
        """Take one member off the allowance.

        Raises:
            TooManyMembers: it was one too many.
        """
        self._members += 1
        if self._members > self._limits.max_members:
            raise TooManyMembers(f"the file has more than {self._limits.max_members} members")

    def layer(self, chunks: Chunks, packed_bytes: int | None = None) -> Chunks:
        """The same chunks, of a layer that was taken off, as long as they stay within the limits.

        Args:
            chunks: What came out.
            packed_bytes: Its compressed size, where that is known: what lies beside it in an archive does not
                make its ratio any better.

        Raises:
            ExpandsTooFar: more bytes than all members together may have.
            RatioTooHigh: more bytes than its own packed size, or the landed file's, makes plausible.
            WorkStopped: the file was given up.
        """
        stop, seen = stop_signal(), 0
        most = None if packed_bytes is None else self._expanded(packed_bytes)
        for chunk in chunks:
            stop.check()
            seen += len(chunk)
            if most is not None and seen > most:
                raise RatioTooHigh(f"a member expands more than {self._limits.max_ratio}-fold")
            self._check(seen)
            yield chunk

    def member(self, chunks: Chunks) -> Chunks:
        """The same chunks, of one member, as long as it and all members so far stay within the limits.

        Raises:
            MemberTooLarge: more bytes than one member may have.
            ExpandsTooFar, RatioTooHigh: as for a layer, over all members so far.
        """
        seen = 0
        for chunk in chunks:
            seen += len(chunk)
            self._total += len(chunk)
            if seen > self._limits.max_member_bytes:
                raise MemberTooLarge(f"a member is larger than {self._limits.max_member_bytes} bytes")
            self._check(self._total)
            yield chunk

    def _expanded(self, packed_bytes: int) -> int:
        return packed_bytes * self._limits.max_ratio + self._limits.ratio_free_bytes

    def _check(self, size: int) -> None:
        if size > self._most_by_ratio:
            raise RatioTooHigh(f"the file expands more than {self._limits.max_ratio}-fold")
        if size > self._limits.max_total_bytes:
            raise ExpandsTooFar(f"the file expands to more than {self._limits.max_total_bytes} bytes")
