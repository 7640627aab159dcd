"""SIGTERM: what runs is finished or handed back, what has not begun is free for others, the exit code 0."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import boto3
import pytest

from landfall.deployment import SERVICES
from landfall.waiting import wait_until
from shared.layout import manifest_key
from shared.stages import Stage
from tests.faults.faults import Slow
from tests.faults.samples import plain
from tests.faults.trial import Arena, Landed

GRACE = 34.0
HAND_BACK = 12.0  # on top of the grace, for what is cancelled
LOAD = 16  # files that land at once


def begin(arena: Arena, *seconds: float) -> list[Landed]:
    """Files that the normalizer is at work on; each of its seven or so requests about them takes so long."""
    begun: list[tuple[Landed, Slow]] = []
    for each in seconds:
        landed = arena.land(plain)
        slow = Slow(landed.file.file_id, each)
        arena.fleet.arm("normalizer", slow)
        begun.append((landed, slow))
    wait_until(lambda: all(slow.struck for _, slow in begun) or None, within=30)
    return [landed for landed, _ in begun]


def attempt(arena: Arena, landed: Landed, stage: Stage = Stage.NORMALIZE) -> int | None:
    """The receive count with which a stage succeeded; None where it has not."""
    file = landed.file
    s3 = boto3.client("s3")
    key = manifest_key(file.file_id, stage, 0)
    found = s3.list_objects_v2(Bucket=file.bucket, Prefix=key).get("Contents")
    if not found:
        return None
    manifest: dict[str, Any] = json.loads(s3.get_object(Bucket=file.bucket, Key=key)["Body"].read())
    assert isinstance(manifest["attempt"], int)
    return manifest["attempt"]


def depth(arena: Arena, stage: Stage) -> tuple[int, int]:
    """How many messages of a stage are visible, and how many are hidden."""
    answer = boto3.client("sqs").get_queue_attributes(
        QueueUrl=arena.target.deployment.queues[stage].url, AttributeNames=["All"]
    )["Attributes"]
    hidden = answer["ApproximateNumberOfMessagesNotVisible"]
    return int(answer["ApproximateNumberOfMessages"]), int(hidden)


def test_jobs_are_finished_or_handed_back_and_none_is_stranded(arena: Arena) -> None:
    limits = {"LANDFALL_CONCURRENCY": "3", "LANDFALL_SHUTDOWN_GRACE_SECONDS": str(GRACE)}
    normalizer = arena.fleet.members["normalizer"]
    with arena.fleet.changed("normalizer", **limits):
        normalizer.end()
        normalizer.start()
        normalizer.await_ready()
        short, long, longer = begin(arena, 0.15, 4, 9)
        waiting = [arena.land(plain) for _ in range(3)]
        wait_until(lambda: depth(arena, Stage.NORMALIZE)[0] >= 2 or None, within=30)
        began = time.monotonic()
        assert normalizer.end_with_code(within=GRACE + HAND_BACK) == 0
        seconds = time.monotonic() - began
        stopped = [attempt(arena, each) for each in (short, long, longer)]
        visible, hidden = depth(arena, Stage.NORMALIZE)
        arena.fleet.disarm()
        arena.settle([short, long, longer, *waiting])
    assert seconds >= GRACE
    assert stopped == [1, 1, None]
    assert (visible >= 3, hidden) == (True, 0)
    assert attempt(arena, longer) == 2
    assert [attempt(arena, each) for each in waiting] == [1, 1, 1]
    for each in (short, long, longer, *waiting):
        assert arena.auditor.audit(each.sample, each.file).faults == []


@pytest.mark.parametrize("service", list(SERVICES))
def test_a_service_that_is_stopped_under_load_costs_no_file_more_than_one_receive(
    arena: Arena, service: str
) -> None:
    member, stage, letters = arena.fleet.members[service], SERVICES[service], arena.auditor.dead_letters()
    arena.fleet.forget_crossings()
    landed = [arena.land(plain) for _ in range(LOAD)]
    wait_until(lambda: "manifest.put" in member.aws.crossed or None, within=30)
    began = time.monotonic()
    assert member.end_with_code(within=GRACE) == 0
    visible, hidden = depth(arena, stage)
    ended = time.monotonic() - began
    arena.settle(landed)
    attempts = [attempt(arena, each, stage) for each in landed]
    assert (hidden, ended < GRACE) == (0, True), f"{visible} visible"
    assert set(attempts) <= {1, 2}, attempts
    assert arena.auditor.dead_letters() == letters
    assert arena.audit(landed).faults == []


def test_an_idle_service_ends_with_its_poll_and_takes_nothing_with_it(arena: Arena) -> None:
    decryptor = arena.fleet.members["decryptor"]
    decryptor.await_poll()
    began = time.monotonic()
    decryptor.process.ask_to_end()
    landed = arena.land(plain)
    code = decryptor.end_with_code(within=10)
    seconds = time.monotonic() - began
    _, hidden = depth(arena, Stage.DECRYPT)
    arena.settle([landed])
    assert (code, hidden) == (0, 0)
    assert seconds < 5  # a poll takes one second here
    assert arena.auditor.audit(landed.sample, landed.file).faults == []


def test_ecs_protects_a_task_from_being_scaled_in_while_a_file_is_in_work(arena: Arena) -> None:
    normalizer = arena.fleet.members["normalizer"]
    with agent() as (uri, states), arena.fleet.changed("normalizer", ECS_AGENT_URI=uri):
        normalizer.end()
        normalizer.start()
        normalizer.await_ready()
        assert states == []
        (landed,) = begin(arena, 1)
        wait_until(lambda: states or None, within=5)
        assert states == [{"ProtectionEnabled": True, "ExpiresInMinutes": 60}]
        arena.fleet.disarm()
        arena.settle([landed])
        wait_until(lambda: len(states) == 2 or None, within=15)
    assert states[1] == {"ProtectionEnabled": False}


@contextmanager
def agent() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An ECS agent that notes what it is told of the task's protection."""
    states: list[dict[str, Any]] = []

    class Agent(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            assert self.path == "/task-protection/v1/state"
            states.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"protection": {}}')

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Agent)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", states
    finally:
        server.shutdown()
        server.server_close()
