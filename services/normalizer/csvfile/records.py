"""Where the records of a piece stand, in little memory: a piece may hold a million short ones."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Self

from services.normalizer.rejects import Damage


class Record(NamedTuple):
    """Where a record stands in a piece: its content up to ``stop``, its line end up to ``end``."""

    start: int
    stop: int
    end: int
    damage: Damage | None


class Records:
    """The records of a piece in their order. Without content a record is a blank line."""

    def __init__(self) -> None:
        self._starts = array("q")
        self._stops = array("q")
        self._ends = array("q")
        self.damaged: dict[int, Damage] = {}
        """By number within the piece, from 0."""
        self.blank_lines = 0

    @classmethod
    def collect(cls, records: Iterable[Record]) -> Self:
        """Keep what a scan finds."""
        kept = cls()
        for start, stop, end, damage in records:
            if damage is not None:
                kept.damaged[len(kept)] = damage
            kept.blank_lines += start == stop
            kept._starts.append(start)
            kept._stops.append(stop)
            kept._ends.append(end)
        return kept

    def __len__(self) -> int:
        return len(self._starts)

    @property
    def end(self) -> int:
        """Where the last record ends."""
        return self._ends[-1]

    def content(self, number: int) -> slice:
        """Where a record's content stands."""
        return slice(self._starts[number], self._stops[number])

    def sound(self) -> Iterator[int]:
        """The numbers of the records that can be parsed."""
        for number, (start, stop) in enumerate(zip(self._starts, self._stops, strict=True)):
            if start < stop and number not in self.damaged:
                yield number

    def sound_stretches(self) -> list[slice]:
        """Where sound records stand, those that follow one another together."""
        stretches: list[slice] = []
        start = end = 0
        for number in self.sound():
            if self._starts[number] != end:
                stretches.append(slice(start, end))
                start = self._starts[number]
            end = self._ends[number]
        return [*stretches, slice(start, end)]
