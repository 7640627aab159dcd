"""Normalises one member: CSV in, typed and hashed Parquet out, in one pass and bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, BinaryIO, TypeVar

import pyarrow as pa

from services.normalizer.account import Account
from services.normalizer.batches import Batch, transform
from services.normalizer.csvfile.dialect import CsvFile, open_csv
from services.normalizer.csvfile.pieces import Piece
from services.normalizer.csvfile.table import Parser
from services.normalizer.errors import AmbiguousHeader, HeaderMismatch, TooManyBadRows
from services.normalizer.layout import Layout, lay_out
from services.normalizer.parquet import ParquetSink
from services.normalizer.plan import make_plan
from services.normalizer.recipes.model import Recipe
from services.normalizer.rejects import RejectSink
from services.normalizer.tally import Tally

if TYPE_CHECKING:  # a library for AWS comes with it
    from services.normalizer.pepper import Pepper

PIECE_BYTES = 4 << 20

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def normalize(
    source: BinaryIO,
    recipe: Recipe,
    sink: BinaryIO,
    rejects: RejectSink,
    *,
    member: str,
    pepper: Pepper | None = None,
    threads: int = 1,
    piece_bytes: int = PIECE_BYTES,
) -> Account:
    """Read CSV from ``source`` to its end and write the recipe's columns to ``sink`` as one Parquet object.

    What is written depends on the source's bytes, the recipe, the pepper and ``piece_bytes`` alone. A file
    without any record gives an object without rows. Neither stream is closed.

    Args:
        source: plaintext CSV; only ever read forwards.
        sink: only ever written to.
        rejects: receives every rejected record before this returns or raises ``TooManyBadRows``.
        member: what messages call the source.
        pepper: the secret for identifiers that are not match keys.
        threads: how many pieces of the source are in work at once.
        piece_bytes: how much of the source is one unit of work.

    Raises:
        HeaderMismatch, AmbiguousHeader: the file's columns are not what the recipe requires.
        TooManyBadRows: the share of rejected rows exceeds the recipe's ``max_rejected``.
    """
    file, layout = _opened(source, recipe, member)
    plan = make_plan(recipe, layout, None if pepper is None else pepper.secret)
    parser = Parser(file.scanner, plan.positions)
    tally = Tally(file.blank_lines)
    seen: set[bytes] = set()
    next_record = file.next_record

    def work(piece: Piece) -> Batch:
        return transform(parser.parse(piece), plan)

    with ParquetSink(sink, recipe, None if pepper is None else pepper.version) as parquet:
        for batch in _in_order(work, file.pieces(piece_bytes), threads):
            for reject in batch.rejects:
                rejects.reject(next_record + reject.offset, reject.reason, reject.raw)
            next_record += batch.records
            unique = _without_repeated(batch, seen) if plan.key_columns else batch
            tally.add(unique, duplicates=batch.rows.num_rows - unique.rows.num_rows)
            parquet.write(unique.rows)
        account = tally.account(file, layout)
        _check_threshold(account, recipe, member)
        parquet.finish(account)
    return account


def _opened(source: BinaryIO, recipe: Recipe, member: str) -> tuple[CsvFile, Layout]:
    try:
        file = open_csv(source, recipe.expectation)
        return file, Layout({}, (), ()) if file.empty else lay_out(recipe, file.columns)
    except (HeaderMismatch, AmbiguousHeader) as error:
        raise type(error)(f"{member}: {error.message}") from None


def _in_order(work: Callable[[_Item], _Result], items: Iterable[_Item], threads: int) -> Iterator[_Result]:
    """The results of ``work`` in the order of the items, a few of which are in work at once."""
    if threads == 1:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(threads, thread_name_prefix="normalize") as pool:
        running: deque[Future[_Result]] = deque()
        for item in items:
            running.append(pool.submit(work, item))
            if len(running) > threads:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def _without_repeated(batch: Batch, seen: set[bytes]) -> Batch:
    """Leave out rows whose key came before, in this batch or an earlier one, and remember the other keys."""
    keep: list[bool] = []
    for key in batch.keys:
        keep.append(key is None or key not in seen)
        if key is not None:
            seen.add(key)
    return batch if all(keep) else batch.only(pa.array(keep, pa.bool_()))


def _check_threshold(account: Account, recipe: Recipe, member: str) -> None:
    if account.rejected > recipe.max_rejected * account.rows_in:
        reasons = ", ".join(
            f"{reason}: {count}" for reason, count in sorted(account.rejected_by_reason.items())
        )
        raise TooManyBadRows(
            f"{member}: {account.rejected} of {account.rows_in} rows were rejected ({reasons}); "
            f"the recipe tolerates {recipe.max_rejected:.2%}"
        )
