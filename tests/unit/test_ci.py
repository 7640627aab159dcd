"""Continuous integration says how long each of its steps took, whatever becomes of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("gpg", "gpgconf", "gpg-agent", "7z", "zip", "unzip", "ps", "git", "apt-get", "sudo")
TARGETS = ("setup", "check", "test", "permissions", "models", "faults-model", "faults-slice", "load")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The script beside steps that do nothing, and tools that are all there."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", tmp_path / ".ci/run")
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in TOOLS:
        (tools / name).write_text('#!/bin/sh\necho "$0 $@" >> "$CALLS"\n')
        (tools / name).chmod(0o755)
    return tmp_path


def run(checkout: Path, failing: str = "") -> tuple[int, dict[str, str], str]:
    """Exit code, minutes by step, and the calls that were made."""
    rules = [f"{name}:\n\t@{'false' if name == failing else ':'}" for name in TARGETS]
    (checkout / "Makefile").write_text("\n".join(rules) + "\n")
    calls = checkout / "calls"
    calls.touch()
    path = f"{checkout / 'bin'}:{os.environ['PATH']}"
    done = subprocess.run(
        [checkout / ".ci/run"],
        env={**os.environ, "PATH": path, "CALLS": str(calls)},
        capture_output=True,
        text=True,
        check=False,
    )
    table = done.stdout.partition("step ")[2].splitlines()[1:]
    found = [re.fullmatch(r"(.*?) +([\d.]+)", line) for line in table]
    minutes = {match[1]: match[2] for match in found if match}
    return done.returncode, minutes, calls.read_text()


def test_every_step_is_listed_with_its_minutes(checkout: Path) -> None:
    code, minutes, _ = run(checkout)
    assert code == 0
    assert len(minutes) == 1 + len(TARGETS) + 1
    assert {*minutes.values()} == {"0.0"}


def test_a_step_that_fails_ends_the_run_and_is_listed(checkout: Path) -> None:
    code, minutes, _ = run(checkout, failing="permissions")
    assert code != 0
    assert list(minutes)[-3:] == ["test", "permissions (failed)", "total"]


def test_tools_that_are_there_are_not_installed(checkout: Path) -> None:
    _, _, calls = run(checkout)
    assert "install" not in calls


def test_a_tool_that_is_missing_is_installed(checkout: Path) -> None:
    (checkout / "bin/7z").unlink()
    if shutil.which("7z"):  # of this machine
        script = checkout / ".ci/run"
        script.write_text(script.read_text().replace("has 7z", "has 7z-of-no-machine"))
    _, _, calls = run(checkout)
    assert "install -y -qq --no-install-recommends p7zip-full" in calls
