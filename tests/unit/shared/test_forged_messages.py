"""What others than S3, the services and the commands send: refused, with nothing recorded and nothing done.

Every service may publish events, also the one that parses hostile bytes. So a message proves nothing by
itself: generations must have been opened, and files must be as S3 or their records have them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from services.decryptor.originals import Originals
from shared.commit import Committer
from shared.errors import (
    FileNotRecorded,
    GenerationNotOpened,
    MessageContradicted,
    RejectedMessage,
    UnreadableMessage,
)
from shared.events import (
    FileDecrypted,
    FileFailed,
    FileNormalized,
    MessageRejected,
    ReplayRequested,
    envelope,
)
from shared.layout import failure_key
from shared.lineage import upstream_manifest
from shared.manifests import DecryptManifest, NormalizeManifest
from shared.messages import LandingNotice, parse_message
from shared.stages import Stage
from tests.builders import landed, notification
from tests.doubles.events import InMemoryEvents
from tests.doubles.s3 import InMemoryS3
from tests.histories import REPLAY, History
from tests.unit.archiver.house import MESSAGE, House
from tests.unit.shared.bench import Bench, fail_with

HUGE = 1_000_000


def decrypted(**changes: Any) -> str:
    """A forged FileDecrypted, as the normalize queue receives it."""
    event = FileDecrypted(file=landed(), generation=0, event_id="e", manifest_key="k")
    return envelope(event.model_copy(update=changes))


def history() -> History:
    return History(InMemoryS3())


def committer(file: History) -> Committer[NormalizeManifest]:
    return Committer(file.s3.store(), InMemoryEvents().bus(), NormalizeManifest, FileNormalized)


async def never() -> NormalizeManifest:
    raise AssertionError("no work may be done")


@pytest.mark.parametrize(
    "field",
    [
        {"generation": HUGE + 1},
        {"generation": -1},
        {"event_id": "e" * 65},
        {"manifest_key": "k" * 1025},
        {"trace_id": "t" * 65},
        {"file": landed().model_copy(update={"version_id": ""})},
        {"file": landed().model_copy(update={"version_id": "v" * 1025})},
        {"file": landed().model_copy(update={"key": "k" * 1025})},
        {"replay": REPLAY.model_copy(update={"requested_by": "a" * 513})},
    ],
    ids=lambda field: next(iter(field)),
)
def test_every_field_of_an_event_has_a_bound(field: dict[str, Any]) -> None:
    with pytest.raises(UnreadableMessage):
        parse_message(decrypted(**field))


@pytest.mark.parametrize("version", ["", "v" * 1025])
def test_a_notification_without_a_proper_version_is_unreadable(version: str) -> None:
    with pytest.raises(UnreadableMessage, match="version"):
        parse_message(notification("landing/a.csv", versionId=version))


@pytest.mark.parametrize("generation", [1, 5, HUGE])
async def test_a_generation_that_nobody_opened_is_refused_after_one_listing(generation: int) -> None:
    file = history().through(Stage.DECRYPT)
    listed = count_listings(file.s3)
    with pytest.raises(GenerationNotOpened):
        await committer(file).run(file.file, generation, never)
    assert len(listed) == 1
    assert not [key for _, key in file.s3.objects if f".{generation}." in key]


async def test_looking_for_what_a_generation_builds_on_never_counts_down() -> None:
    file = history().through(Stage.DECRYPT)
    file.open(HUGE, Stage.NORMALIZE)
    listed, read = count_listings(file.s3), count_reads(file.s3)
    found = await upstream_manifest(file.s3.store(), file.file, DecryptManifest, HUGE)
    assert found.generation == 0
    assert (len(listed), len(read)) == (1, 3)


@pytest.mark.parametrize(
    "changes", [{"size": 7}, {"landed_at": landed().landed_at + timedelta(minutes=1)}], ids=["size", "time"]
)
async def test_a_file_that_its_manifest_describes_otherwise_is_refused(changes: dict[str, Any]) -> None:
    file = history().through(Stage.DECRYPT)
    forged = file.file.model_copy(update=changes)
    with pytest.raises(MessageContradicted):
        await upstream_manifest(file.s3.store(), forged, DecryptManifest, 0)


async def test_a_stage_does_nothing_for_a_file_of_which_nothing_is_recorded() -> None:
    file = history()
    with pytest.raises(FileNotRecorded):
        await committer(file).run(file.file, 0, never)


@pytest.mark.parametrize("generation", [0, 1])
async def test_a_stage_does_nothing_before_the_stage_before_is_done(generation: int) -> None:
    file = history()
    file.fail(Stage.DECRYPT)
    if generation:
        file.open(generation, Stage.DECRYPT)
    with pytest.raises(FileNotRecorded):
        await upstream_manifest(file.s3.store(), file.file, DecryptManifest, generation)


@pytest.mark.parametrize("code", ["ada@example.com", "\x1b[31m", "", "lower"])
def test_the_code_of_a_failure_holds_no_text(code: str) -> None:
    event = FileFailed(
        file=landed(),
        generation=0,
        event_id="e",
        failed_stage=Stage.NORMALIZE,
        attempt=1,
        code="C",
        manifest_key="k",
    )
    with pytest.raises(UnreadableMessage):
        parse_message(envelope(event.model_copy(update={"code": code})))


class Landing:
    """A file in landing/ and the decryptor's look at requests about it."""

    def __init__(self) -> None:
        self.s3 = InMemoryS3()
        version = self.s3.put("ingest", "landing/a.csv", b"x")
        self.file = landed("landing/a.csv", version.version_id, version.last_modified)
        self.originals = Originals(self.s3.store(), "ingest")

    async def confirm(self, generation: int = 0, **changes: Any) -> ReplayRequested:
        file = self.file.model_copy(update=changes)
        return await self.originals.confirm(ReplayRequested(file=file, generation=generation, replay=REPLAY))


