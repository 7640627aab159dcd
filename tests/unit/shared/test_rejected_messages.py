"""The worker: a message that no work can come of is set aside and told of, and no file fails for it."""

from __future__ import annotations

import pytest

from shared.errors import REJECTION_CODES, LandingGone, RejectedMessage, UnreadableMessage, WrongBucket
from shared.events import FileFailed, MessageRejected, envelope
from shared.messages import Request
from shared.stages import Stage
from tests.builders import landed, notification
from tests.unit.shared.bench import Bench, fail_with, succeed


@pytest.mark.parametrize(
    "body",
    ["not json", "[" * 100_000, notification("landing/\ud800.zip")],
    ids=["no JSON", "nested too deep", "a key that is no text"],
)
async def test_an_unreadable_message_is_dead_lettered_and_reported(body: str) -> None:
    bench = Bench(succeed)
    async with bench.running():
        bench.sqs.send(body)
        await bench.sqs.until(lambda: not bench.sqs.messages)
    (event,) = bench.events.published
    assert isinstance(event, MessageRejected)
    assert bench.sqs.dead_letters[0]["code"] == UnreadableMessage.code


@pytest.mark.parametrize(
    "error",
    [UnreadableMessage("the decryptor does not handle FileCataloged"), WrongBucket("outside of landing/")],
)
async def test_a_message_about_no_file_of_ours_is_set_aside_and_no_file_fails(error: Exception) -> None:
    bench = Bench(fail_with(error))
    async with bench.running():
        bench.sqs.send(notification("landing/a.csv"))
        await bench.sqs.until(lambda: not bench.sqs.messages)
    (event,) = bench.events.published
    assert isinstance(event, MessageRejected)
    assert bench.sqs.dead_letters[0]["code"] == event.code
    assert bench.s3.objects == {}


async def test_a_file_of_another_bucket_never_reaches_the_handler() -> None:
    handled: list[Request] = []

    async def work(request: Request) -> None:
        handled.append(request)

    bench = Bench(work)
    async with bench.running():
        bench.sqs.send(notification("landing/a.csv").replace('"ingest"', '"elsewhere"'))
        await bench.sqs.until(lambda: not bench.sqs.messages)
    assert handled == []
    assert bench.sqs.dead_letters[0]["code"] == WrongBucket.code


async def test_a_message_that_is_nearly_full_is_dead_lettered_without_its_reason() -> None:
    bench = Bench(succeed)
    async with bench.running():
        for size in ((1 << 20) - 10, (1 << 20) - 2000):
            bench.sqs.send("x" * size)
        await bench.sqs.until(lambda: not bench.sqs.messages)
    full, other = sorted(bench.sqs.dead_letters, key=lambda letter: -len(letter["body"]))
    assert set(full) == {"body"}
    assert other["code"] == UnreadableMessage.code


async def test_a_report_that_cannot_be_delivered_is_dead_lettered_and_not_reported_again() -> None:
    bench = Bench(fail_with(LandingGone("no")))
    report = FileFailed(
        file=landed(),
        generation=0,
        event_id="e",
        failed_stage=Stage.NORMALIZE,
        attempt=1,
        code="C",
        manifest_key="k",
    )
    bench.sqs.send(envelope(report))
    async with bench.running():
        await bench.sqs.until(lambda: bench.sqs.dead_letters)
    assert bench.sqs.dead_letters[0]["code"] == LandingGone.code
    assert bench.events.published == []


def test_every_way_to_reject_a_message_is_known_to_the_sweep() -> None:
    assert {each.code for each in RejectedMessage.__subclasses__()} == REJECTION_CODES
