"""Asking before much is changed."""

from __future__ import annotations

import sys

import typer

from landfall import console
from landfall.errors import OperatorError


def confirm(question: str, *, several: bool, yes: bool) -> None:
    """Go on only if the person agrees; one thing is done without asking, and so is everything after --yes.

    Raises:
        OperatorError: nobody is there to be asked, or the answer was no.
    """
    if yes or not several:
        return
    if not sys.stdin.isatty():
        raise OperatorError(f"{question} Nobody is here to be asked: say so by --yes.")
    if not typer.confirm(console.printable(question), err=True):
        raise OperatorError("Nothing was done.")
