"""What commands say when part of the local stack has ended."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from landfall.cli import main
from landfall.errors import OperatorError
from landfall.local import state
from landfall.local.processes import Process
from landfall.local.reach import Reach
from landfall.local.state import State
from landfall.target import find_target
from tests.unit.local.names import DEPLOYMENT


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    reach = Reach("http://127.0.0.1:1", "http://127.0.0.1:2")
    monkeypatch.setenv("LANDFALL_HOME", str(tmp_path))
    for name in (*reach.environment(), "AWS_PROFILE"):
        monkeypatch.setenv(name, "put back after the test")
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    return tmp_path


def ended(home: Path, name: str) -> None:
    gone = Process(name, 1, "an earlier boot", str(home / f"{name}.log"))
    reach = Reach("http://127.0.0.1:1", "http://127.0.0.1:2")
    state.save(home, State(reach=reach, processes=(gone,), deployment=DEPLOYMENT, ready=True))


def test_a_service_that_ended_is_told_of_and_the_command_goes_on(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended(home, "normalizer")
    assert find_target().deployment == DEPLOYMENT
    told = capsys.readouterr().err
    assert "The normalizer has ended" in told
    assert "`landfall local up` starts it again" in told


def test_without_the_emulator_there_is_nothing_to_go_on_with(home: Path) -> None:
    ended(home, "emulator")
    with pytest.raises(OperatorError, match=r"The emulator of the local stack has ended.*local down"):
        find_target()


def test_an_endpoint_that_is_the_local_stacks_own_means_that_stack(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(home, "normalizer")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert find_target().local
    assert os.environ["AWS_ENDPOINT_URL_GLUE"] == "http://127.0.0.1:2"


def test_an_endpoint_elsewhere_needs_a_region(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended(home, "normalizer")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("AWS_PROFILE")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(OperatorError, match="AWS_ENDPOINT_URL is set and no AWS Region is set"):
        find_target()


def test_the_region_may_be_given_as_any_other_sdk_takes_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert main(["--version"]) == 0
    assert os.environ["AWS_DEFAULT_REGION"] == "eu-north-1"
