"""One message with many records: each is worked on once, and each cause of rejection is reported once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from shared.errors import LandingGone, MessageHeldTooLong, UnreadableMessage, WrongBucket
from shared.events import FileFailed, MessageRejected
from shared.messages import LandingNotice, Request
from shared.worker import job
from tests.builders import notification
from tests.unit.shared.bench import Bench, fail_with

MANY = 2000


def record(key: str, **object_: Any) -> Any:
    (one,) = json.loads(notification(key, **object_))["Records"]
    return one


def elsewhere(key: str) -> Any:
    changed = record(key)
    changed["s3"]["bucket"]["name"] = "elsewhere"
    return changed


class Handled(Bench):
    """Notes every request, and fails as the test says."""

    def __init__(self, then: Callable[[Request], Awaitable[None]] | None = None) -> None:
        super().__init__(self._note)
        self.keys: list[str] = []
        self._then = then

    async def _note(self, request: Request) -> None:
        assert isinstance(request, LandingNotice)
        self.keys.append(request.file.key)
        if self._then is not None:
            await self._then(request)

    async def take(self, *records: Any) -> None:
        self.sqs.send(json.dumps({"Records": records}))
        (message,) = await self.sqs.queue().receive(1, 0)
        await self.job.run(message)

    @property
    def rejections(self) -> dict[str, int]:
        """Records by code; no id occurs twice."""
        found = [event for event in self.events.published if isinstance(event, MessageRejected)]
        assert len({event.event_id for event in found}) == len(found)
        return {f"{event.code} {event.message}": event.records for event in found}


async def test_many_records_rejected_for_one_cause_make_one_report() -> None:
    bench = Handled()
    await bench.take(*(elsewhere(f"landing/{n}.csv") for n in range(MANY)))
    assert list(bench.rejections.values()) == [MANY]
    assert len(bench.sqs.dead_letters) == 1


async def test_the_handlers_rejections_are_collapsed_as_well() -> None:
    bench = Handled(fail_with(WrongBucket("outside of landing/")))
    await bench.take(*(record(f"elsewhere/{n}.csv") for n in range(MANY)))
    assert bench.rejections == {"WRONG_BUCKET outside of landing/": MANY}


async def test_each_cause_is_reported_with_its_count_and_the_other_records_are_worked_on() -> None:
    bench = Handled()
    unversioned, damaged = record("landing/old.csv", versionId=None), {"eventName": "ObjectCreated:Put"}
    await bench.take(
        *(elsewhere(f"landing/{n}.csv") for n in range(3)),
        record("landing/a.csv"),
        unversioned,
        damaged,
        damaged,
        7,
        record("landing/b.csv"),
    )
    assert bench.keys == ["landing/a.csv", "landing/b.csv"]
    assert sorted(bench.rejections.values()) == [1, 1, 2, 3]
    (letter,) = bench.sqs.dead_letters
    assert letter["code"] == WrongBucket.code


async def test_one_version_is_worked_on_once_however_many_records_name_it() -> None:
    bench = Handled(fail_with(LandingGone("it no longer exists")))
    await bench.take(*[record("landing/a.csv")] * MANY)
    assert bench.keys == ["landing/a.csv"]
    (event,) = bench.events.published
    assert isinstance(event, FileFailed)
    assert event.attempt == 1


async def test_versions_of_one_key_are_files_of_their_own() -> None:
    bench = Handled()
    await bench.take(record("landing/a.csv", versionId="1"), record("landing/a.csv", versionId="2"))
    assert bench.keys == ["landing/a.csv"] * 2


async def test_however_many_causes_a_sender_thinks_of_there_are_few_reports() -> None:
    bench = Handled()
    whole = record("landing/a.csv")
    shapes: list[Any] = []
    for places in range(1, 32):  # which of five fields are wrong
        wrong = json.loads(json.dumps(whole))
        within = [wrong, wrong, wrong["s3"]["bucket"], wrong["s3"]["object"], wrong["s3"]["object"]]
        for place, field in enumerate(["eventName", "eventTime", "name", "key", "size"]):
            if places >> place & 1:
                within[place][field] = []
        shapes.append(wrong)
    await bench.take(*shapes)
    assert len(bench.rejections) == 10
    assert sum(bench.rejections.values()) == len(shapes)


async def test_a_single_records_report_has_the_id_of_the_message_alone() -> None:
    one, other = Handled(), Handled(fail_with(UnreadableMessage("another cause")))
    await one.take(elsewhere("landing/a.csv"))
    await other.take(record("landing/a.csv"))
    ids = {
        event.event_id
        for event in one.events.published + other.events.published
        if isinstance(event, MessageRejected)
    }
    assert len(ids) == 1


async def test_records_that_sqs_leaves_no_time_for_are_worked_on_at_the_next_receive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def take_long(request: Request) -> None:
        if bench.keys[-1] == "landing/1.csv" and not bench.sqs.hidden_for:
            await asyncio.Event().wait()

    bench = Handled(take_long)
    monkeypatch.setattr(job, "MAX_HOLD_SECONDS", 0.01)
    await bench.take(*(record(f"landing/{n}.csv") for n in range(3)))
    assert bench.keys == ["landing/0.csv", "landing/1.csv"]
    assert bench.events.published == []
    assert len(bench.sqs.hidden_for) == 1

    monkeypatch.undo()
    bench.sqs.now += 1000
    (again,) = await bench.sqs.queue().receive(1, 0)
    await bench.job.run(again)
    assert bench.keys[2:] == ["landing/0.csv", "landing/1.csv", "landing/2.csv"]
    assert bench.sqs.messages == {}


async def test_what_never_gets_its_time_fails_with_that_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Handled()
    monkeypatch.setattr(job, "MAX_HOLD_SECONDS", -1.0)
    bench.sqs.max_receives = bench.job.max_receives
    bench.sqs.send(json.dumps({"Records": [record("landing/a.csv"), record("landing/b.csv")]}))
    (message,) = bench.sqs.messages.values()
    message.receives = bench.job.max_receives - 1
    (received,) = await bench.sqs.queue().receive(1, 0)
    await bench.job.run(received)
    codes = [event.code for event in bench.events.published if isinstance(event, FileFailed)]
    assert codes == [MessageHeldTooLong.code] * 2
