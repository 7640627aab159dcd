"""Events reach the bus ten a call, and only those that it refused are sent again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shared import bus
from shared.errors import AwsUnavailable
from shared.events import FileDecrypted, derived_id
from tests.builders import landed
from tests.doubles.events import InMemoryEvents
from tests.doubles.s3 import failure


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus, "_FIRST_DELAY", 0.0)


def event(number: int) -> FileDecrypted:
    file = landed(version=f"v{number}")
    return FileDecrypted(event_id=derived_id("event", number), file=file, generation=0, manifest_key="k")


async def test_events_of_the_same_time_share_calls_of_ten() -> None:
    events = InMemoryEvents()
    published = events.bus()
    await asyncio.gather(*(published.publish(event(n)) for n in range(25)))
    assert events.published == [event(n) for n in range(25)]
    assert max(events.calls) == 10
    assert len(events.calls) <= 4


async def test_only_what_was_refused_is_sent_again() -> None:
    events = InMemoryEvents(refuse=3)
    published = events.bus()
    await asyncio.gather(*(published.publish(event(n)) for n in range(8)))
    assert sorted(each.event_id for each in events.published if isinstance(each, FileDecrypted)) == sorted(
        event(n).event_id for n in range(8)
    )
    assert sum(events.calls) == 8 + 3


async def test_what_is_refused_again_and_again_is_a_failure() -> None:
    events = InMemoryEvents(refuse=100)
    with pytest.raises(AwsUnavailable, match="FileDecrypted \\(InternalFailure\\)"):
        await events.bus().publish(event(1))
    assert events.published == []


async def test_a_call_that_fails_is_a_failure_of_each_of_its_events() -> None:
    class Down(InMemoryEvents):
        async def put_events(self, **_: Any) -> Any:
            raise failure("PutEvents", "InternalFailure", 500)

    published = Down().bus()
    outcomes = await asyncio.gather(*(published.publish(event(n)) for n in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [AwsUnavailable] * 3


async def test_an_answer_with_too_few_entries_is_a_failure_of_every_event() -> None:
    class Malformed(InMemoryEvents):
        async def put_events(self, **_: Any) -> Any:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}

    published = Malformed().bus()
    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(
            *(published.publish(event(n)) for n in range(3)), return_exceptions=True
        )
    assert [type(outcome) for outcome in outcomes] == [AwsUnavailable] * 3
