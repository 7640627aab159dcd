"""The archiver moves exactly what was processed, and announces each outcome under one id."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.archiver.announcing import Announcer
from services.archiver.archive import Archive, bounded_name
from services.archiver.errors import CopyDiffers, OriginalGone
from services.archiver.handler import ArchiveHandler
from services.archiver.story import Storyteller
from shared.commit import Committer, now
from shared.errors import UpstreamMissing
from shared.events import FileArchived, FileCataloged, FileFailed, MessageRejected
from shared.identity import LandedFile
from shared.layout import failure_key, manifest_key, raw_key
from shared.manifests import (
    ArchiveManifest,
    CatalogedTable,
    CatalogManifest,
    CuratedObject,
    DecryptManifest,
    FailureManifest,
    Manifest,
    NormalizeManifest,
    RawMember,
    RowCounts,
    StoredObject,
)
from shared.messages import Message
from shared.outcomes import FailureOutcome, SuccessOutcome
from shared.stages import Stage
from tests.doubles.events import InMemoryEvents
from tests.doubles.s3 import InMemoryS3
from tests.doubles.sns import InMemorySns

MESSAGE = Message("m1", "r1", "{}", 1)
LANDED = b"as it landed"


class House:
    """An ingest bucket with one file that the three stages before have finished."""

    def __init__(self, key: str = "landing/20260131_Extract.zip", generation: int = 0) -> None:
        self.s3, self.events, self.sns = InMemoryS3(), InMemoryEvents(), InMemorySns()
        store = self.s3.store()
        version = self.s3.put("ingest", key, LANDED, {"sender": "sfmc"})
        self.file = LandedFile(
            bucket="ingest",
            key=key,
            version_id=version.version_id,
            size=len(LANDED),
            landed_at=version.last_modified,
        )
        self.finish_stages(generation)
        self.handler = ArchiveHandler(
            store=store,
            committer=Committer(store, self.events.bus(), ArchiveManifest, FileArchived),
            archive=Archive(store),
            storyteller=Storyteller(store),
            announcer=Announcer(self.sns.client(), "arn:success", "arn:error"),
        )

    def finish_stages(self, generation: int) -> None:
        raw = raw_key(self.file.file_id, "Subscribers.csv")
        self.s3.put("ingest", raw, b"raw")
        facts: dict[str, Any] = {
            "file": self.file,
            "generation": generation,
            "fingerprint": "f",
            "attempt": 1,
            "started_at": now(),
            "finished_at": now(),
        }
        stored = StoredObject(bucket="ingest", key=raw, size=3, etag="e")
        curated = CuratedObject(
            member="Subscribers.csv",
            dataset="subscribers",
            mode="append",
            recipe="subscribers@1",
            object=stored.model_copy(update={"bucket": "curated", "key": "subscribers/x.parquet"}),
            partition={"ingest_date": "2026-01-31"},
            location="s3://curated/subscribers/ingest_date=2026-01-31/",
            columns={"status": "string"},
            rows=RowCounts(rows_in=5, rows_out=4, rejected=1),
        )
        table = CatalogedTable(
            database="db", table="subscribers", location="s3://curated/subscribers/", columns=1, partition={}
        )
        for manifest in (
            DecryptManifest(
                **facts, formats=("zip",), members=(RawMember(name="Subscribers.csv", object=stored),)
            ),
            NormalizeManifest(**facts, curated=(curated,)),
            CatalogManifest(**facts, tables=(table,)),
        ):
            self.record(manifest)

    def record(self, manifest: Manifest) -> None:
        key = manifest_key(self.file.file_id, manifest.stage, manifest.generation)
        self.s3.put("ingest", key, manifest.model_dump_json().encode())

    def cataloged(self, generation: int = 0) -> FileCataloged:
        return FileCataloged(file=self.file, generation=generation, event_id="e", manifest_key="m")

    def failed(self, stage: Stage = Stage.NORMALIZE) -> FileFailed:
        key = failure_key(self.file.file_id, stage, 0, 1)
        manifest = FailureManifest(
            stage=stage,
            file=self.file,
            generation=0,
            attempt=1,
            receive_count=1,
            message_id="m0",
            code="HEADER_MISMATCH",
            message="columns are missing",
            advice="Export them.",
            failed_at=now(),
        )
        self.s3.put("ingest", key, manifest.model_dump_json().encode())
        return FileFailed(
            file=self.file,
            generation=0,
            event_id="e",
            failed_stage=stage,
            attempt=1,
            code="HEADER_MISMATCH",
            manifest_key=key,
        )

    def keys(self, prefix: str) -> list[str]:
        return sorted(key for _, key in self.s3.objects if key.startswith(prefix))


async def test_originals_move_to_the_archive() -> None:
    house = House()
    await house.handler.handle(house.cataloged(), MESSAGE)
    day = f"{house.file.landing_date:%Y/%m/%d}/{house.file.file_id}"
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
    await house.handler.handle(house.cataloged(), MESSAGE)
    assert house.s3.objects["ingest", house.file.key] == b"tomorrow's"
    (archived,) = house.keys("archive/landing/")
    assert house.s3.objects["ingest", archived] == LANDED


async def test_the_success_outcome_tells_the_story() -> None:
    house = House()
    await house.handler.handle(house.cataloged(), MESSAGE)
    (message,) = house.sns.published
    outcome = SuccessOutcome.model_validate_json(message["Message"])
    assert message["TopicArn"] == "arn:success"
    assert message["Subject"] == "Landfall: ingested 20260131_Extract.zip: 4 rows in 1 datasets"
    assert message["MessageAttributes"]["status"]["StringValue"] == "succeeded"
    (dataset,) = outcome.datasets
    assert (dataset.table, dataset.rows.rows_in, dataset.rows.rejected) == ("db.subscribers", 5, 1)
    assert set(outcome.stage_seconds) == {"decrypt", "normalize", "catalog", "archive"}
    assert len(outcome.archived) == 2


async def test_a_repeated_event_announces_the_same_outcome_and_moves_nothing_twice() -> None:
    house = House()
    await house.handler.handle(house.cataloged(), MESSAGE)
    before = dict(house.s3.objects)
    await house.handler.handle(house.cataloged(), MESSAGE)
    first, second = (json.loads(message["Message"]) for message in house.sns.published)
    assert first["outcome_id"] == second["outcome_id"]
    assert house.s3.objects == before


async def test_a_crash_between_copy_and_manifest_is_healed() -> None:
    house = House()
    await house.handler.archive.keep(
        house.file,
        DecryptManifest.model_validate_json(
            house.s3.objects["ingest", manifest_key(house.file.file_id, Stage.DECRYPT, 0)]
        ),
        None,
    )
    assert house.keys("landing/") != []
    await house.handler.handle(house.cataloged(), MESSAGE)
    assert house.keys("landing/") == []
    assert len(house.keys("archive/")) == 2


async def test_a_crash_between_manifest_and_deletion_is_healed() -> None:
    house = House()
    await house.handler.handle(house.cataloged(), MESSAGE)
    house.s3.versions["ingest", house.file.key].append(
        house.s3.versions["ingest", house.keys("archive/landing/")[0]][-1].__class__(
            house.file.version_id, LANDED, '"e"', house.file.landed_at, {}
        )
    )
    await house.handler.handle(house.cataloged(), MESSAGE)
    assert house.keys("landing/") == []


async def test_a_new_generation_keeps_the_landing_original_that_is_archived() -> None:
    house = House()
    await house.handler.handle(house.cataloged(), MESSAGE)
    house.finish_stages(generation=1)
    await house.handler.handle(house.cataloged(generation=1), MESSAGE)
    (landing,) = house.keys("archive/landing/")
    assert house.s3.objects["ingest", landing] == LANDED
    assert house.keys("raw/") == []


async def test_an_original_that_vanished_is_a_failure() -> None:
    house = House()
    await house.s3.delete_object(Bucket="ingest", Key=house.file.key)
    with pytest.raises(OriginalGone):
        await house.handler.handle(house.cataloged(), MESSAGE)
    assert house.sns.published == []


async def test_a_copy_that_differs_keeps_the_original() -> None:
    house = House()

    async def copy_object(*, Bucket: str, Key: str, **_: Any) -> Any:  # noqa: N803 - AWS's names
        house.s3.put(Bucket, Key, b"short")

    house.s3.copy_object = copy_object  # type: ignore[method-assign] # the double is made to copy badly
    with pytest.raises(CopyDiffers):
        await house.handler.handle(house.cataloged(), MESSAGE)
    assert house.keys("landing/") == [house.file.key]


async def test_a_failure_is_announced_with_advice_and_the_command_that_replays_it() -> None:
    house = House()
    await house.s3.delete_object(Bucket="ingest", Key=manifest_key(house.file.file_id, Stage.NORMALIZE, 0))
    await house.handler.handle(house.failed(), MESSAGE)
    (message,) = house.sns.published
    outcome = FailureOutcome.model_validate_json(message["Message"])
    assert message["TopicArn"] == "arn:error"
    assert message["Subject"] == "Landfall: FAILED 20260131_Extract.zip: HEADER_MISMATCH in normalize"
    assert (outcome.code, outcome.advice) == ("HEADER_MISMATCH", "Export them.")
    assert outcome.replay_command == f"landfall dlq replay {house.file.file_id}"
    assert house.keys("landing/") == [house.file.key]


async def test_a_failure_that_was_overcome_since_is_not_announced() -> None:
    house = House()
    await house.handler.handle(house.failed(), MESSAGE)
    assert house.sns.published == []


async def test_a_failure_without_its_manifest_is_tried_again() -> None:
    house = House()
    event = house.failed(Stage.ARCHIVE)
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


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("landing/a/b.zip", "b.zip"),
        ("landing/" + "x" * 300 + ".csv", "x" * 196 + ".csv"),
        ("landing/" + "é" * 300 + ".csv", "é" * 98 + ".csv"),
        ("landing/x/", "object"),
    ],
)
def test_archive_names_are_bounded_and_keep_their_suffix(key: str, name: str) -> None:
    assert bounded_name(key) == name
    assert len(name.encode()) <= 200


async def test_subjects_are_short_ascii_whatever_the_key() -> None:
    house = House(key="landing/" + "ü\n" * 120 + ".zip")
    await house.handler.handle(house.cataloged(), MESSAGE)
    subject = house.sns.published[0]["Subject"]
    assert len(subject) <= 100
    assert subject.isascii()
    assert subject.isprintable()
