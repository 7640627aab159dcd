"""Records of one message that name no file of ours: one report a cause, however many they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.errors import LandfallError, UnreadableMessage

_MAX_CAUSES = 10


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why records of a message were rejected, and how many of them were for that reason."""

    error: LandfallError
    records: int


def rejections(failed: Iterable[tuple[LandfallError, int]]) -> list[Rejection]:
    """Sum the records up by cause: the same code, in the same words.

    Anyone who may send to the queue chooses what is wrong with each record. So beyond ten causes the rarest
    are counted together.
    """
    first: dict[tuple[str, str], LandfallError] = {}
    records: dict[tuple[str, str], int] = {}
    for error, count in failed:
        cause = (error.code, error.message)
        first.setdefault(cause, error)
        records[cause] = records.get(cause, 0) + count
    by_count = sorted(first, key=lambda cause: (-records[cause], cause))
    if len(by_count) <= _MAX_CAUSES:
        return [Rejection(first[cause], records[cause]) for cause in by_count]
    named, others = by_count[: _MAX_CAUSES - 1], by_count[_MAX_CAUSES - 1 :]
    rest = UnreadableMessage("further records are rejected, each for another reason")
    return [
        *(Rejection(first[cause], records[cause]) for cause in named),
        Rejection(rest, sum(records[cause] for cause in others)),
    ]
