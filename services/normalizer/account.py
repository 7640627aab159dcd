"""What became of every row of one file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from services.normalizer.errors import AccountMismatch


@dataclass(frozen=True, slots=True)
class Account:
    """The row account of one file, and what was noticed about its columns.

    ``rows_in == rows_out + rejected + filtered + duplicates`` holds for every instance. The header and
    blank lines are no rows. Mappings leave out what is zero.

    Raises:
        AccountMismatch: the sums differ.
    """

    rows_in: int
    rows_out: int
    rejected: int = 0
    filtered: int = 0
    duplicates: int = 0
    blank_lines: int = 0
    empty: bool = False
    """The file has no record at all, not even a header."""
    rejected_by_reason: Mapping[str, int] = field(default_factory=dict)
    invalid_by_column: Mapping[str, int] = field(default_factory=dict)
    """By output column: values present but unusable, which became NULL in rows that were written."""
    suppressed_by_column: Mapping[str, int] = field(default_factory=dict)
    """By output column: values withheld because they look as if they identify a person."""
    dropped_columns: tuple[str, ...] = ()
    """Header names that the recipe does not mention, as far as they are fit to show."""
    missing_columns: tuple[str, ...] = ()
    """Recipe columns that the file does not have; they are NULL throughout."""
    encoding: str = ""
    delimiter: str = ""

    def __post_init__(self) -> None:
        accounted = self.rows_out + self.rejected + self.filtered + self.duplicates
        if self.rows_in != accounted:
            raise AccountMismatch(f"{self.rows_in} rows came in but {accounted} are accounted for")
        if self.rejected != sum(self.rejected_by_reason.values()):
            raise AccountMismatch(
                f"{self.rejected} rows were rejected but their reasons do not add up to that"
            )

    def to_json(self) -> str:
        """One line of JSON with sorted keys: the same account always gives the same text."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Account:
        """Read back what ``to_json`` wrote.

        Raises:
            ValueError: the text is not JSON.
            TypeError: it is not an account.
            AccountMismatch: its numbers do not add up.
        """
        fields = json.loads(text)
        for name in ("dropped_columns", "missing_columns"):
            fields[name] = tuple(fields[name])
        return cls(**fields)
