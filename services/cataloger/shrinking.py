"""Whether a snapshot may replace the current one: not by far fewer rows, unless somebody accepts that.

Rows are counted before filters and duplicates, and without rejected ones, by the normalize manifests of both.
So a recipe that filters more rows does not hold a snapshot back, and an export that came (nearly) empty does.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.cataloger.needs import Need, Snapshot
from services.cataloger.standing import Standing
from shared.errors import SnapshotShrunk
from shared.manifests import Notice
from shared.outcomes import replay_command


@dataclass(frozen=True, slots=True)
class CurrentRows:
    """What the current snapshot of a source was made from: a generation of its file, with so many rows."""

    generation: int
    rows: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comes of a snapshot that is the newer one: it replaces the current one, or it is held back."""

    held_back: SnapshotShrunk | None = None
    notice: Notice | None = None
    """What an operator should know of a replacement."""


def compare(
    need: Need, snapshot: Snapshot, standing: Standing | None, current: CurrentRows | None
) -> Comparison:
    """Compare a snapshot with the one that it would replace.

    Args:
        need: Where the snapshot goes.
        snapshot: The newer one.
        standing: The register's entry; None where its source has no snapshot yet.
        current: The rows of that entry; None where there is none, or its manifest cannot be found. Then a
            snapshot is held back only if it has no row at all.
    """
    least = 1 if current is None else current.rows * snapshot.min_rows_share
    shrunk = snapshot.min_rows_share > 0 and snapshot.rows < least
    if shrunk and not snapshot.accepts_shrink:
        return Comparison(held_back=SnapshotShrunk(_reason(need, snapshot, standing, current)))
    if shrunk:
        return Comparison(notice=Notice(code="SHRINK_ACCEPTED", message=_accepted(need, snapshot, current)))
    if standing is not None and current is None and snapshot.min_rows_share > 0:
        text = (
            f"{_place(need)}: the rows of the snapshot that it replaced are not known, so none were compared"
        )
        return Comparison(notice=Notice(code="SNAPSHOT_NOT_COMPARED", message=text))
    return Comparison()


def _reason(need: Need, snapshot: Snapshot, standing: Standing | None, current: CurrentRows | None) -> str:
    if current is None:
        before = "there is no earlier one" if standing is None else "the current one's rows are not known"
        what = f"a snapshot without rows is held back ({before})"
    elif standing is not None and standing.location == need.location:
        # The normalizer replaces a file's own objects, which the table shows already.
        what = f"the same file, normalised once more, has {_rows(snapshot.rows)} instead of {current.rows:,}"
    else:
        what = f"{_rows(snapshot.rows)} would replace {current.rows:,}: the snapshot is held back"
    share = f"the recipe's min_rows_share is {snapshot.min_rows_share:g}"
    command = replay_command(snapshot.file_id, SnapshotShrunk.code)
    return f"{_place(need)}: {what}; {share}. To accept it: {command}"


def _accepted(need: Need, snapshot: Snapshot, current: CurrentRows | None) -> str:
    before = "" if current is None else f" instead of {current.rows:,}"
    return f"{_place(need)}: {_rows(snapshot.rows)}{before} were accepted by an operator"


def _place(need: Need) -> str:
    return ", ".join((need.table, *(f"{key} {value}" for key, value in need.partition.items())))


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
