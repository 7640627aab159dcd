"""Each outcome of a file is announced under one id, and tells a person and a program what happened."""

from __future__ import annotations

import json

import pytest

from shared.errors import FileNotRecorded
from shared.events import MessageRejected
from shared.identity import trace_id
from shared.layout import manifest_key
from shared.manifests import MemberCounts
from shared.outcomes import FailureOutcome, SuccessOutcome
from shared.stages import Stage
from tests.histories import REPLAY
from tests.unit.archiver.house import MESSAGE, House


async def test_the_success_outcome_tells_the_story() -> None:
    house = House()
    await house.finish()
    (message,) = house.sns.published
    outcome = SuccessOutcome.model_validate_json(message["Message"])
    assert message["TopicArn"] == "arn:success"
    assert message["Subject"] == "Landfall: ingested 20260131_Extract.zip: 4 rows in 1 dataset, 1 rejected"
    assert outcome.members == MemberCounts(members_in=1, normalized=1)
    (dataset,) = outcome.datasets
    assert (dataset.table, dataset.rows.rows_in, dataset.rows.rejected) == ("db.subscribers", 5, 1)
    assert set(outcome.stage_seconds) == {"decrypt", "normalize", "catalog", "archive"}
    assert (len(outcome.archived), outcome.archived_objects) == (2, 2)
    assert outcome.trace_id == trace_id(house.file_id, 0)


async def test_the_success_outcome_can_be_filtered_without_reading_it() -> None:
    house = House()
    await house.finish()
    attributes = house.sns.published[0]["MessageAttributes"]
    told = {name: (value["DataType"], value["StringValue"]) for name, value in attributes.items()}
    assert told["status"] == ("String", "succeeded")
    assert told["datasets"] == ("String.Array", '["subscribers"]')
    assert told["rows_rejected"] == ("Number", "1")
    assert len(told) <= 10


async def test_the_outcome_of_a_replay_names_who_asked_and_tells_of_every_stage() -> None:
    house = House()
    await house.finish()
    house.open(1, Stage.CATALOG)
    house.catalog(1, upstream=0)
    await house.finish(generation=1)
    first, second = (SuccessOutcome.model_validate_json(each["Message"]) for each in house.sns.published)
    assert second.outcome_id != first.outcome_id
    assert (second.generation, set(second.stage_seconds)) == (1, set(first.stage_seconds))
    assert second.replay == REPLAY
    assert second.datasets == first.datasets


async def test_a_failure_is_announced_with_advice_and_the_command_that_replays_it() -> None:
    house = House()
    await house.s3.delete_object(Bucket="ingest", Key=manifest_key(house.file_id, Stage.NORMALIZE, 0))
    await house.handler.handle(house.fail(Stage.NORMALIZE), MESSAGE)
    (message,) = house.sns.published
    outcome = FailureOutcome.model_validate_json(message["Message"])
    assert message["TopicArn"] == "arn:error"
    assert message["Subject"] == "Landfall: FAILED 20260131_Extract.zip: HEADER_MISMATCH in normalize"
    assert (outcome.code, outcome.advice) == ("HEADER_MISMATCH", "Export them.")
    assert outcome.replay_command == f"landfall dlq replay {house.file_id}"
    assert house.keys("landing/") == [house.file.key]


async def test_the_same_failure_of_two_messages_is_one_outcome_and_says_how_often_it_failed() -> None:
    house = House()
    for attempt in (1, 2):
        await house.handler.handle(house.fail(Stage.ARCHIVE, attempt=attempt), MESSAGE)
    first, second = (FailureOutcome.model_validate_json(each["Message"]) for each in house.sns.published)
    assert first.outcome_id == second.outcome_id
    assert (first.attempt, second.attempt) == (1, 2)
    attributes = house.sns.published[1]["MessageAttributes"]
    assert attributes["attempt"] == {"DataType": "Number", "StringValue": "2"}


async def test_failures_of_different_stages_are_different_outcomes() -> None:
    house = House()
    for stage in (Stage.NORMALIZE, Stage.ARCHIVE):
        await house.s3.delete_object(Bucket="ingest", Key=manifest_key(house.file_id, stage, 0))
        await house.handler.handle(house.fail(stage), MESSAGE)
    assert len({json.loads(each["Message"])["outcome_id"] for each in house.sns.published}) == 2


async def test_a_stalled_file_has_no_dead_letter_to_replay() -> None:
    house = House()
    await house.handler.handle(house.fail(Stage.ARCHIVE, code="STALLED"), MESSAGE)
    outcome = FailureOutcome.model_validate_json(house.sns.published[0]["Message"])
    assert outcome.replay_command == f"landfall replay {house.file_id}"


async def test_a_failure_that_was_overcome_since_is_not_announced() -> None:
    house = House()
    await house.handler.handle(house.fail(Stage.NORMALIZE), MESSAGE)
    assert house.sns.published == []


async def test_a_failure_of_a_generation_that_was_replaced_is_not_announced() -> None:
    house = House()
    failed = house.fail(Stage.ARCHIVE)
    house.open(1, Stage.NORMALIZE)
    await house.handler.handle(failed, MESSAGE)
    assert house.sns.published == []


async def test_a_failure_without_its_manifest_is_refused() -> None:
    house = House()
    event = house.fail(Stage.ARCHIVE)
    await house.s3.delete_object(Bucket="ingest", Key=event.manifest_key)
    with pytest.raises(FileNotRecorded):
        await house.handler.handle(event, MESSAGE)


async def test_a_rejected_message_is_announced_as_an_error() -> None:
    house = House()
    rejected = MessageRejected(
        event_id="e",
        stage=Stage.DECRYPT,
        message_id="m",
        code="MESSAGE_UNREADABLE",
        message="no",
        advice="Look.",
    )
    await house.handler.handle(rejected, MESSAGE)
    (message,) = house.sns.published
    assert message["TopicArn"] == "arn:error"
    assert message["Subject"] == "Landfall: REJECTED a message in the decrypt queue: MESSAGE_UNREADABLE"


async def test_records_that_were_rejected_for_one_cause_are_announced_once_with_their_number() -> None:
    house = House()
    rejected = MessageRejected(
        event_id="e",
        stage=Stage.DECRYPT,
        message_id="m",
        code="WRONG_BUCKET",
        message="no",
        advice="Look.",
        records=2000,
    )
    await house.handler.handle(rejected, MESSAGE)
    (message,) = house.sns.published
    assert message["Subject"] == "Landfall: REJECTED 2,000 records in the decrypt queue: WRONG_BUCKET"
    assert json.loads(message["Message"])["records"] == 2000


async def test_subjects_are_short_ascii_whatever_the_key() -> None:
    house = House(key="landing/" + "ü\n" * 120 + ".zip")
    await house.finish()
    subject = house.sns.published[0]["Subject"]
    assert len(subject) <= 100
    assert subject.isascii()
    assert subject.isprintable()
