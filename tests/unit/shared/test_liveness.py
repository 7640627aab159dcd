"""A worker's sign of life, and the health check that looks at it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shared.worker.health import ailment
from shared.worker.liveness import LIVENESS_FILE, STALE_SECONDS, alive


async def test_a_running_worker_is_healthy(tmp_path: Path) -> None:
    file = tmp_path / "alive"
    async with alive(file):
        assert ailment(str(file), time.time()) is None


async def test_the_file_is_touched_as_long_as_the_event_loop_turns(tmp_path: Path) -> None:
    file = tmp_path / "alive"
    async with alive(file, beat_seconds=0.001):
        os.utime(file, (0, 0))
        await asyncio.sleep(0.1)  # a hundred beats
        assert file.stat().st_mtime > 0


async def test_a_worker_that_has_ended_is_not_up(tmp_path: Path) -> None:
    file = tmp_path / "alive"
    async with alive(file):
        pass
    assert ailment(str(file), time.time()) == "the worker is not up"


async def test_without_a_file_there_is_nothing_to_do() -> None:
    async with alive(None):
        pass


def test_a_worker_whose_event_loop_hangs_is_unhealthy(tmp_path: Path) -> None:
    file = tmp_path / "alive"
    file.touch()
    later = file.stat().st_mtime + STALE_SECONDS + 1
    assert ailment(str(file), later) == "the worker has shown no life for 61 s"


@pytest.mark.parametrize(("there", "code"), [(True, 0), (False, 1)])
def test_the_check_tells_by_its_exit_code(tmp_path: Path, there: bool, code: int) -> None:
    file = tmp_path / "alive"
    if there:
        file.touch()
    command = [sys.executable, "-m", "shared.worker.health"]
    ended = subprocess.run(command, env={LIVENESS_FILE: str(file)}, capture_output=True, check=False)
    assert ended.returncode == code
