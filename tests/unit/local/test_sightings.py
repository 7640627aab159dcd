"""What the system knows of a process id, asked in both ways."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from landfall.local.sightings import Sighting, from_proc, from_ps
from landfall.waiting import wait_until

Look = Callable[[int], Sighting | None]

# Starts a child, says its id, and never asks how it ended.
CARELESS = (
    "import subprocess, sys, signal; child = subprocess.Popen(['sleep', '60']); "
    "print(child.pid, flush=True); signal.pause()"
)

ways = pytest.mark.parametrize(
    "look",
    [
        pytest.param(from_proc, marks=pytest.mark.skipif(sys.platform != "linux", reason="no /proc here")),
        pytest.param(from_ps, marks=pytest.mark.skipif(shutil.which("ps") is None, reason="no ps here")),
    ],
)


@contextmanager
def careless_parent() -> Iterator[int]:
    """The id of the child of a process that asks for nothing."""
    parent = subprocess.Popen([sys.executable, "-c", CARELESS], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    try:
        yield child
    finally:
        os.kill(child, signal.SIGKILL)
        parent.kill()
        parent.communicate()


@ways
def test_a_running_process_is_seen_with_the_same_start_each_time(look: Look) -> None:
    seen = look(os.getpid())
    assert seen is not None
    assert not seen.ended
    assert look(os.getpid()) == seen


@ways
def test_an_id_without_a_process_is_not_seen(look: Look) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert look(ended.pid) is None


@ways
def test_a_process_that_nobody_asked_how_it_ended_is_seen_as_ended(look: Look) -> None:
    """Where the first process of a container reaps no orphans, all ended processes stay like that."""
    with careless_parent() as child:
        before = look(child)
        os.kill(child, signal.SIGKILL)
        after = wait_until(
            lambda: seen if (seen := look(child)) is not None and seen.ended else None, within=10
        )
        assert before is not None
        assert after == Sighting(before.started, ended=True)
