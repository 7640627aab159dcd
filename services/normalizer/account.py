"""What became of every row of one file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from dataclasses import fields as dataclass_fields

from services.normalizer.errors import AccountMismatch

_LATER = ("dropped_unnamed", "not_quarantined")


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
    not_quarantined: int = 0
    """How many of the rejected rows were left out of quarantine, which has the first ones."""
    empty: bool = False
    """The file has no record at all, not even a header."""
    rejected_by_reason: Mapping[str, int] = field(default_factory=dict)
    invalid_by_column: Mapping[str, int] = field(default_factory=dict)
    """By output column: values present but unusable, which became NULL in rows that were written."""
    suppressed_by_column: Mapping[str, int] = field(default_factory=dict)
    """By output column: values withheld because they look as if they identify a person."""
    dropped_columns: tuple[str, ...] = ()
    """Header names that the recipe does not mention, as far as they may be shown: never a value."""
    dropped_unnamed: int = 0
    """How many more columns the recipe does not mention; their names may be data."""
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

    @property
    def quarantined(self) -> int:
        """How many of the rejected rows are in quarantine."""
        return self.rejected - self.not_quarantined

    def to_json(self) -> str:
        """One line of JSON with sorted keys: the same account always gives the same text.

        Counts that came later are left out where they are zero, so that objects keep their bytes.
        """
        facts = {name: value for name, value in asdict(self).items() if value or name not in _LATER}
        return json.dumps(facts, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Account:
        """Read back what ``to_json`` wrote, in this version or a later one, whose other facts are ignored.

        Raises:
            ValueError: the text is not JSON.
            TypeError: it is not an account.
            AccountMismatch: its numbers do not add up.
        """
        written, known = json.loads(text), {each.name for each in dataclass_fields(cls)}
        fields = {name: value for name, value in written.items() if name in known}
        for name in ("dropped_columns", "missing_columns"):
            fields[name] = tuple(fields[name])
        return cls(**fields)