async def test_a_replay_of_a_file_as_s3_has_it_goes_on() -> None:
    landing = Landing()
    assert (await landing.confirm()).file == landing.file


@pytest.mark.parametrize("days", [1, -1, 400])
async def test_a_replay_with_another_landing_time_does_not_make_a_second_file(days: int) -> None:
    landing = Landing()
    with pytest.raises(MessageContradicted):
        await landing.confirm(landed_at=landing.file.landed_at + timedelta(days=days))


async def test_a_replay_with_another_size_is_refused() -> None:
    with pytest.raises(MessageContradicted):
        await Landing().confirm(size=2)


async def test_a_replay_within_a_second_but_of_another_day_does_not_make_a_second_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    landing = Landing()
    midnight = landing.file.landed_at.replace(hour=0, minute=0, second=0, microsecond=0)
    head = landing.s3.head_object

    async def at_midnight(**call: Any) -> Any:
        return {**await head(**call), "LastModified": midnight}

    monkeypatch.setattr(landing.s3, "head_object", at_midnight)
    assert (await landing.confirm(landed_at=midnight)).generation == 0
    with pytest.raises(MessageContradicted):
        await landing.confirm(landed_at=midnight - timedelta(milliseconds=500))


@pytest.mark.parametrize("is_done", [True, False], ids=["archived", "failed"])
async def test_a_replay_of_a_file_that_left_landing_must_describe_it_as_recorded(is_done: bool) -> None:
    file = history()
    if is_done:
        file.through(Stage.DECRYPT)
    else:
        file.fail(Stage.DECRYPT)
    originals = Originals(file.s3.store(), "ingest")
    own = ReplayRequested(file=file.file, generation=0, replay=REPLAY)
    assert await originals.confirm(own) == own
    forged = file.file.model_copy(update={"size": file.file.size + 1})
    with pytest.raises(MessageContradicted):
        await originals.confirm(own.model_copy(update={"file": forged}))


async def test_a_replay_of_a_version_that_never_was_is_refused() -> None:
    with pytest.raises(FileNotRecorded):
        await Landing().confirm(version_id="another")


async def test_a_replay_as_a_generation_that_nobody_opened_is_refused() -> None:
    with pytest.raises(GenerationNotOpened):
        await Landing().confirm(generation=1)


