"""What the commands print: styled on a terminal, plain text in a pipe, and JSON where it is asked for.

Results go to standard output, everything else to standard error, so that ``--json`` can always be piped on.

Keys of objects come from outside and may hold any character. Everything printed here passes ``printable``, so
that no name can move the cursor, retitle the window, reverse the text or begin a line of its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # rich takes a tenth of a second to load: only a terminal needs it
    from rich.console import Console

_GAP = "  "


def on_terminal() -> bool:
    """Whether a person is looking at standard output."""
    return sys.stdout.isatty()


def rich_console(*, stderr: bool = False) -> Console:
    """A console for live displays and styles; it prints plainly where there is no terminal."""
    from rich.console import Console

    return Console(stderr=stderr, soft_wrap=True, highlight=False)


def printable(text: str, *, keep: str = "") -> str:
    """Text without control characters, direction marks and line ends: each is written as its escape.

    Args:
        keep: characters to leave as they are.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in keep else char.encode("unicode_escape").decode()
        for char in text
    )


def to_json(result: object) -> str:
    """The result as one line of JSON: exact, and safe on a terminal."""
    text = json.dumps(result, ensure_ascii=False)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def print_json(result: object) -> None:
    """The result as one line of JSON on standard output."""
    sys.stdout.write(to_json(result) + "\n")


def counted(count: int, noun: str) -> str:
    """So many of something, in words."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def clear_screen() -> None:
    """Begin at the top of an empty terminal."""
    sys.stdout.write("\x1b[2J\x1b[H")


def print_line(text: str = "") -> None:
    """A line on standard output; an empty one between two parts of a result."""
    sys.stdout.write(f"{printable(text)}\n")


def say(text: str) -> None:
    """A line for people, about progress or circumstances, on standard error."""
    sys.stderr.write(f"{printable(text)}\n")


def complain(sentence: str) -> None:
    """An error: one sentence that says what to do, on standard error; a recipe's faults have a line each."""
    sentence = printable(sentence, keep="\n")
    if sys.stderr.isatty():
        from rich.text import Text

        rich_console(stderr=True).print(Text.assemble(("error: ", "bold red"), sentence))
    else:
        sys.stderr.write(f"error: {sentence}\n")


def print_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Names and values, one pair a line, on standard output."""
    facts = [(printable(name), printable(value)) for name, value in facts]
    width = max((len(name) for name, _ in facts), default=0)
    if not on_terminal():
        sys.stdout.writelines(f"{name:<{width}}{_GAP}{value}\n" for name, value in facts)
        return
    from rich.text import Text

    console = rich_console()
    for name, value in facts:
        console.print(Text.assemble((f"{name:<{width}}", "bold"), _GAP, value))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows under their column names, on standard output; in a pipe nothing is cut and no frame drawn."""
    rows = [tuple(map(printable, row)) for row in rows]
    if on_terminal():
        from rich.table import Table
        from rich.text import Text

        table = Table(*columns)
        for row in rows:
            table.add_row(*map(Text, row))
        rich_console().print(table)
        return
    lines = [columns, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(columns))]
    for line in lines:
        cells = (f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True))
        sys.stdout.write(_GAP.join(cells).rstrip() + "\n")
