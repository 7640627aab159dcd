"""Seeded choices, all made from ``random()``: the one method whose sequence Python promises to keep."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of choices that a seed and a purpose decide; two purposes never disturb each other."""

    __slots__ = ("random",)

    def __init__(self, seed: int, purpose: str) -> None:
        self.random = random.Random(f"{seed}:{purpose}").random

    def below(self, limit: int) -> int:
        """An integer from 0 to ``limit - 1``."""
        return int(self.random() * limit)

    def between(self, low: int, high: int) -> int:
        """An integer from ``low`` to ``high``, both possible."""
        return low + int(self.random() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self.random() < probability

    def pick(self, items: Sequence[T]) -> T:
        """One of the items, each as likely as another."""
        return items[int(self.random() * len(items))]

    def weighted(self, items: Sequence[tuple[T, float]]) -> T:
        """One of the items, as likely as its weight; the weights sum to 1."""
        left = self.random()
        for item, weight in items:
            left -= weight
            if left < 0:
                return item
        return items[-1][0]

    def hex(self, digits: int) -> str:
        """A string of lower-case hexadecimal digits."""
        words = -(-digits // 8)
        return "".join(f"{self.below(1 << 32):08x}" for _ in range(words))[:digits]

    def uuid(self) -> str:
        """Text in the form of a random (version 4) UUID."""
        digits = self.hex(30)
        variant = self.pick("89ab")
        return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-{variant}{digits[15:18]}-{digits[18:]}"
