"""Why a record is rejected, and where rejected records go."""

from __future__ import annotations

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
                cut after ``scanner.MAX_FIELD_BYTES``. Personal data: only ever for quarantine/.
        """
        ...
