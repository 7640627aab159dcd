"""A sweep finds what nobody tells of, says it once, and repairs only what it may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from landfall.operating.sweeping.findings import Kind
from landfall.operating.sweeping.letters import sweep_letters
from landfall.operating.sweeping.stalls import sweep_stalls
from shared.errors import AwsUnavailable
from shared.events import FileFailed
from shared.layout import failure_key
from shared.manifests import FailureManifest
from shared.messages import parse_message
from shared.objects.store import ObjectStore
from shared.stages import Stage
from tests.doubles.s3 import EPOCH
from tests.histories import REPLAY
from tests.unit.operating.house import House, decrypted, dies_before_publishing, kinds
from tests.unit.operating.reopening import open_again

Put = Callable[[ObjectStore, str, str, bytes], Awaitable[bool]]


async def test_looking_changes_nothing() -> None:
    house = House()
    house.history()
    house.queues.dead(Stage.NORMALIZE, decrypted(house.history("landing/b.zip")))
    before = dict(house.s3.objects)
    await house.look(sweep_stalls)
    await house.look(sweep_letters)
    assert (house.s3.objects, house.events.published) == (before, [])
    assert house.queues.bodies(Stage.DECRYPT) == []
    assert house.queues.visible_dead(Stage.NORMALIZE) == 1


async def test_an_instruction_file_is_not_a_file_that_nobody_began() -> None:
    """It lies in landing/ for good, beside the objects that are read with it."""
    house = House()
    house.s3.put(
        "ingest", "landing/20260131_Extract.zip.instruction", b'{"x-amz-3": "a2V5", "x-amz-w": "12"}'
    )
    assert await house.look(sweep_stalls) == []


@pytest.mark.parametrize("content", [b"SubscriberKey\nK-1\n", b'{"a": "b"}', b"", b"x" * 100_000])
async def test_a_file_that_is_only_named_like_an_instruction_file_is_a_file_like_any_other(
    content: bytes,
) -> None:
    house = House()
    house.s3.put("ingest", "landing/Sent.csv.instruction", content)
    assert kinds(await house.look(sweep_stalls)) == [Kind.NOT_STARTED]


async def test_a_landed_file_that_nobody_began_becomes_an_error_outcome_and_is_asked_for() -> None:
    house = House()
    file = house.history()
    (finding,) = await house.fix(sweep_stalls)
    assert (finding.kind, finding.file_id) == (Kind.NOT_STARTED, file.file_id)
    (event,) = house.events.published
    assert isinstance(event, FileFailed)
    assert (event.code, event.failed_stage, event.file) == ("STALLED", Stage.DECRYPT, file.file)
    (request,) = parse_message(house.queues.bodies(Stage.DECRYPT)[0])
    assert getattr(request, "file") == file.file  # noqa: B009 - of any kind of request


async def test_what_is_only_announced_is_not_asked_for() -> None:
    house = House()
    house.history()
    (finding,) = await sweep_stalls(house.tools(announce=True))
    assert (finding.done, len(house.events.published)) == ("announced", 1)
    assert house.queues.bodies(Stage.DECRYPT) == []


async def test_what_landed_without_versioning_is_told_of_and_never_asked_for() -> None:
    house = House()
    file = house.history()
    house.s3.change_newest("ingest", file.file.key, version_id="null")
    (finding,) = await house.fix(sweep_stalls)
    assert (finding.kind, finding.done) == (Kind.NOT_STARTED, "announced")
    (event,) = house.events.published
    assert isinstance(event, FileFailed)
    assert event.code == "UNVERSIONED"
    assert house.queues.bodies(Stage.DECRYPT) == []


async def test_what_was_begun_without_versioning_is_asked_for_at_its_next_stage() -> None:
    house = House()
    file = house.history()
    file.file = file.file.model_copy(update={"version_id": "null"})
    file.through(Stage.NORMALIZE)
    await house.fix(sweep_stalls)
    assert len(house.queues.bodies(Stage.CATALOG)) == 1


async def test_a_stall_is_told_once_however_often_the_sweep_comes() -> None:
    house = House()
    house.history()
    await house.fix(sweep_stalls)
    assert await house.fix(sweep_stalls) == []
    assert len(house.events.published) == 1
    assert len(house.queues.bodies(Stage.DECRYPT)) == 1


async def test_a_sweep_that_died_before_it_told_leaves_the_stall_to_the_next() -> None:
    house = House()
    house.history()
    await dies_before_publishing(house.tools(announce=True), sweep_stalls)
    assert kinds(await sweep_stalls(house.tools(announce=True))) == [Kind.NOT_STARTED]
    assert len(house.events.published) == 1


async def test_a_sweep_that_died_before_it_recorded_what_it_told_is_repeated_under_the_same_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = House()
    house.history()
    with monkeypatch.context() as dying:
        dying.setattr(ObjectStore, "put_if_absent", _dying_at(".failed-", ObjectStore.put_if_absent))
        with pytest.raises(AwsUnavailable):
            await sweep_stalls(house.tools(announce=True))
    await sweep_stalls(house.tools(announce=True))
    first, second = house.events.published
    assert getattr(first, "event_id") == getattr(second, "event_id")  # noqa: B009 - of any kind of event


async def test_a_sweep_announces_what_an_earlier_one_wrote_and_died_over() -> None:
    """Records are never overwritten, and outcome and record must agree."""
    house = House()
    file = house.history()
    await dies_before_publishing(house.tools(announce=True), sweep_stalls)
    (key,) = [key for _, key in house.s3.objects if ".telling-" in key]
    written = FailureManifest.model_validate_json(house.s3.objects["ingest", key])
    await sweep_stalls(house.tools(announce=True))
    recorded = house.s3.objects["ingest", failure_key(file.file_id, Stage.DECRYPT, 0, 1)]
    assert FailureManifest.model_validate_json(recorded) == written


async def test_the_archiver_finds_what_the_sweep_tells_of() -> None:
    house = House()
    house.history()
    await sweep_stalls(house.tools(announce=True))
    (event,) = house.events.published
    assert isinstance(event, FileFailed)
    told = FailureManifest.model_validate_json(house.s3.objects["ingest", event.manifest_key])
    assert (told.code, told.file) == ("STALLED", event.file)


@pytest.mark.parametrize("last", [Stage.DECRYPT, Stage.NORMALIZE])
async def test_a_file_that_stands_between_stages_is_asked_for_at_the_next(last: Stage) -> None:
    house = House()
    house.history().through(last)
    (finding,) = await house.fix(sweep_stalls)
    assert finding.kind is Kind.STALLED
    assert last.after is not None
    assert len(house.queues.bodies(last.after)) == 1


async def test_a_replay_whose_request_got_lost_is_asked_for_again() -> None:
    house = House()
    house.history().through(Stage.ARCHIVE).open(1, Stage.CATALOG)
    (finding,) = await house.fix(sweep_stalls)
    (request,) = parse_message(house.queues.bodies(Stage.CATALOG)[0])
    assert finding.kind is Kind.STALLED
    assert getattr(request, "generation") == 1  # noqa: B009


async def test_and_so_it_is_however_long_ago_the_file_was_archived() -> None:
    house = House()
    file = house.history().through(Stage.ARCHIVE)
    await open_again(file, 1, Stage.CATALOG)
    much_later = EPOCH + timedelta(days=400)
    tools = replace(house.tools(announce=True), days=(much_later.date(),), now=much_later)
    (finding,) = await sweep_stalls(tools)
    assert (finding.kind, finding.file_id) == (Kind.STALLED, file.file_id)


async def test_a_stalled_replay_says_whose_it_is() -> None:
    house = House()
    file = house.history().through(Stage.ARCHIVE)
    await open_again(file, 1, Stage.NORMALIZE)
    file.through(Stage.NORMALIZE, generation=1, first=Stage.NORMALIZE)
    await sweep_stalls(house.tools(announce=True))
    (event,) = house.events.published
    assert isinstance(event, FileFailed)
    assert (event.failed_stage, event.replay) == (Stage.CATALOG, REPLAY)


async def test_a_stalled_archiver_cannot_tell_of_itself() -> None:
    house = House()
    file = house.history().through(Stage.CATALOG)
    await house.fix(sweep_stalls)
    (message,) = house.sns.published
    assert message["TopicArn"] == "arn:error"
    assert f'"file_id": "{file.file_id}"' in message["Message"]


async def test_what_moves_or_is_done_or_has_failed_is_left_alone() -> None:
    house = House()
    house.history("landing/done.zip").through(Stage.ARCHIVE)
    house.history("landing/failed.zip").fail(Stage.DECRYPT)
    moving = house.history("landing/moving.zip").through(Stage.DECRYPT)
    tools = replace(house.tools(fix=True), stalled_before=moving.file.landed_at)
    assert await sweep_stalls(tools) == []


def _dying_at(part_of_key: str, put: Put) -> Put:
    """``put_if_absent`` of a process that is killed before it writes such a key."""

    async def die_or_put(store: ObjectStore, bucket: str, key: str, body: bytes) -> bool:
        if part_of_key in key:
            raise AwsUnavailable("killed")
        return await put(store, bucket, key, body)

    return die_or_put
