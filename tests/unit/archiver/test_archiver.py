"""The archiver moves exactly what was processed, and announces each outcome under one id."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from services.archiver.announcing import Announcer
from services.archiver.archive import Archive, RawMembers
from services.archiver.errors import CopyDiffers, OriginalGone
from services.archiver.handler import ArchiveHandler
from services.archiver.story import Storyteller
from shared.commit import Committer
from shared.errors import UpstreamMissing
from shared.events import FileArchived, FileCataloged, MessageRejected
from shared.footprints import archive_footprint
from shared.identity import trace_id
from shared.layout import archive_key, manifest_key
from shared.manifests import ArchiveManifest
from shared.messages import Message
from shared.objects.copying import Copier
from shared.outcomes import FailureOutcome, SuccessOutcome
from shared.stages import Stage
from tests.doubles.events import InMemoryEvents
from tests.doubles.s3 import InMemoryS3
from tests.doubles.sns import InMemorySns
from tests.histories import LANDED, RAW, REPLAY, History

MESSAGE = Message("m1", "r1", "{}", 1)


class House(History):
    """A file that the three stages before have finished, and the archiver."""

    def __init__(self, key: str = "landing/20260131_Extract.zip") -> None:
        super().__init__(InMemoryS3(), key)
        self.through(Stage.CATALOG)
        self.events, self.sns = InMemoryEvents(), InMemorySns()
        store = self.s3.store()
        self.handler = ArchiveHandler(
            store=store,
            committer=Committer(store, self.events.bus(), ArchiveManifest, FileArchived, archive_footprint),
            archive=Archive(store, Copier(store)),
            storyteller=Storyteller(store),
            announcer=Announcer(self.sns.client(), "arn:success", "arn:error"),
        )

    def cataloged(self, generation: int = 0) -> FileCataloged:
        replay = REPLAY if generation else None
        return FileCataloged(
            file=self.file, generation=generation, replay=replay, event_id="e", manifest_key="m"
        )

    async def finish(self, generation: int = 0) -> None:
        await self.handler.handle(self.cataloged(generation), MESSAGE)

    def delete_raw_members(self) -> None:
        archive = replace(self.handler.archive, raw_members=RawMembers.DELETE)
        self.handler = replace(self.handler, archive=archive)

    def manifest(self, generation: int = 0) -> ArchiveManifest:
        key = manifest_key(self.file_id, Stage.ARCHIVE, generation)
        return ArchiveManifest.model_validate_json(self.s3.objects["ingest", key])

    def count_copies(self) -> list[str]:
        copied: list[str] = []
        copy = self.s3.copy_object

        async def counting(**call: Any) -> Any:
            copied.append(call["Key"])
            return await copy(**call)

        self.s3.copy_object = counting  # type: ignore[method-assign] # to look on
        return copied


async def test_originals_move_to_the_archive() -> None:
    house = House()
    await house.finish()
    day = f"{house.file.landing_date:%Y/%m/%d}/{house.file_id}"
    assert house.keys("archive/") == [
        f"archive/landing/{day}/20260131_Extract.zip",
        f"archive/raw/{day}/Subscribers.csv",
    ]
    assert house.keys("landing/") == []
    assert house.keys("raw/") == []
    copy = house.s3.versions["ingest", f"archive/landing/{day}/20260131_Extract.zip"][-1]
    assert copy.body == LANDED
    assert copy.metadata == {"sender": "sfmc"}


async def test_a_newer_version_that_landed_meanwhile_survives() -> None:
    house = House()
    house.s3.put("ingest", house.file.key, b"tomorrow's")
    await house.finish()
    assert house.s3.objects["ingest", house.file.key] == b"tomorrow's"
    (archived,) = house.keys("archive/landing/")
    assert house.s3.objects["ingest", archived] == LANDED


async def test_raw_members_are_deleted_instead_where_the_setting_says_so() -> None:
    house = House()
    house.delete_raw_members()
    await house.finish()
    assert (house.keys("raw/"), house.keys("archive/raw/")) == ([], [])
    assert len(house.keys("archive/landing/")) == 1
    assert [each.source_key.rpartition("/")[2] for each in house.manifest().removed] == ["Subscribers.csv"]


async def test_the_manifest_says_by_what_each_copy_was_compared() -> None:
    house = House()
    await house.finish()
    assert [each.compared for each in house.manifest().archived] == ["SHA256", "SHA256"]


async def test_a_repeated_event_announces_the_same_outcome_and_moves_nothing_twice() -> None:
    house = House()
    await house.finish()
    before = dict(house.s3.objects)
    await house.finish()
    first, second = (json.loads(message["Message"]) for message in house.sns.published)
    assert first["outcome_id"] == second["outcome_id"]
    assert first["landing_to_outcome_seconds"] == second["landing_to_outcome_seconds"]
    assert house.s3.objects == before


async def test_after_a_crash_between_copy_and_manifest_what_is_copied_is_not_copied_again() -> None:
    house = House()
    await house.handler.archive.keep(house.file, house.decrypt())
    copied = house.count_copies()
    await house.finish()
    assert copied == []
    assert house.keys("landing/") == []
    assert len(house.keys("archive/")) == 2


async def test_a_crash_between_manifest_and_deletion_is_healed() -> None:
    house = House()
    landed = house.s3.versions["ingest", house.file.key][-1]
    await house.finish()
    house.s3.versions["ingest", house.file.key].append(landed)
    await house.finish()
    assert house.keys("landing/") == []


async def test_a_new_generation_keeps_the_landing_original_that_is_archived() -> None:
    house = House()
    await house.finish()
    house.open(1, Stage.DECRYPT)
    house.through(Stage.CATALOG, generation=1)
    await house.finish(generation=1)
    (landing,) = house.keys("archive/landing/")
    assert house.s3.objects["ingest", landing] == LANDED
    assert house.keys("raw/") == []


async def test_a_generation_opened_after_decryption_keeps_the_raw_members_that_are_archived() -> None:
    house = House()
    await house.finish()
    archived = house.keys("archive/")
    house.open(1, Stage.NORMALIZE)
    house.through(Stage.CATALOG, generation=1, first=Stage.NORMALIZE)
    await house.finish(generation=1)
    assert house.keys("archive/") == archived
    assert {each.object.key for each in house.manifest(1).archived} == set(archived)
    assert house.s3.objects["ingest", archived[1]] == RAW


async def test_members_that_a_new_generation_no_longer_has_leave_the_archive() -> None:
    house = House()
    house.decrypt(members=("Subscribers.csv", "Lists.csv"))
    await house.finish()
    house.open(1, Stage.DECRYPT)
    house.through(Stage.CATALOG, generation=1)
    await house.finish(generation=1)
    assert [key.rpartition("/")[2] for key in house.keys("archive/raw/")] == ["Subscribers.csv"]


async def test_a_late_duplicate_leaves_the_raw_members_of_a_later_generation_alone() -> None:
    house = House()
    await house.finish()
    house.open(1, Stage.DECRYPT)
    house.decrypt(1)
    await house.finish(generation=0)
    assert len(house.keys("raw/")) == 1
    assert len(house.sns.published) == 1


async def test_raw_members_of_an_earlier_generation_do_not_come_to_light_again() -> None:
    house = House()
    house.open(1, Stage.DECRYPT)
    house.through(Stage.CATALOG, generation=1)
    await house.finish(generation=1)
    assert house.keys("raw/") == []


async def test_an_original_that_vanished_is_a_failure() -> None:
    house = House()
    await house.s3.delete_object(Bucket="ingest", Key=house.file.key, VersionId=house.file.version_id)
    with pytest.raises(OriginalGone):
        await house.finish()
    assert house.sns.published == []


@pytest.mark.parametrize("wrong", [b"short", LANDED[::-1]], ids=["of another size", "of the same size"])
async def test_a_copy_that_differs_keeps_the_original(wrong: bytes) -> None:
    house = House()

    async def copy_object(*, Bucket: str, Key: str, **_: Any) -> Any:  # noqa: N803 - AWS's names
        house.s3.put(Bucket, Key, wrong)

    house.s3.copy_object = copy_object  # type: ignore[method-assign] # the double is made to copy badly
    with pytest.raises(CopyDiffers):
        await house.finish()
    assert house.keys("landing/") == [house.file.key]


async def test_the_archive_of_a_file_that_was_not_catalogued_never_happens() -> None:
    house = House()
    await house.s3.delete_object(Bucket="ingest", Key=manifest_key(house.file_id, Stage.CATALOG, 0))
    with pytest.raises(UpstreamMissing):
        await house.finish()
    assert house.keys("archive/") == []


def test_archive_names_are_bounded_whatever_the_key_and_differ_where_keys_differ() -> None:
    house = House()
    names = [
        archive_key(house.file_id, "landing", "landing/" + key)
        for key in ("a/b.zip", "x" * 1000 + ".csv", "x" * 1000 + "y.csv", "é" * 500, "folder/")
    ]
    assert names[0].endswith("/b.zip")
    assert names[1].endswith(".csv")
    assert names[4].endswith("/object")
    assert len(set(names)) == 5
    assert max(len(name.encode()) for name in names) < 300


async def test_the_success_outcome_tells_the_story() -> None:
    house = House()
    await house.finish()
    (message,) = house.sns.published
    outcome = SuccessOutcome.model_validate_json(message["Message"])
    assert message["TopicArn"] == "arn:success"
    assert message["Subject"] == "Landfall: ingested 20260131_Extract.zip: 4 rows in 1 dataset, 1 rejected"
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


async def test_a_failure_without_its_manifest_is_tried_again() -> None:
    house = House()
    event = house.fail(Stage.ARCHIVE)
    await house.s3.delete_object(Bucket="ingest", Key=event.manifest_key)
    with pytest.raises(UpstreamMissing):
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


async def test_subjects_are_short_ascii_whatever_the_key() -> None:
    house = House(key="landing/" + "ü\n" * 120 + ".zip")
    await house.finish()
    subject = house.sns.published[0]["Subject"]
    assert len(subject) <= 100
    assert subject.isascii()
    assert subject.isprintable()
