"""The record of what is up."""

from __future__ import annotations

from pathlib import Path

import pytest

from landfall.errors import OperatorError
from landfall.local import state
from landfall.local.processes import Process
from landfall.local.reach import Reach
from landfall.local.state import State
from tests.unit.local.names import DEPLOYMENT

REACH = Reach("http://127.0.0.1:4566", "http://127.0.0.1:4567")
UP = State(
    reach=REACH,
    processes=(Process("emulator", 1, "boot:1", "emulator.log"),),
    deployment=DEPLOYMENT,
    ready=True,
)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    state.save(tmp_path, UP)
    assert state.load(tmp_path) == UP


def test_nothing_is_recorded_at_first_and_after_removal(tmp_path: Path) -> None:
    assert state.load(tmp_path) is None
    state.save(tmp_path, UP)
    state.remove(tmp_path)
    assert state.load(tmp_path) is None


def test_a_record_that_cannot_be_understood_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text('{"version": "of the future"}', encoding="utf-8")
    with pytest.raises(OperatorError, match="delete it"):
        state.load(tmp_path)


def test_a_process_that_runs_no_more_is_dead() -> None:
    assert [record.name for record in UP.dead()] == ["emulator"]


def test_only_one_command_at_a_time(tmp_path: Path) -> None:
    with (
        state.locked(tmp_path),
        pytest.raises(OperatorError, match="Another command"),
        state.locked(tmp_path),
    ):
        pytest.fail("both hold the lock")


def test_the_next_command_gets_the_lock_when_the_first_is_done(tmp_path: Path) -> None:
    for _ in range(2):
        with state.locked(tmp_path):
            assert state.load(tmp_path) is None


def test_the_home_is_in_the_current_directory_unless_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LANDFALL_HOME", raising=False)
    assert state.home_directory() == tmp_path / ".landfall"
    monkeypatch.setenv("LANDFALL_HOME", "/elsewhere")
    assert state.home_directory() == Path("/elsewhere")
