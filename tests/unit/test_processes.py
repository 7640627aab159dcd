"""What the benchmarks read of a process: all that it started counts, too."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.processes import cpu_seconds, peak_bytes, resident_bytes, tree

_BURNT = 0.3  # CPU seconds, far above what starting takes from the figures compared
_MB = 50

# Each tells when it is done, and then lives on until its input ends.
_BURN = f"import time\nwhile time.process_time() < {_BURNT}: pass\n"
_HOLD = f"held = b'x' * {_MB * 1_000_000}\n"
_TELL = "import sys\nprint('done', flush=True)\nsys.stdin.read()\n"


def _parent(of: str) -> str:
    """A program whose only work is to start another; the other tells through the same pipe."""
    return f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {of!r}], check=True)\n"


@contextmanager
def running(program: str) -> Iterator[int]:
    """Run it until it has told that it is done, and let it live."""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"done\n"
        yield process.pid
        process.stdin.close()


def test_the_cpu_of_a_living_grandchild_is_counted() -> None:
    with running(_parent(_parent(_BURN + _TELL))) as pid:
        assert len(tree(pid)) == 3
        assert cpu_seconds(pid) >= 0.9 * _BURNT  # each process is counted in whole ticks


def test_the_cpu_of_a_grandchild_that_has_ended_is_counted() -> None:
    with running(_parent(_parent(_BURN)) + _TELL) as pid:
        assert tree(pid) == [pid]
        assert cpu_seconds(pid) >= 0.9 * _BURNT  # each process is counted in whole ticks


def test_the_memory_of_a_living_grandchild_is_counted() -> None:
    with running(_parent(_parent(_HOLD + _TELL))) as pid:
        assert resident_bytes(pid) > _MB * 1_000_000


def test_memory_that_was_given_back_counts_as_peak_only() -> None:
    with running(_parent(_HOLD + "del held\n" + _TELL)) as pid:
        assert peak_bytes(pid) - resident_bytes(pid) > 0.9 * _MB * 1_000_000


def test_nobody_else_is_counted() -> None:
    with running(_HOLD + _TELL), running(_TELL) as pid:
        assert tree(pid) == [pid]
        assert resident_bytes(pid) < _MB * 1_000_000


def test_a_process_that_has_ended_has_no_figures() -> None:
    with running(_TELL) as pid:
        pass
    with pytest.raises(ProcessLookupError):
        cpu_seconds(pid)