async def test_a_replay_of_an_opened_generation_must_be_of_the_file_that_was_opened() -> None:
    file = history()
    file.open(1, Stage.DECRYPT)
    originals = Originals(file.s3.store(), "ingest")
    own = ReplayRequested(file=file.file, generation=1, replay=REPLAY)
    assert await originals.confirm(own) == own
    forged = file.file.model_copy(update={"size": file.file.size + 1})
    with pytest.raises(MessageContradicted):
        await originals.confirm(own.model_copy(update={"file": forged}))


async def test_a_notification_whose_version_s3_calls_otherwise_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    landing = Landing()
    head = landing.s3.head_object

    async def newest(**call: Any) -> Any:
        call.pop("VersionId")
        return {**await head(**call), "VersionId": landing.file.version_id}

    monkeypatch.setattr(landing.s3, "head_object", newest)
    with pytest.raises(MessageContradicted):
        await landing.originals.identify(LandingNotice(landing.file.model_copy(update={"version_id": " "})))


@pytest.mark.parametrize(
    "error", [GenerationNotOpened("x"), MessageContradicted("x"), FileNotRecorded("x")], ids=lambda e: e.code
)
async def test_a_refused_message_leaves_no_record_of_any_file(error: RejectedMessage) -> None:
    bench = Bench(fail_with(error))
    async with bench.running():
        bench.sqs.send(notification("landing/a.csv"))
        await bench.sqs.until(lambda: not bench.sqs.messages)
    (event,) = bench.events.published
    assert isinstance(event, MessageRejected)
    assert bench.sqs.dead_letters[0]["code"] == error.code
    assert bench.s3.objects == {}


async def test_a_failure_that_no_stage_recorded_is_not_announced() -> None:
    house = House()
    event = house.fail(Stage.ARCHIVE)
    house.s3.put("ingest", "landing/report.json", house.s3.objects["ingest", event.manifest_key])
    for forged in (
        event.model_copy(update={"manifest_key": "landing/report.json"}),
        event.model_copy(update={"manifest_key": failure_key(house.file_id, Stage.ARCHIVE, 0, 9)}),
        event.model_copy(update={"file": house.file.model_copy(update={"size": 99})}),
    ):
        with pytest.raises(MessageContradicted):
            await house.handler.handle(forged, MESSAGE)
    assert house.sns.published == []


async def test_what_a_rejected_message_says_is_not_announced() -> None:
    house = House()
    forged = MessageRejected(
        event_id="e",
        stage=Stage.DECRYPT,
        message_id="call +1 555 0100",
        code="visit example.com",
        message="ada@example.com",
        advice="Send your password.",
    )
    await house.handler.handle(forged, MESSAGE)
    (published,) = house.sns.published
    for text in ("call", "example", "password"):
        assert text not in str(published)


def test_a_rejection_of_a_newer_version_is_announced_without_its_words() -> None:
    event = MessageRejected(
        event_id="e", stage=Stage.CATALOG, message_id="m-1", code="NEWER_CAUSE", message="x", advice="y"
    )
    outcome = House().handler.storyteller.rejection(event)
    assert (outcome.code, outcome.message_id) == ("NEWER_CAUSE", "m-1")
    assert "unknown to this version" in outcome.message


def test_bounds_hold_for_every_model_of_an_event() -> None:
    with pytest.raises(ValidationError):
        MessageRejected(
            event_id="e", stage=Stage.DECRYPT, message_id="m", code="C", message="x" * 1001, advice="y"
        )


def count_listings(s3: InMemoryS3) -> list[str]:
    """The prefixes that are listed from now on."""
    listed: list[str] = []
    pages = s3.get_paginator

    def counting(operation: str) -> Any:
        listed.append(operation)
        return pages(operation)

    s3.get_paginator = counting  # type: ignore[method-assign] # to look on
    return listed


def count_reads(s3: InMemoryS3) -> list[str]:
    """The keys that are read from now on."""
    read: list[str] = []
    get = s3.get_object

    async def counting(**call: Any) -> Any:
        read.append(call["Key"])
        return await get(**call)

    s3.get_object = counting  # type: ignore[method-assign] # to look on
    return read
