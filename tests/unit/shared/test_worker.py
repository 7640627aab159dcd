"""The worker: every message ends deleted, delayed or dead-lettered."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import structlog

from shared.errors import AwsUnavailable, LandingGone
from shared.events import FileFailed
from shared.identity import trace_id
from shared.layout import manifest_key
from shared.messages import LandingNotice, Request, parse_message
from shared.stages import Stage
from tests.builders import LANDED_AT, landed, notification
from tests.doubles.s3 import failure
from tests.unit.shared.bench import Bench, fail_with, succeed


async def test_finished_work_deletes_its_message() -> None:
    bench = Bench(succeed)
    async with bench.running():
        bench.sqs.send(notification("landing/a.csv"))
        await bench.sqs.until(lambda: not bench.sqs.messages)
    assert bench.sqs.dead_letters == []


async def test_a_permanent_failure_is_recorded_announced_and_dead_lettered_with_its_reason() -> None:
    bench = Bench(fail_with(LandingGone("the landed version no longer exists")))
    async with bench.running():
        bench.sqs.send(notification("landing/a.csv"))
        await bench.sqs.until(lambda: not bench.sqs.messages)
    (letter,) = bench.sqs.dead_letters
    (event,) = bench.events.published
    assert isinstance(event, FileFailed)
    assert letter["code"] == event.code == "LANDING_GONE"
    assert letter["file_id"] == event.file.file_id
    assert letter["body"] == notification("landing/a.csv")
    assert ("ingest", event.manifest_key) in bench.s3.objects


@pytest.mark.parametrize(
    "error",
    [
        AwsUnavailable("PutObject answered SlowDown"),
        failure("GetObject", "SlowDown", 503),
        ConnectionResetError(),
        ZeroDivisionError("a defect"),
    ],
    ids=["ours", "AWS", "network", "defect"],
)
async def test_a_transient_failure_comes_back_later(error: Exception) -> None:
    bench = Bench(fail_with(error))
    async with bench.running():
        sent = bench.sqs.send(notification("landing/a.csv"))
        await bench.sqs.until(lambda: bench.sqs.hidden_for)
    ((message_id, seconds),) = bench.sqs.hidden_for
    assert message_id == sent
    assert 2 <= seconds <= 5
    assert bench.events.published == []


async def test_delays_grow_with_each_try_until_the_last_receive_fails_the_file() -> None:
    bench = Bench(fail_with(AwsUnavailable("GetObject answered SlowDown")))
    async with bench.running():
        bench.sqs.send(notification("landing/a.csv"))
        for receives in range(1, bench.sqs.max_receives):
            await bench.sqs.until(lambda wanted=receives: len(bench.sqs.hidden_for) == wanted)
            bench.sqs.now += 1000
        await bench.sqs.until(lambda: bench.sqs.dead_letters and not bench.sqs.messages)
    delays = [seconds for _, seconds in bench.sqs.hidden_for]
    assert all(2.5 * 2**n - 1 <= delay <= 5 * 2**n for n, delay in enumerate(delays))
    assert bench.sqs.dead_letters[0]["code"] == "AWS_UNAVAILABLE"
    assert "given up after 5 tries" in bench.sqs.dead_letters[0]["reason"]


async def test_a_failure_that_cannot_be_announced_leaves_its_message_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.bus._FIRST_DELAY", 0.0)
    bench = Bench(fail_with(LandingGone("the landed version no longer exists")))
    bench.events.refuse = 99
    bench.sqs.send(notification("landing/a.csv"))
    (message,) = await bench.sqs.queue().receive(1, 0)
    await bench.job.run(message)
    assert bench.events.published == []
    assert bench.sqs.dead_letters == []
    assert len(bench.sqs.messages) == 1


class Identifying(Bench):
    """Its handler cannot tell which file a message is about."""

    async def identify(self, request: Request) -> Request:
        raise LandingGone("moved")


def send_about_finished_work(bench: Bench) -> None:
    """A message about a file that the stage has a success manifest of."""
    body = notification("landing/a.csv")
    (request,) = parse_message(body)
    assert isinstance(request, LandingNotice)
    bench.s3.put("ingest", manifest_key(request.file.file_id, Stage.DECRYPT, 0), b"{}")
    bench.sqs.send(body)


async def test_a_late_duplicate_of_finished_work_is_no_failure() -> None:
    bench = Identifying(succeed)
    async with bench.running():
        send_about_finished_work(bench)
        await bench.sqs.until(lambda: not bench.sqs.messages)
    assert bench.sqs.dead_letters == []
    assert bench.events.published == []


@pytest.mark.parametrize("error", [LandingGone("moved"), AwsUnavailable("PutEvents kept failing")])
async def test_what_fails_after_the_commit_is_tried_again_until_it_is_announced(error: Exception) -> None:
    tries = 0

    async def work(_: Request) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise error

    bench = Bench(work)
    async with bench.running():
        send_about_finished_work(bench)
        for wanted in (1, 2):
            await bench.sqs.until(lambda wanted=wanted: len(bench.sqs.hidden_for) == wanted)
            bench.sqs.now += 1000
        await bench.sqs.until(lambda: not bench.sqs.messages)
    assert (tries, bench.sqs.dead_letters, bench.events.published) == (3, [], [])


@pytest.mark.parametrize("error", [LandingGone("moved"), AwsUnavailable("PutEvents kept failing")])
async def test_a_success_that_cannot_be_announced_is_a_dead_letter_and_no_failure(error: Exception) -> None:
    bench = Bench(fail_with(error))
    async with bench.running():
        send_about_finished_work(bench)
        for receives in range(1, bench.sqs.max_receives):
            await bench.sqs.until(lambda wanted=receives: len(bench.sqs.hidden_for) == wanted)
            bench.sqs.now += 1000
        await bench.sqs.until(lambda: bench.sqs.dead_letters and not bench.sqs.messages)
    assert len(bench.sqs.dead_letters) == 1
    assert bench.events.published == []


async def test_a_record_that_fails_does_not_keep_the_others_of_its_message_from_being_done() -> None:
    done: list[str] = []

    async def work(request: Request) -> None:
        assert isinstance(request, LandingNotice)
        if request.file.key == "landing/bad.csv":
            raise LandingGone("gone")
        done.append(request.file.key)

    bench = Bench(work)
    parts = [notification(f"landing/{name}.csv")[len('{"Records": [') : -2] for name in ("bad", "good")]
    async with bench.running():
        bench.sqs.send('{"Records": [' + ", ".join(parts) + "]}")
        await bench.sqs.until(lambda: bench.sqs.dead_letters)
    assert done == ["landing/good.csv"]


async def test_no_more_than_the_configured_number_of_files_is_in_work() -> None:
    running, most, full, release = 0, 0, asyncio.Event(), asyncio.Event()

    async def work(_: Request) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 3:
            full.set()
        await release.wait()
        running -= 1

    bench = Bench(work, concurrency=3)
    async with bench.running():
        for n in range(7):
            bench.sqs.send(notification(f"landing/{n}.csv"))
        await full.wait()
        release.set()
        await bench.sqs.until(lambda: not bench.sqs.messages)
    assert most == 3


async def test_a_message_is_kept_hidden_while_its_work_runs() -> None:
    release = asyncio.Event()

    async def work(_: Request) -> None:
        await release.wait()

    bench = Bench(work)
    async with bench.running(visibility=0.02):
        bench.sqs.send(notification("landing/a.csv"))
        await bench.sqs.until(lambda: len(bench.sqs.hidden_for) >= 3)
        release.set()
        await bench.sqs.until(lambda: not bench.sqs.messages)
    assert bench.sqs.dead_letters == []


async def test_work_whose_message_is_lost_is_stopped() -> None:
    stopped = asyncio.Event()

    async def work(_: Request) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    bench = Bench(work)

    async def change_message_visibility(**_: Any) -> Any:
        raise failure("ChangeMessageVisibility", "ReceiptHandleIsInvalid", 404)

    bench.sqs.change_message_visibility = change_message_visibility  # type: ignore[method-assign] # made to fail
    async with bench.running(visibility=0.02):
        bench.sqs.send(notification("landing/a.csv"))
        await asyncio.wait_for(stopped.wait(), timeout=5)
    assert len(bench.sqs.messages) == 1
    assert bench.sqs.dead_letters == []


async def test_a_failing_receive_is_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.worker.worker._RECEIVE_PAUSE", 0)
    bench = Bench(succeed)
    receive, failures = bench.sqs.receive_message, 0

    async def receive_message(**arguments: Any) -> Any:
        nonlocal failures
        failures += 1
        if failures <= 2:
            raise failure("ReceiveMessage", "InternalError", 500)
        return await receive(**arguments)

    bench.sqs.receive_message = receive_message  # type: ignore[method-assign] # made to fail twice
    async with bench.running():
        bench.sqs.send(notification("landing/a.csv"))
        await bench.sqs.until(lambda: not bench.sqs.messages)
    assert failures >= 3


async def test_a_failure_is_recorded_under_the_identity_that_s3_gives_the_file() -> None:
    known = landed("landing/a.zip", at=LANDED_AT - timedelta(days=1))

    class Identifying(Bench):
        async def identify(self, request: Request) -> Request:
            assert isinstance(request, LandingNotice)
            return replace(request, file=known)

    bench = Identifying(fail_with(LandingGone("no")))
    bench.sqs.send(notification("landing/a.zip"))
    async with bench.running():
        await bench.sqs.until(lambda: bench.sqs.dead_letters)
    (event,) = bench.events.published
    assert isinstance(event, FileFailed)
    assert event.file == known


async def test_every_line_of_the_work_on_a_file_carries_its_trace() -> None:
    async def look(request: Request) -> None:
        assert isinstance(request, LandingNotice)
        bound.append((structlog.contextvars.get_contextvars(), request.file.file_id))

    bound: list[tuple[dict[str, Any], str]] = []
    bench = Bench(look)
    bench.sqs.send(notification("landing/a.zip"))
    async with bench.running():
        await bench.sqs.until(lambda: not bench.sqs.messages)
    ((context, file_id),) = bound
    assert (context["file_id"], context["trace_id"]) == (file_id, trace_id(file_id, 0))
