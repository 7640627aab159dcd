"""A service is ready when it says so; one that stops before is reported with its last words."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from landfall.errors import OperatorError
from landfall.local.processes import Process
from landfall.local.readiness import await_worker

Run = Callable[[str], Process]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    started: list[Process] = []

    def start(code: str) -> Process:
        process = Process.start(
            "decryptor", [sys.executable, "-uc", code], os.environ, tmp_path / "decryptor.log"
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.ask_to_end()
        process.await_end(5)


def test_the_line_worker_ready_ends_the_wait(run: Run) -> None:
    service = run("import signal; print('noise'); print('{\"event\": \"worker_ready\"}'); signal.pause()")
    await_worker(service, within=20)
    assert service.alive()


def test_a_service_that_stops_is_reported_with_its_last_line(run: Run) -> None:
    service = run("raise SystemExit('queue_url: Field required')")
    with pytest.raises(
        OperatorError, match=r"The decryptor stopped while starting .* queue_url: Field required"
    ):
        await_worker(service, within=20)


def test_of_a_service_that_says_why_it_cannot_start_only_the_reason_is_told(run: Run) -> None:
    line = '{"event": "cannot_start", "reason": "sent.yaml:6: no such type", "level": "error"}'
    service = run(f"print({line!r}); raise SystemExit(2)")
    with pytest.raises(OperatorError, match=r"starting \(log: .*\): sent\.yaml:6: no such type$"):
        await_worker(service, within=20)


def test_other_events_are_no_sign_of_readiness(run: Run) -> None:
    service = run("import signal; print('{\"event\": \"starting\"}'); print('[1]'); signal.pause()")
    with pytest.raises(OperatorError, match=r"not ready after 0\.2 s: see .*decryptor\.log"):
        await_worker(service, within=0.2)
