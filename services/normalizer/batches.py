"""What becomes of the rows of one piece."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from services.normalizer.columns.arrays import Mask, null_where, text_of, trimmed
from services.normalizer.columns.conversion import Converted
from services.normalizer.columns.ownkeys import OwnKeys
from services.normalizer.csvfile.table import Rows
from services.normalizer.plan import Plan
from services.normalizer.rejects import Reject

Places: TypeAlias = pa.UInt64Array

_KEY_BYTES = 16  # two of a billion different keys alike: one chance in 10^20


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of one piece as they will be written, and an account of those that will not."""

    rows: pa.RecordBatch
    invalid: dict[str, Mask]
    """By output column: where a value became NULL because it can't be used."""
    suppressed: dict[str, Mask]
    """By output column: where a value was withheld."""
    rejects: list[Reject]
    """The first of those that are rejected, as many as were wanted, in order."""
    rejected: dict[str, int]
    """How many are rejected in all, by reason."""
    filtered: int
    blank_lines: int
    records: int
    """Rows, damaged records and blank lines of the piece."""
    keys: list[bytes | None]
    """For each row a digest of what must occur once, None where that is empty; none where rows may repeat."""

    def only(self, keep: Mask) -> Batch:
        """Without the rows where the mask is False."""
        return replace(
            self,
            rows=self.rows.filter(keep),
            invalid={name: mask.filter(keep) for name, mask in self.invalid.items()},
            suppressed={name: mask.filter(keep) for name, mask in self.suppressed.items()},
            keys=[key for key, kept in zip(self.keys, keep.to_pylist(), strict=False) if kept],
        )


def transform(rows: Rows, plan: Plan, max_rejects: int = sys.maxsize) -> Batch:
    """Filter, convert and reject the rows of one piece. Which of them repeat is not known here."""
    text = rows.table
    numbers: Places | None = None
    if plan.filters:
        keep = plan.filters[0](text)
        for condition in plan.filters[1:]:
            keep = pc.and_(keep, condition(text))
        numbers = pc.indices_nonzero(keep)
        text = text.filter(keep)
    own_keys = OwnKeys([text_of(text.column(name).combine_chunks()) for name in plan.identities])
    converted = [
        _without_own_keys(output.convert(text), own_keys) if output.in_the_clear else output.convert(text)
        for output in plan.outputs
    ]
    batch = Batch(
        rows=pa.RecordBatch.from_arrays([each.values for each in converted], schema=plan.schema),
        invalid={
            output.name: each.invalid
            for output, each in zip(plan.outputs, converted, strict=True)
            if each.invalid is not None
        },
        suppressed={
            output.name: each.suppressed
            for output, each in zip(plan.outputs, converted, strict=True)
            if each.suppressed is not None
        },
        rejects=[
            Reject(offset, damage.value, rows.raw(offset))
            for offset, damage in rows.first_damaged(max_rejects)
        ],
        rejected={damage.value: count for damage, count in rows.damaged_by_reason().items()},
        filtered=rows.table.num_rows - text.num_rows,
        blank_lines=rows.blank_lines,
        records=rows.record_count,
        keys=_keys(text, plan.key_columns),
    )
    return _without_invalid(batch, rows, plan, numbers, max_rejects)


def _without_own_keys(column: Converted, keys: OwnKeys) -> Converted:
    shown = keys.shown_in(text_of(column.values))
    if shown is None:
        return column
    suppressed = shown if column.suppressed is None else pc.or_(shown, column.suppressed)
    return Converted(null_where(shown, text_of(column.values)), column.invalid, suppressed)


def _without_invalid(batch: Batch, rows: Rows, plan: Plan, numbers: Places | None, max_rejects: int) -> Batch:
    """Reject rows with an unusable value in a column that does not tolerate it, for the first such column."""
    strict = [
        output.name for output in plan.outputs if output.rejects_invalid and output.name in batch.invalid
    ]
    if not strict:
        return batch
    rejects, rejected = list(batch.rejects), dict(batch.rejected)
    keep = pc.invert(batch.invalid[strict[0]])
    for number, name in enumerate(strict):
        invalid = batch.invalid[name]
        newly = invalid if number == 0 else pc.and_(invalid, keep)
        keep = pc.and_not(keep, invalid)
        reason, found = f"invalid:{name}", pc.indices_nonzero(newly)
        if len(found):
            rejected[reason] = len(found)
        wanted = found[:max_rejects]
        for row in wanted if numbers is None else numbers.take(wanted):
            offset = rows.offset(row.as_py())
            rejects.append(Reject(offset, reason, rows.raw(offset)))
    rejects.sort(key=lambda reject: reject.offset)
    return replace(batch.only(keep), rejects=rejects[:max_rejects], rejected=rejected)


def _keys(text: pa.Table, columns: tuple[str, ...]) -> list[bytes | None]:
    if not columns:
        return []
    values = [trimmed(text_of(text.column(name).combine_chunks())).to_pylist() for name in columns]
    return [
        blake2b(repr(row).encode(), digest_size=_KEY_BYTES).digest() if any(row) else None
        for row in zip(*values, strict=True)
    ]
