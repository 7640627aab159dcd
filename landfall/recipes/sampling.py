"""What a recipe would do to a sample of its files, by columns and counts: no value is shown or kept.

The sample goes through the normalizer's own engine. What it writes is counted and deleted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow.parquet as pq

from landfall.progress import progress
from landfall.recipes.digits import PhoneDigits, phone_digits
from services.normalizer import engine
from services.normalizer.account import Account
from services.normalizer.crew.crew import Crew
from services.normalizer.errors import AmbiguousHeader, HeaderMismatch, TooManyBadRows, UnsupportedEncoding
from services.normalizer.gluetypes import glue_type
from services.normalizer.recipes import Recipe, RecipeBook
from services.normalizer.recipes.lint import ColumnReport, describe
from services.normalizer.vcpus import usable_vcpus

_MB = 1_000_000
_WORTH_A_BAR = 50 * _MB


@dataclass(frozen=True, slots=True)
class OutputReport:
    """One column of the output, by counts of its values."""

    name: str
    type: str
    """As Glue and Clean Rooms call it."""
    written: int
    """Values that are not NULL."""
    invalid: int
    """Values that were there and can't be used, in rows that are written."""
    suppressed: int
    """Values withheld because they look as if they identify a person."""


@dataclass(frozen=True, slots=True)
class SampleColumn:
    """One column that the recipe names."""

    source: str
    fate: str
    missing: bool
    """The sample does not have it."""
    outputs: Sequence[OutputReport]


@dataclass(frozen=True, slots=True)
class SampleReport:
    """What would become of a sample."""

    sample: str
    recipe: str
    matched: bool
    """The recipe's ``match`` recognises the sample's name."""
    refused: str | None
    """Why the normalizer would refuse the file; None if it would not."""
    account: Account | None
    """Of its rows; None where it was refused before any was read."""
    columns: Sequence[SampleColumn]
    phones: Sequence[PhoneDigits] = ()
    """How the digits of its phone columns may be read."""

    @property
    def dropped(self) -> Sequence[str]:
        """Columns of the sample that never leave because the recipe does not name them."""
        return () if self.account is None else self.account.dropped_columns


def try_sample(sample: Path, recipe: Recipe) -> SampleReport:
    """Have the engine normalise the sample.

    Raises:
        OSError: the sample can't be read.
    """
    name = f"{recipe.dataset}@{recipe.version}"
    matched = RecipeBook([recipe]).match(sample.name) is not None
    # The account is wanted whatever the share of rejected rows; the recipe's own limit is looked at after.
    patient = recipe.model_copy(update={"max_rejected": 1.0})
    with tempfile.TemporaryDirectory(prefix="landfall-") as folder:
        target = Path(folder, "sample.parquet")
        try:
            with _followed(sample) as source, target.open("xb") as sink, Crew(usable_vcpus()) as crew:
                account = engine.normalize(
                    source,
                    patient,
                    sink,
                    _Unseen(),
                    member=sample.name,
                    crew=crew,
                )
        except (HeaderMismatch, AmbiguousHeader, UnsupportedEncoding) as refusal:
            return SampleReport(sample.name, name, matched, f"{refusal.code}: {refusal.message}", None, ())
        written = _written(target)
    return SampleReport(
        sample.name,
        name,
        matched,
        _too_many(account, recipe),
        account,
        [_column(each, recipe, account, written) for each in describe(recipe)],
        _phones(sample, recipe),
    )


def _phones(sample: Path, recipe: Recipe) -> Sequence[PhoneDigits]:
    with sample.open("rb") as source:
        return phone_digits(source, recipe)


def _too_many(account: Account, recipe: Recipe) -> str | None:
    if account.rejected <= recipe.max_rejected * account.rows_in:
        return None
    return (
        f"{TooManyBadRows.code}: {account.rejected} of {account.rows_in} rows were rejected; "
        f"the recipe tolerates {recipe.max_rejected:.2%}"
    )


def _column(
    column: ColumnReport, recipe: Recipe, account: Account, written: Mapping[str, int]
) -> SampleColumn:
    outputs = [
        OutputReport(
            name=name,
            type=glue_type(recipe.arrow_schema.field(name).type),
            written=written[name],
            invalid=account.invalid_by_column.get(name, 0),
            suppressed=account.suppressed_by_column.get(name, 0),
        )
        for name in column.outputs
    ]
    return SampleColumn(column.source, column.fate, column.source in account.missing_columns, outputs)


def _written(path: Path) -> dict[str, int]:
    """How many values each column really holds, read back a column of a row group at a time."""
    with pq.ParquetFile(path) as file:
        counts = dict.fromkeys(file.schema_arrow.names, 0)
        for group in range(file.num_row_groups):
            for name in counts:
                values = file.read_row_group(group, columns=[name]).column(name)
                counts[name] += len(values) - values.null_count
    return counts


class _Unseen:
    """Takes rejected rows and lets them go: the account counts them by reason."""

    def reject(self, record: int, reason: str, raw: bytes) -> None:
        """Take one record."""


@contextmanager
def _followed(path: Path) -> Iterator[BinaryIO]:
    """A file to read from its beginning to its end, with progress shown if it is a large one."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if size < _WORTH_A_BAR:
            yield file
        else:
            with progress("megabytes read", size // _MB) as advance:
                yield cast("BinaryIO", _Followed(file, advance))


class _Followed:
    """A stream that tells how many more megabytes were read."""

    def __init__(self, file: BinaryIO, advance: Callable[[int], None]) -> None:
        self._file = file
        self._advance = advance
        self._read = 0

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes; none at the end only."""
        data = self._file.read(size)
        before, self._read = self._read, self._read + len(data)
        self._advance(self._read // _MB - before // _MB)
        return data
