"""Up and down: everything that is started is ended, whatever happens in between."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from landfall.cli import main
from landfall.errors import OperatorError
from landfall.local import state
from landfall.local.ports import LOOPBACK
from landfall.local.processes import Process
from landfall.local.report import look
from landfall.local.stack import LocalStack, down, restart
from landfall.local.starting import Options


@pytest.fixture
def options(tmp_path: Path) -> Iterator[Options]:
    """A stack of the test's own, taken down whatever happens."""
    home = tmp_path / "home"
    yield Options(home=home, endpoint=None, glue_endpoint=None, port=0, services=())
    down(home)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    """Every process that is started during the test."""
    processes: list[Process] = []
    start: Callable[..., Process] = Process.start

    def remember(*args: object, **options: object) -> Process:
        processes.append(start(*args, **options))
        return processes[-1]

    monkeypatch.setattr(Process, "start", remember)
    return processes


def test_down_leaves_no_process_and_keeps_the_logs(options: Options, started: list[Process]) -> None:
    LocalStack.up(options)
    assert down(options.home)
    assert [process.name for process in started if process.alive()] == []
    assert state.load(options.home) is None
    assert {path.name for path in (options.home / "logs").iterdir()} == {"emulator.log", "glue.log"}


def test_up_finds_what_is_up_and_reports_what_is_not(options: Options) -> None:
    first = LocalStack.up(options)
    second = LocalStack.up(options)
    assert (first.fresh, second.fresh) == (True, False)
    assert second.deployment == first.deployment
    assert look(options.home).state == "up"

    recorded = state.load(options.home)
    assert recorded is not None
    glue = recorded.processes[1]
    glue.ask_to_end()
    glue.await_end(5)
    assert look(options.home).state == "partly up"
    with pytest.raises(OperatorError, match=r"The glue of the local stack has ended.*landfall local down"):
        LocalStack.up(options)


def test_a_record_from_an_earlier_boot_is_replaced(options: Options) -> None:
    with LocalStack.up(options):
        stale = state.load(options.home)
    assert stale is not None
    state.save(options.home, stale)
    assert look(options.home).state == "down"
    said: list[str] = []
    assert LocalStack.up(options, said.append).fresh
    assert said[0] == "Removed the record of a local stack that is not running any more."


def test_a_start_that_fails_half_way_ends_what_it_started(
    options: Options, started: list[Process], tmp_path: Path
) -> None:
    with pytest.raises(OperatorError, match="no template"):
        LocalStack.up(replace(options, templates=tmp_path))
    assert [process.name for process in started] == ["emulator", "glue"]
    assert not any(process.alive() for process in started)
    assert state.load(options.home) is None


def test_what_an_interrupted_start_left_is_ended_first(options: Options) -> None:
    stack = LocalStack.up(options)
    interrupted = state.load(options.home)
    assert interrupted is not None
    state.save(options.home, interrupted.model_copy(update={"ready": False, "deployment": None}))
    assert LocalStack.up(options).processes["emulator"] != stack.processes["emulator"]
    assert not any(record.alive() for record in interrupted.processes)


def test_an_endpoint_that_is_there_is_used_and_no_emulator_started(
    options: Options, stack: LocalStack, started: list[Process]
) -> None:
    with LocalStack.up(replace(options, endpoint=stack.endpoint, prefix="beside")) as beside:
        assert beside.endpoint == stack.endpoint
        assert [process.name for process in started] == ["glue"]


def test_a_glue_endpoint_that_is_there_is_used_too(
    options: Options, stack: LocalStack, started: list[Process]
) -> None:
    given = replace(options, endpoint=stack.endpoint, glue_endpoint=stack.glue_endpoint, prefix="beside")
    with LocalStack.up(given) as beside:
        assert beside.glue_endpoint == stack.glue_endpoint
        assert started == []


def test_a_port_in_use_is_said_before_anything_starts(options: Options, started: list[Process]) -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(OperatorError, match=f"Port {port} is in use"):
            LocalStack.up(replace(options, port=port))
    assert started == []


def test_a_service_that_stops_takes_the_start_down(options: Options, started: list[Process]) -> None:
    broken = replace(options, services=("archiver",), overrides={"LANDFALL_CONCURRENCY": "none"})
    with pytest.raises(OperatorError, match="The archiver stopped while starting"):
        LocalStack.up(broken)
    assert not any(process.alive() for process in started)


def test_a_service_runs_until_the_stack_is_taken_down(options: Options, started: list[Process]) -> None:
    with LocalStack.up(replace(options, services=("archiver",))):
        archiver = started[-1]
        assert (archiver.name, archiver.alive()) == ("archiver", True)
    assert not archiver.alive()


def test_the_commands_say_the_same(
    options: Options, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LANDFALL_HOME", str(options.home))
    LocalStack.up(options)
    assert main(["local", "status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "up"
    assert main(["local", "down", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "down"
    assert main(["local", "down"]) == 0
    assert "not up" in capsys.readouterr().err


def test_a_service_that_ended_is_started_again_and_its_log_goes_on(
    options: Options, started: list[Process]
) -> None:
    chosen = replace(options, services=("archiver",))
    LocalStack.up(chosen)
    first = started[-1]
    first.ask_to_end()
    first.await_end(30)
    said: list[str] = []
    again = LocalStack.up(chosen, said.append)
    assert said == ["The archiver is ready again."]
    assert (again.fresh, look(options.home).state) == (False, "up")
    assert Path(first.log).read_text().count('"worker_ready"') == 2


def test_restart_changes_the_services_and_nothing_else(options: Options) -> None:
    before = LocalStack.up(replace(options, services=("archiver",))).processes
    after = restart(options.home).processes
    assert [name for name in after if after[name] != before[name]] == ["archiver"]
    assert not before["archiver"].alive()
    with pytest.raises(OperatorError, match="has no service painter: name one of archiver"):
        restart(options.home, ["painter"])


def test_a_service_that_does_not_start_again_leaves_the_rest_up(options: Options) -> None:
    chosen = replace(options, services=("archiver",))
    stack = LocalStack.up(chosen)
    stack.processes["archiver"].ask_to_end()
    stack.processes["archiver"].await_end(30)
    with pytest.raises(OperatorError, match="The archiver stopped while starting"):
        LocalStack.up(replace(chosen, overrides={"LANDFALL_CONCURRENCY": "none"}))
    assert look(options.home).state == "partly up"
    LocalStack.up(chosen)
    assert look(options.home).state == "up"


def test_nothing_is_restarted_where_nothing_is_up(options: Options) -> None:
    with pytest.raises(OperatorError, match="not up: run `landfall local up`"):
        restart(options.home)
