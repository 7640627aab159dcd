"""A sweep and the dead letters: each is told of once, and goes back or away only where that loses nothing."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from landfall.operating.states import state_of
from landfall.operating.story import story_of
from landfall.operating.sweeping.findings import Kind
from landfall.operating.sweeping.letters import sweep_letters
from landfall.operating.sweeping.stalls import sweep_stalls
from shared.errors import REJECTION_CODES, AwsUnavailable, UpstreamMissing
from shared.events import FileCataloged, FileFailed, FileNormalized, envelope
from shared.failures import Failures, Subject
from shared.messages import Message
from shared.stages import Stage
from tests.builders import notification
from tests.doubles.s3 import failure
from tests.unit.operating.house import NO_BUS, House, decrypted, dies_before_publishing, kinds


async def test_a_dead_letter_whose_worker_died_becomes_an_error_outcome_once() -> None:
    house = House()
    file = house.history().through(Stage.DECRYPT)
    house.queues.dead(Stage.NORMALIZE, decrypted(file))
    (finding,) = await house.fix(sweep_letters)
    assert (finding.kind, finding.done) == (Kind.WORKER_DIED, "announced")
    story = await story_of(house.s3.store(), "ingest", file.file_id)
    assert story is not None
    assert story.failure is not None
    assert story.failure.code == "WORKER_DIED"
    assert await house.fix(sweep_letters) == []
    assert len(house.events.published) == 1
    assert house.queues.visible_dead(Stage.NORMALIZE) == 1


async def test_a_second_death_is_told_although_the_first_was() -> None:
    house = House()
    file = house.history().through(Stage.DECRYPT)
    file.fail(Stage.NORMALIZE)
    house.queues.dead(Stage.NORMALIZE, decrypted(file))
    assert kinds(await house.fix(sweep_letters)) == [Kind.WORKER_DIED]
    state = await state_of(house.s3.store(), "ingest", file.file_id)
    assert state is not None
    assert len(state.failures(Stage.NORMALIZE)) == 2


async def test_a_failure_that_its_worker_recorded_and_never_told_is_told_once() -> None:
    house = House()
    file = house.history().through(Stage.DECRYPT)
    letter = house.queues.dead(Stage.NORMALIZE, decrypted(file))
    last = Message(letter.message_id, receipt="r", body=letter.body, receive_count=5)
    with pytest.raises(AwsUnavailable):
        await Failures(house.s3.store(), NO_BUS, Stage.NORMALIZE).record(
            Subject(file.file, 0, None), last, UpstreamMissing("no manifest")
        )
    await sweep_letters(house.tools(announce=True))
    assert await sweep_letters(house.tools(announce=True)) == []
    (event,) = house.events.published
    assert isinstance(event, FileFailed)
    assert (event.code, event.attempt) == (UpstreamMissing.code, 1)


async def test_a_sweep_that_died_before_it_told_leaves_that_to_the_next() -> None:
    house = House()
    house.queues.dead(Stage.NORMALIZE, decrypted(house.history().through(Stage.DECRYPT)))
    await dies_before_publishing(house.tools(announce=True), sweep_letters)
    assert kinds(await sweep_letters(house.tools(announce=True))) == [Kind.WORKER_DIED]
    assert len(house.events.published) == 1
    assert await sweep_letters(house.tools(announce=True)) == []


async def test_a_dead_letter_whose_worker_said_why_is_left_alone() -> None:
    house = House()
    file = house.history().through(Stage.DECRYPT)
    file.fail(Stage.NORMALIZE)
    house.queues.dead(Stage.NORMALIZE, decrypted(file), code="HEADER_MISMATCH")
    assert await house.fix(sweep_letters) == []


async def test_a_dead_letter_whose_file_was_run_again_since_is_dropped() -> None:
    house = House()
    file = house.history().through(Stage.DECRYPT)
    file.open(1, Stage.DECRYPT)
    house.queues.dead(Stage.NORMALIZE, decrypted(file), code="HEADER_MISMATCH")
    assert kinds(await house.fix(sweep_letters)) == [Kind.OUTLIVED_LETTER]
    assert house.queues.dead_ids(Stage.NORMALIZE) == []


@pytest.mark.parametrize("last", [Stage.NORMALIZE, Stage.CATALOG, Stage.ARCHIVE])
async def test_a_success_that_may_be_unfinished_goes_back_however_far_its_file_has_come(last: Stage) -> None:
    """The next stage may have been asked by a sweep, while what others left was still to be cleared away."""
    house = House()
    body = decrypted(house.history().through(last))
    house.queues.dead(Stage.NORMALIZE, body, code="AWS_ACCESS_DENIED")
    (finding,) = await house.fix(sweep_letters)
    assert (finding.kind, finding.done) == (Kind.UNFINISHED_SUCCESS, "sent back to its queue")
    assert (house.queues.bodies(Stage.NORMALIZE), house.queues.dead_ids(Stage.NORMALIZE)) == ([body], [])


async def test_what_a_sweep_has_sent_back_does_not_stand_still_for_it() -> None:
    house = House()
    house.queues.dead(Stage.NORMALIZE, decrypted(house.history().through(Stage.NORMALIZE)))
    tools = house.tools(fix=True)
    assert kinds(await sweep_letters(tools)) == [Kind.UNFINISHED_SUCCESS]
    assert await sweep_stalls(tools) == []
    assert house.events.published == []


async def test_of_two_files_in_a_letter_one_that_is_done_is_not_told_of() -> None:
    house = House()
    done, dead = house.history("landing/a.zip").through(Stage.DECRYPT), house.history("landing/b.zip")
    told = [json.loads(notification(each.file.key, versionId=each.file.version_id)) for each in (done, dead)]
    dead.s3.put("ingest", dead.file.key, b"landed")
    house.queues.dead(Stage.DECRYPT, json.dumps({"Records": [each["Records"][0] for each in told]}))
    assert kinds(await house.fix(sweep_letters)) == [Kind.WORKER_DIED]
    assert await house.fix(sweep_letters) == []
    assert len(house.events.published) == 1


async def test_a_worker_that_died_over_a_version_which_is_gone_is_told_of() -> None:
    house = House()
    house.queues.dead(Stage.DECRYPT, notification("landing/gone.zip"))
    assert kinds(await house.fix(sweep_letters)) == [Kind.WORKER_DIED]
    (event,) = house.events.published
    assert isinstance(event, FileFailed)
    assert event.file.key == "landing/gone.zip"
    assert await house.fix(sweep_letters) == []


@pytest.mark.parametrize(
    "body", [notification("elsewhere/a.zip"), '{"Records": []}'], ids=["outside of landing/", "no records"]
)
async def test_a_letter_that_names_no_file_of_ours_and_was_not_rejected_is_reported(body: str) -> None:
    house = House()
    house.queues.dead(Stage.DECRYPT, body)
    assert kinds(await house.fix(sweep_letters)) == [Kind.UNREADABLE_LETTER]


async def test_an_archiver_that_could_not_delete_the_original_or_announce_has_its_letter_back() -> None:
    """No later stage shows that the outcome went out, so a letter of this stage is never dropped."""
    house = House()
    file = house.history().through(Stage.ARCHIVE)
    body = envelope(FileCataloged(file=file.file, generation=0, event_id="e", manifest_key="k"))
    house.queues.dead(Stage.ARCHIVE, body, code="AWS_ACCESS_DENIED")
    assert kinds(await house.fix(sweep_letters)) == [Kind.UNFINISHED_SUCCESS]
    assert house.queues.bodies(Stage.ARCHIVE) == [body]


@pytest.mark.parametrize("code", sorted(REJECTION_CODES))
async def test_a_message_that_its_stage_refuses_as_such_is_not_sent_back(code: str) -> None:
    """It would be refused again, as a new message with a new outcome, at every sweep."""
    house = House()
    file = house.history().through(Stage.NORMALIZE)
    body = envelope(FileNormalized(file=file.file, generation=0, event_id="e", manifest_key="k"))
    house.queues.dead(Stage.NORMALIZE, body, code=code)
    (finding,) = await house.fix(sweep_letters)
    assert (finding.kind, finding.done) == (Kind.MISROUTED_DEAD_LETTER, None)
    assert house.queues.bodies(Stage.NORMALIZE) == []


async def test_a_success_that_nobody_may_have_heard_of_stays_where_it_is_until_someone_repairs() -> None:
    house = House()
    house.queues.dead(Stage.NORMALIZE, decrypted(house.history().through(Stage.NORMALIZE)))
    (finding,) = await house.look(sweep_letters)
    assert (finding.kind, finding.done) == (Kind.UNFINISHED_SUCCESS, None)
    assert house.queues.visible_dead(Stage.NORMALIZE) == 1


async def test_an_event_that_was_not_delivered_goes_on_to_its_queue() -> None:
    house = House()
    body = decrypted(house.history().through(Stage.DECRYPT))
    house.queues.dead(Stage.NORMALIZE, body, ERROR_CODE="NO_PERMISSIONS")
    assert kinds(await house.fix(sweep_letters)) == [Kind.UNDELIVERED_EVENT]
    assert house.queues.bodies(Stage.NORMALIZE) == [body]
    assert house.queues.dead_ids(Stage.NORMALIZE) == []


async def test_a_failure_that_could_not_be_announced_is_for_a_person_to_send_again() -> None:
    house = House()
    report = house.history().fail(Stage.NORMALIZE)
    house.queues.dead(Stage.ARCHIVE, envelope(report), code="AWS_ACCESS_DENIED")
    (finding,) = await house.fix(sweep_letters)
    assert (finding.kind, finding.done) == (Kind.UNDELIVERED_REPORT, None)


@pytest.mark.parametrize("poison", ["[" * 100_000, "no JSON"], ids=["nested too deep", "no JSON"])
async def test_a_letter_that_nobody_can_read_is_reported_and_the_others_are_looked_at(poison: str) -> None:
    house = House()
    house.queues.dead(Stage.NORMALIZE, poison)
    house.queues.dead(Stage.NORMALIZE, decrypted(house.history().through(Stage.DECRYPT)))
    assert kinds(await house.fix(sweep_letters)) == [Kind.UNREADABLE_LETTER, Kind.WORKER_DIED]


async def test_a_letter_that_its_worker_could_not_read_and_rejected_is_left_alone() -> None:
    house = House()
    house.queues.dead(Stage.DECRYPT, "no JSON", code="MESSAGE_UNREADABLE")
    assert await house.look(sweep_letters) == []


async def test_a_letter_that_names_what_s3_refuses_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    house = house_whose_s3_answers(monkeypatch, "InvalidArgument", 400)
    (finding,) = await house.look(sweep_letters)
    assert (finding.kind, finding.detail) == (Kind.UNREADABLE_LETTER, "HeadObject answered InvalidArgument")


@pytest.mark.parametrize("code", ["AccessDenied", "KMS.DisabledException", "NoSuchBucket"])
async def test_what_s3_refuses_for_every_file_is_no_letters_fault(
    monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    house = house_whose_s3_answers(monkeypatch, code, 403)
    with pytest.raises(ClientError, match=code):
        await house.look(sweep_letters)


def house_whose_s3_answers(monkeypatch: pytest.MonkeyPatch, code: str, status: int) -> House:
    house = House()
    house.queues.dead(Stage.DECRYPT, notification("landing/a.zip", versionId="bogus"), code="AWS_REFUSED")

    async def refuse(**_: object) -> object:
        raise failure("HeadObject", code, status)

    monkeypatch.setattr(house.s3, "head_object", refuse)
    return house


async def test_a_letter_about_a_file_of_another_bucket_is_no_matter_of_the_sweep() -> None:
    house = House()
    body = decrypted(house.history().through(Stage.DECRYPT)).replace('"ingest"', '"elsewhere"')
    house.queues.dead(Stage.NORMALIZE, body)
    assert await house.look(sweep_letters) == []
