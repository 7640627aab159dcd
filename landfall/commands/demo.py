"""``landfall demo``: everything at once, on this machine, verified."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from landfall import console
from landfall.demo.run import Demo, Scale
from landfall.local.stack import LocalStack
from landfall.local.stack import down as take_down
from landfall.local.starting import Options
from landfall.target import Target

_HOME = Path(".landfall/demo")


def demo(
    subscribers: Annotated[int, typer.Option(min=1, help="Subscribers in the extract.")] = 10_000,
    events: Annotated[int, typer.Option(min=0, help="Events in the extract, about.")] = 100_000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same extract.")] = 20260131,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the stack up afterwards.")] = False,
) -> None:
    """Bring up a stack of its own, send an extract and a damaged one through, and check what came of them.

    Exits with 0 only if everything it claims was verified.
    """
    started = time.monotonic()
    home = _HOME.absolute()
    take_down(home)  # an earlier --keep: its tables would count with these
    stack = LocalStack.up(Options(home=home, port=0), console.say)
    try:
        os.environ.update(stack.environment())
        target = Target(stack.deployment, local=True)
        passed = Demo(target, home / "logs", Scale(subscribers, events, seed)).run()
    finally:
        if not keep:
            stack.down()
    seconds = time.monotonic() - started
    if not passed:
        console.complain(f"Not everything held: see the lines marked NOT and the logs under {_HOME}/logs/.")
        raise typer.Exit(1)
    print(f"\nEverything held. It took {seconds:.0f} s, bringing the stack up and down included.")
    if keep:
        print(f"The stack is still up: LANDFALL_HOME={_HOME} landfall status, then ... landfall local down.")
