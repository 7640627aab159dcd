"""Normalises one member: CSV in, typed and hashed Parquet out, in one pass and bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa

from services.normalizer.account import Account
from services.normalizer.batches import Batch
from services.normalizer.crew.crew import Crew
from services.normalizer.csvfile.dialect import CsvFile, open_csv
from services.normalizer.errors import AmbiguousHeader, HeaderMismatch, UnsupportedEncoding
from services.normalizer.layout import Layout, lay_out
from services.normalizer.parquet import ParquetSink
from services.normalizer.piecework import PieceWork
from services.normalizer.recipes.model import Recipe
from services.normalizer.rejects import DEFAULT_QUARANTINE, LimitedRejects, QuarantineLimit, RejectSink
from services.normalizer.tally import Tally
from services.normalizer.tolerance import Tolerance

if TYPE_CHECKING:  # a library for AWS comes with it
    from services.normalizer.pepper import Pepper

PIECE_BYTES = 2 << 20

_ALONE = Crew()


def normalize(
    source: BinaryIO,
    recipe: Recipe,
    sink: BinaryIO,
    rejects: RejectSink,
    *,
    member: str,
    pepper: Pepper | None = None,
    crew: Crew = _ALONE,
    piece_bytes: int = PIECE_BYTES,
    source_bytes: int | None = None,
    quarantine: QuarantineLimit = DEFAULT_QUARANTINE,
) -> Account:
    """Read CSV from ``source`` to its end and write the recipe's columns to ``sink`` as one Parquet object.

    What is written depends on the source's bytes, the recipe, the pepper, ``piece_bytes`` and ``quarantine``
    alone. A file without any record gives an object without rows. Neither stream is closed.

    Args:
        source: plaintext CSV; only ever read forwards.
        sink: only ever written to.
        rejects: receives the first rejected records, in order, before this returns or raises
            ``TooManyBadRows``.
        member: what messages call the source.
        pepper: the secret for identifiers that are not match keys.
        crew: the processes that share the work.
        piece_bytes: how much of the source is one unit of work.
        source_bytes: how large the source is. Then it is given up as soon as more rows are rejected than the
            rest of it can make up for.
        quarantine: how many rejected records are received at most.

    Raises:
        HeaderMismatch, AmbiguousHeader: the file's columns are not what the recipe requires.
        UnsupportedEncoding: the file is in UTF-32.
        TooManyBadRows: the share of rejected rows exceeds the recipe's ``max_rejected``, or is bound to.
    """
    file, layout = _opened(source, recipe, member)
    work = PieceWork(recipe, layout, file.scanner, None if pepper is None else pepper.secret)
    tally = Tally(file.blank_lines)
    kept = LimitedRejects(rejects, quarantine)
    tolerance = Tolerance(recipe, file, source_bytes, kept, member)
    seen: set[bytes] = set()
    next_record = file.next_record

    with ParquetSink(sink, recipe, None if pepper is None else pepper.version) as parquet:
        for batch in crew.in_order(work, tolerance.follow(file.pieces(piece_bytes))):
            kept.take(batch.rejects, next_record)
            next_record += batch.records
            unique = _without_repeated(batch, seen) if work.plan.key_columns else batch
            tally.add(unique, duplicates=batch.rows.num_rows - unique.rows.num_rows)
            tolerance.check_piece(tally)
            parquet.write(unique.rows)
        account = tally.account(file, layout, kept.kept)
        tolerance.check_end(tally)
        parquet.finish(account)
    return account


def _opened(source: BinaryIO, recipe: Recipe, member: str) -> tuple[CsvFile, Layout]:
    try:
        file = open_csv(source, recipe.expectation)
        return file, Layout({}, (), 0, ()) if file.empty else lay_out(recipe, file.columns)
    except (HeaderMismatch, AmbiguousHeader, UnsupportedEncoding) as error:
        raise type(error)(f"{member}: {error.message}") from None


def _without_repeated(batch: Batch, seen: set[bytes]) -> Batch:
    """Leave out rows whose key came before, in this batch or an earlier one, and remember the other keys."""
    keep: list[bool] = []
    for key in batch.keys:
        keep.append(key is None or key not in seen)
        if key is not None:
            seen.add(key)
    return batch if all(keep) else batch.only(pa.array(keep, pa.bool_()))
