"""How many rejected rows a recipe tolerates, and when the rest of a file can no longer make up for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

from services.normalizer.csvfile.dialect import CsvFile
from services.normalizer.csvfile.pieces import Piece
from services.normalizer.errors import TooManyBadRows
from services.normalizer.recipes.model import Recipe
from services.normalizer.rejects import LimitedRejects
from services.normalizer.tally import Tally

_UNIT_BYTES = {"utf-16-le": 2, "utf-16-be": 2}
_MAX_UTF8_OF_UNIT = 3


class Tolerance:
    """Watches one member. What it decides depends on the member's bytes alone, not on the processes."""

    def __init__(
        self, recipe: Recipe, file: CsvFile, source_bytes: int | None, rejects: LimitedRejects, member: str
    ) -> None:
        """Begin with a file that was opened.

        Args:
            source_bytes: how large it is; None where that is not known: then it is read to its end.
        """
        self._max_rejected = recipe.max_rejected
        self._member = member
        self._rejects = rejects
        unit = _UNIT_BYTES.get(file.encoding, 1)
        self._units = None if source_bytes is None else source_bytes // unit
        self._utf8_of_unit = 1 if file.encoding == "utf-8" else _MAX_UTF8_OF_UNIT
        # The shortest row has empty fields and a line end; of one column, a character, or it would be blank.
        self._shortest_row = max(2, len(file.columns))
        self._ends: deque[int] = deque()

    def follow(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """The pieces, each with how many of its rejected records there may be room for."""
        for piece in pieces:
            self._ends.append(piece.end)
            yield replace(piece, max_rejects=self._rejects.room)

    def check_piece(self, tally: Tally) -> None:
        """After the next piece was counted and its rejected records kept.

        Raises:
            TooManyBadRows: whatever follows, too many rows will have been rejected.
        """
        end = self._ends.popleft()
        if self._units is None:
            return
        units_left = self._units - end // self._utf8_of_unit
        rows_left = max(0, units_left) // self._shortest_row + 1
        if tally.rejected > self._max_rejected * (tally.rows_in + rows_left):
            raise self._refusal(tally, f"the first {tally.rows_in}", ", more than the rest can make up for")

    def check_end(self, tally: Tally) -> None:
        """After the last piece.

        Raises:
            TooManyBadRows: too many rows were rejected.
        """
        if tally.rejected > self._max_rejected * tally.rows_in:
            raise self._refusal(tally, str(tally.rows_in), "")

    def _refusal(self, tally: Tally, rows: str, why_now: str) -> TooManyBadRows:
        reasons = ", ".join(f"{reason}: {count}" for reason, count in sorted(tally.reasons.items()))
        left_out = tally.rejected - self._rejects.kept
        note = f"; the last {left_out} of them are not in quarantine" if left_out else ""
        return TooManyBadRows(
            f"{self._member}: {tally.rejected} of {rows} rows were rejected ({reasons}){why_now}; "
            f"the recipe tolerates {self._max_rejected:.2%}{note}"
        )
