"""Why a record is rejected, and where rejected records go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Damage(StrEnum):
    """What can be wrong with a record as such, whatever its columns mean."""

    UNTERMINATED_QUOTE = "unterminated_quote"
    STRAY_QUOTE = "stray_quote"
    TOO_LONG = "too_long"
    NUL_BYTE = "nul_byte"
    BAD_ENCODING = "bad_encoding"
    HEADER_REPEATED = "header_repeated"
    RAGGED = "ragged"


class RejectSink(Protocol):
    """Receives each rejected record, in the order of the file."""

    def reject(self, record: int, reason: str, raw: bytes) -> None:
        """Take one record.

        Args:
            record: its number. The first record of the file, the header if it has one, is 1; blank lines
            count,
                line breaks inside quotes do not. Without such breaks it is the line number.
            reason: a ``Damage``, or ``invalid:<column>`` with the recipe's name of the column.
            raw: the record as UTF-8 without its line end (bytes that were not valid text stay as they came),
                cut after ``checks.MAX_FIELD_BYTES``. Personal data: only ever for quarantine/.
        """
        ...


@dataclass(frozen=True)
class QuarantineLimit:
    """How much of one member goes to quarantine: its first rejected rows."""

    rows: int = 100_000
    size: int = 256 << 20
    """In bytes of rejected rows; the row that reaches it is the last."""


DEFAULT_QUARANTINE = QuarantineLimit()


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that is not written; ``offset`` counts from 0 within the piece, blank lines included."""

    offset: int
    reason: str
    raw: bytes


class LimitedRejects:
    """Passes on the first rejected records of a member."""

    def __init__(self, sink: RejectSink, limit: QuarantineLimit) -> None:
        self._sink = sink
        self._rows = limit.rows
        self._bytes = limit.size
        self.kept = 0
        """How many were passed on."""

    @property
    def room(self) -> int:
        """How many more may be passed on."""
        return self._rows if self._bytes > 0 else 0

    def take(self, rejects: Iterable[Reject], first_record: int) -> None:
        """Pass on those for which there is room.

        Args:
            first_record: the number of the record with offset 0.
        """
        for reject in rejects:
            if not self.room:
                return
            self._sink.reject(first_record + reject.offset, reject.reason, reject.raw)
            self._rows -= 1
            self._bytes -= len(reject.raw)
            self.kept += 1
