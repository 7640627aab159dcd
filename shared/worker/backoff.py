"""How long a message waits before it is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

_SQS_MAX_SECONDS = 12 * 3600


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential with jitter: between half and all of ``base × 2^(receives - 1)``, up to ``cap``."""

    base_seconds: float
    cap_seconds: float
    random: Random

    def seconds(self, receive_count: int) -> int:
        """Whole seconds, at least 1, until the next try after the ``receive_count``-th receive."""
        ceiling = min(self.cap_seconds, self.base_seconds * 2 ** min(receive_count - 1, 30), _SQS_MAX_SECONDS)
        return max(1, round(self.random.uniform(ceiling / 2, ceiling)))
