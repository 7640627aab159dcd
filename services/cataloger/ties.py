"""Extracts of one date and second, whose order the register's text cannot tell: what S3 says of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

# What services.cataloger.ordering.order_of makes: the date, the second, its fraction, the file's id.
_ORDER = re.compile(r"(?P<second>\d{8} [0-9T:-]+)(\.\d+)?Z (?P<file_id>\d{8}-[0-9a-f]{16})")


@dataclass(frozen=True, slots=True)
class Ties:
    """Compares orders: as text, but for pairs of one second that :mod:`.tie_breaker` orders otherwise."""

    overruled: frozenset[tuple[str, str]] = frozenset()
    """The older and the newer order of each such pair."""

    def is_older(self, order: str, other: str) -> bool:
        """Whether the first is the order of an older extract than the second."""
        if (order, other) in self.overruled:
            return True
        return order < other and (other, order) not in self.overruled


NO_TIES = Ties()


def tied(orders: Iterable[str]) -> list[list[str]]:
    """Those orders of which two or more are of the same date and second, each such second by itself."""
    seconds: dict[str, set[str]] = defaultdict(set)
    for order in orders:
        if (match := _ORDER.fullmatch(order)) is not None:
            seconds[match["second"]].add(order)
    return [sorted(each) for each in seconds.values() if len(set(map(file_id_in, each))) > 1]


def file_id_in(order: str) -> str:
    """The id of the file that an order is of."""
    return order.rpartition(" ")[2]
