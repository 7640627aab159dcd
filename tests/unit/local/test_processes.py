"""Processes are recognised by id and start time, and only those are ended."""

from __future__ import annotations

import dataclasses
import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from landfall.errors import OperatorError
from landfall.local.processes import Process
from landfall.waiting import wait_until

# Each says when it is ready, since a signal that comes too early has another effect.
OBEDIENT = "import signal, sys; print('ready', flush=True); signal.pause()"
STUBBORN = "import signal; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); signal.pause()"
LOCKING = "import fcntl; held = open({path!r}, 'w'); fcntl.flock(held, fcntl.LOCK_EX); " + STUBBORN
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"

Run = Callable[[str], Process]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Start Python code and wait until it has written a line."""
    started: list[Process] = []

    def start(code: str) -> Process:
        log = tmp_path / f"{len(started)}.log"
        process = Process.start("it", [sys.executable, "-c", code], os.environ, log)
        started.append(process)
        wait_until(lambda: log.read_bytes() or None, within=20)
        return process

    yield start
    for process in started:
        process.ask_to_end()
        process.await_end(0)


def test_a_process_is_recognised_by_what_was_recorded(run: Run) -> None:
    assert dataclasses.replace(run(OBEDIENT)).alive()


def test_it_ends_when_asked(run: Run) -> None:
    process = run(OBEDIENT)
    process.ask_to_end()
    assert process.await_end(within=10)
    assert not process.alive()


def test_it_is_killed_when_it_does_not_listen(run: Run) -> None:
    process = run(STUBBORN)
    process.ask_to_end()
    assert not process.await_end(within=0.1)
    assert not process.alive()


def test_killing_takes_its_children_along(run: Run, tmp_path: Path) -> None:
    lock = tmp_path / "held by the child"
    process = run(PARENT.format(child=LOCKING.format(path=str(lock))))
    with lock.open("w") as file:
        assert not _locked(file)
        assert not process.await_end(within=0)
        wait_until(lambda: _locked(file) or None, within=10)


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def test_another_process_of_the_same_id_is_left_alone(run: Run) -> None:
    process = run(OBEDIENT)
    earlier = dataclasses.replace(process, started="another time")
    assert not earlier.alive()
    earlier.ask_to_end()
    assert earlier.await_end(within=0)
    assert process.alive()


def test_a_process_that_ended_by_itself_is_not_alive(run: Run) -> None:
    process = run("print('done')")
    assert process.await_end(within=10)
    assert not process.alive()


def test_it_has_a_session_of_its_own_so_that_ctrl_c_in_the_terminal_spares_it(run: Run) -> None:
    assert os.getsid(run(OBEDIENT).pid) != os.getsid(0)


def test_the_last_line_of_the_log_skips_empty_ones(run: Run) -> None:
    process = run("print('first'); print('the reason'); print(); print('  ')")
    process.await_end(within=10)
    assert process.last_line() == "the reason"


def test_a_missing_program_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="make setup"):
        Process.start("it", [str(tmp_path / "nothing")], {}, tmp_path / "log")


def test_it_holds_no_lock_of_the_shell_that_started_us(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("w") as held:
        os.set_inheritable(held.fileno(), True)
        fcntl.flock(held, fcntl.LOCK_EX)
        run(OBEDIENT)
    with path.open("w") as free:
        fcntl.flock(free, fcntl.LOCK_EX | fcntl.LOCK_NB)
