"""The ``landfall`` command.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted. An error is a sentence on standard error that
says what to do, never a traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.main import get_command, get_command_name

from landfall import console, failures
from landfall.registry import COMMANDS, Entry

_ABOUT = """Files from Salesforce Marketing Cloud, one by one, into tables that AWS Clean Rooms can join.

Each command explains itself: landfall COMMAND --help
"""


def main(args: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code.

    Args:
        args: what follows the program's name; by default, what the process was started with.
    """
    if args is None:
        sys.excepthook = failures.report_defect
        args = sys.argv[1:]
    _let_boto_see_the_region()
    try:
        get_command(build_app(args)).main(list(args), prog_name="landfall")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except failures.expected() as error:
        console.complain(failures.explain(error))
        return 1
    return 0


def _let_boto_see_the_region() -> None:
    """Botocore reads the older variable only; the newer wins, as it does in AWS's own command line."""
    if region := os.environ.get("AWS_REGION"):
        os.environ["AWS_DEFAULT_REGION"] = region


def build_app(args: Sequence[str]) -> typer.Typer:
    """The command line with the code of the one command that ``args`` give, and the names of the others."""
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich" if console.on_terminal() else None,
    )
    app.callback(help=_ABOUT, epilog="Example: landfall demo")(_landfall)
    given = next((arg for arg in args if not arg.startswith("-")), None)
    for entry in COMMANDS:
        _register(app, entry, load=entry.name == given)
    return app


def _register(app: typer.Typer, entry: Entry, *, load: bool) -> None:
    code = entry.load() if load else _not_loaded
    if isinstance(code, typer.Typer):
        for each in code.registered_commands:
            each.epilog = each.epilog or entry.epilog(each.name or name_of(each.callback))
        app.add_typer(code, name=entry.name, help=entry.summary, epilog=entry.epilog(), no_args_is_help=True)
    else:
        app.command(
            entry.name, short_help=entry.summary, help=None if load else entry.summary, epilog=entry.epilog()
        )(code)


def name_of(callback: Callable[..., Any] | None) -> str:
    """The name typer gives a command that has none of its own."""
    return get_command_name(getattr(callback, "__name__", ""))


def _not_loaded() -> None:
    """Stands for a command that was not given."""


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"landfall {version('landfall')}")
        raise typer.Exit


_Version = Annotated[
    bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
]


def _landfall(show_version: _Version = False) -> None:
    """Holds the options that come before any command; the version's callback does its work."""


if __name__ == "__main__":
    sys.exit(main())
