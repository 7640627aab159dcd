"""Counts what becomes of a file's rows while it is read."""

from __future__ import annotations

from collections import Counter

from services.normalizer.account import Account
from services.normalizer.batches import Batch
from services.normalizer.csvfile.dialect import CsvFile
from services.normalizer.layout import Layout


class Tally:
    """Adds up batches. Rows in are counted from the records that were read, not from what became of them."""

    def __init__(self, blank_lines: int) -> None:
        """Begin with the blank lines before the header."""
        self.rows_in = 0
        """Without the header and blank lines."""
        self._rows_out = 0
        self._filtered = 0
        self._duplicates = 0
        self._blank_lines = blank_lines
        self.reasons: Counter[str] = Counter()
        """Rejected rows, by reason."""
        self._invalid: Counter[str] = Counter()
        self._suppressed: Counter[str] = Counter()

    def add(self, batch: Batch, duplicates: int) -> None:
        """Count a batch as it is written, and the rows taken out of it as duplicates."""
        self.rows_in += batch.records - batch.blank_lines
        self._rows_out += batch.rows.num_rows
        self._filtered += batch.filtered
        self._duplicates += duplicates
        self._blank_lines += batch.blank_lines
        self.reasons.update(batch.rejected)
        for name, mask in batch.invalid.items():
            self._invalid[name] += mask.true_count
        for name, mask in batch.suppressed.items():
            self._suppressed[name] += mask.true_count

    @property
    def rejected(self) -> int:
        """Rejected rows."""
        return self.reasons.total()

    def account(self, file: CsvFile, layout: Layout, quarantined: int) -> Account:
        """The account of the whole file. Without a row that is accepted, no name of the header is shown.

        Args:
            quarantined: how many rejected records were kept.

        Raises:
            AccountMismatch: the numbers do not add up.
        """
        dropped = layout.dropped if self.rows_in > self.rejected else ()
        return Account(
            rows_in=self.rows_in,
            rows_out=self._rows_out,
            rejected=self.rejected,
            filtered=self._filtered,
            duplicates=self._duplicates,
            blank_lines=self._blank_lines,
            not_quarantined=self.rejected - quarantined,
            empty=file.empty,
            rejected_by_reason=dict(+self.reasons),
            invalid_by_column=dict(+self._invalid),
            suppressed_by_column=dict(+self._suppressed),
            dropped_columns=dropped,
            dropped_unnamed=layout.dropped_unnamed + len(layout.dropped) - len(dropped),
            missing_columns=layout.missing,
            encoding=file.encoding,
            delimiter=file.scanner.grammar.delimiter.decode(),
        )
