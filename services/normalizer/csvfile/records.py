"""Where the records of a piece stand, in little memory: a piece may hold a million short ones."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, islice
from typing import NamedTuple, Self

from services.normalizer.rejects import Damage

_DAMAGES = tuple(Damage)
CODES: dict[Damage | None, int] = {damage: code for code, damage in enumerate((None, *_DAMAGES))}
"""By which records note their damage; 0 for none."""
RAGGED = CODES[Damage.RAGGED]
STRAY_QUOTE = CODES[Damage.STRAY_QUOTE]
UNTERMINATED_QUOTE = CODES[Damage.UNTERMINATED_QUOTE]
_DAMAGED = re.compile(rb"[^\0]")


class Record(NamedTuple):
    """Where a record stands in a piece: its content up to ``stop``, its line end up to ``end``."""

    start: int
    stop: int
    end: int
    damage: Damage | None


class Records:
    """The records of a piece in their order. Blank lines are counted, and not kept."""

    def __init__(self) -> None:
        self._starts = array("I")
        self._stops = array("I")
        self._offsets = array("I")
        self._damage = bytearray()  # 0: sound
        self.count = 0
        """Records and blank lines."""
        self.end = 0
        """Where the last of them ends."""

    @classmethod
    def collect(cls, records: Iterable[Record]) -> Self:
        """Keep these."""
        kept = cls()
        for start, stop, end, damage in records:
            kept.add(start, stop, end, CODES[damage])
        return kept

    def add(self, start: int, stop: int, end: int, code: int) -> None:
        """Add the next record, which is not blank, and the code of its damage."""
        self._starts.append(start)
        self._stops.append(stop)
        self._offsets.append(self.count)
        self._damage.append(code)
        self.count += 1
        self.end = end

    def add_blank_lines(self, count: int, end: int) -> None:
        """Add so many blank lines, the last of which ends there."""
        self.count += count
        self.end = end

    def add_lines(self, starts: Sequence[int], stops: Sequence[int], codes: Sequence[int], end: int) -> None:
        """Add lines, each a record, or blank if it stops where it starts; a code is ``RAGGED`` or 0."""
        filled = [start < stop for start, stop in zip(starts, stops, strict=True)]
        self._starts.extend(compress(starts, filled))
        self._stops.extend(compress(stops, filled))
        self._offsets.extend(compress(range(self.count, self.count + len(starts)), filled))
        self._damage.extend(compress(codes, filled))
        self.count += len(starts)
        self.end = end

    def __len__(self) -> int:
        return len(self._starts)

    @property
    def blank_lines(self) -> int:
        """Lines with nothing on them."""
        return self.count - len(self)

    @property
    def sound_count(self) -> int:
        """Records that can be parsed."""
        return self._damage.count(0)

    def damaged_by_reason(self) -> dict[Damage, int]:
        """How many records are damaged, and how."""
        counts = {damage: self._damage.count(code) for code, damage in enumerate(_DAMAGES, 1)}
        return {damage: count for damage, count in counts.items() if count}

    def first_damaged(self, count: int) -> Iterator[tuple[int, Damage]]:
        """Offset and damage of the first so many damaged records."""
        damaged = ((at, code) for at, code in enumerate(self._damage) if code)
        for at, code in islice(damaged, count):
            yield self._offsets[at], _DAMAGES[code - 1]

    def content(self, offset: int) -> slice:
        """Where the content of the record stands that so many records and blank lines precede."""
        at = bisect_left(self._offsets, offset)
        return slice(self._starts[at], self._stops[at])

    def sound_offsets(self) -> array[int]:
        """The offsets of the records that can be parsed."""
        return array("I", compress(self._offsets, map((0).__eq__, self._damage)))

    def sound_stretches(self) -> Iterator[slice]:
        """Where sound records stand with their line ends, those together that no damaged one parts.

        Blank lines may stand between them.
        """
        at = 0
        while (first := self._damage.find(0, at)) >= 0:
            damaged = _DAMAGED.search(self._damage, first)
            at = damaged.start() if damaged else len(self)
            yield slice(self._starts[first], self._starts[at] if at < len(self) else self.end)
