"""How far a long command is: a bar on a terminal, a line now and then in a pipe; always on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from landfall import console

_LINES = 10  # in a pipe, for the whole


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show ``total`` things being done; call what is given with how many more are."""
    if not sys.stderr.isatty():
        yield _lines(label, total)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console.rich_console(stderr=True)) as bar:
        task = bar.add_task(label, total=total)
        yield lambda more: bar.advance(task, more)


def _lines(label: str, total: int) -> Callable[[int], None]:
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        before, done = done, done + more
        if total > _LINES and before * _LINES // total != done * _LINES // total:
            console.say(f"{label}: {done:,} of {total:,}")

    return advance
