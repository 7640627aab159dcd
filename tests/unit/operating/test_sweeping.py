"""A sweep finds what nobody tells of, says it once, and repairs only what it may."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from landfall.deployment import Deployment
from landfall.operating.replaying import Requests
from landfall.operating.states import state_of
from landfall.operating.story import story_of
from landfall.operating.sweeping.curated import sweep_curated
from landfall.operating.sweeping.findings import Finding, Kind, Tools
from landfall.operating.sweeping.leftovers import sweep_raw, sweep_uploads
from landfall.operating.sweeping.letters import sweep_letters
from landfall.operating.sweeping.partitions import sweep_partitions
from landfall.operating.sweeping.rejects import sweep_quarantine
from landfall.operating.sweeping.stalls import sweep_stalls
from services.archiver.announcing import Announcer
from shared.events import FileDecrypted, FileFailed, envelope
from shared.layout import quarantine_key, staging_key
from shared.messages import parse_message
from shared.objects.store import GENERATION
from shared.stages import Stage
from tests.doubles.events import InMemoryEvents
from tests.doubles.queues import QUEUES, InMemoryQueues
from tests.doubles.s3 import EPOCH, InMemoryS3
from tests.doubles.sns import InMemorySns
from tests.histories import REPLAY, History
from tests.unit.operating.reopening import open_again

DEPLOYMENT = Deployment(
    prefix="landfall",
    ingest_bucket="ingest",
    curated_bucket="curated",
    bucket_key_arn="",
    landing_key_arn="",
    event_bus="bus",
    queues=QUEUES,
    success_topic_arn="arn:success",
    error_topic_arn="arn:error",
    database="db",
    crawler="crawler",
)


class Catalog:
    """Tables with partitions, as a sweep asks for them."""

    def __init__(self, partitions: dict[str, dict[str, str]], key: str = "ingest_date") -> None:
        self.partitions = partitions
        self.key = key

    def get_paginator(self, name: str) -> Catalog:
        self._asked = name
        return self

    async def paginate(self, **asked: Any) -> AsyncIterator[Any]:
        if self._asked == "get_tables":
            tables = [{"Name": name, "PartitionKeys": [{"Name": self.key}]} for name in self.partitions]
            yield {"TableList": tables}
            return
        yield {
            "Partitions": [
                {"Values": [value], "StorageDescriptor": {"Location": location}}
                for value, location in self.partitions[asked["TableName"]].items()
            ]
        }

    async def delete_partition(self, *, TableName: str, PartitionValues: list[str], **_: Any) -> Any:  # noqa: N803
        del self.partitions[TableName][PartitionValues[0]]


class House:
    """A deployment in memory, a day after everything in it happened."""

    def __init__(self) -> None:
        self.s3, self.queues = InMemoryS3(), InMemoryQueues()
        self.events, self.sns = InMemoryEvents(), InMemorySns()
        self.catalog = Catalog({})

    def history(self, key: str = "landing/20260131_Extract.zip") -> History:
        return History(self.s3, key)

    def tools(self, *, announce: bool = False, fix: bool = False) -> Tools:
        store = self.s3.store()
        now = EPOCH + timedelta(days=1, hours=1)
        return Tools(
            deployment=DEPLOYMENT,
            store=store,
            bus=self.events.bus(),
            glue=cast("Any", self.catalog),
            letters=self.queues.client(),
            requests=Requests(store, self.queues.asynchronous(), QUEUES, REPLAY),
            announcer=Announcer(self.sns.client(), "arn:success", "arn:error"),
            now=now,
            stalled_before=now - timedelta(hours=1),
            left_before=now - timedelta(days=1),
            days=(EPOCH.date(), now.date()),
            announce=announce or fix,
            fix=fix,
        )

    async def look(self, check: Callable[[Tools], Awaitable[list[Finding]]]) -> list[Finding]:
        return await check(self.tools())

    async def fix(self, check: Callable[[Tools], Awaitable[list[Finding]]]) -> list[Finding]:
        return await check(self.tools(fix=True))

    def keys(self, bucket: str) -> list[str]:
        return sorted(key for name, key in self.s3.objects if name == bucket)


class OldFile(History):
    """A file that landed a year before everything else happened to it."""

    def __init__(self, s3: InMemoryS3) -> None:
        super().__init__(s3)
        landed_at = self.file.landed_at - timedelta(days=365)
        self.file = self.file.model_copy(update={"landed_at": landed_at})
        self.file_id = self.file.file_id


def kinds(findings: list[Finding]) -> list[Kind]:
    return [finding.kind for finding in findings]


async def test_looking_changes_nothing() -> None:
    house = House()
    house.history()
    house.queues.dead(Stage.NORMALIZE, envelope(decrypted(house.history("landing/b.zip"))))
    before = dict(house.s3.objects)
    await house.look(sweep_stalls)
    await house.look(sweep_letters)
    assert (house.s3.objects, house.events.published) == (before, [])
    assert house.queues.bodies(Stage.DECRYPT) == []
    assert house.queues.visible_dead(Stage.NORMALIZE) == 1


async def test_an_instruction_file_is_not_a_file_that_nobody_began() -> None:
    """It lies in landing/ for good, beside the objects that are read with it."""
    house = House()
    house.s3.put("ingest", "landing/20260131_Extract.zip.instruction", b"{}")
    assert await house.look(sweep_stalls) == []


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


async def test_a_stall_is_told_once_however_often_the_sweep_comes() -> None:
    house = House()
    house.history()
    await house.fix(sweep_stalls)
    assert await house.fix(sweep_stalls) == []
    assert len(house.events.published) == 1
    assert len(house.queues.bodies(Stage.DECRYPT)) == 1


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


def decrypted(file: History, generation: int = 0) -> FileDecrypted:
    return FileDecrypted(file=file.file, generation=generation, event_id="e", manifest_key="k")


async def test_a_dead_letter_whose_worker_died_becomes_an_error_outcome_once() -> None:
    house = House()
    file = house.history().through(Stage.DECRYPT)
    house.queues.dead(Stage.NORMALIZE, envelope(decrypted(file)))
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
    house.queues.dead(Stage.NORMALIZE, envelope(decrypted(file)))
    assert kinds(await house.fix(sweep_letters)) == [Kind.WORKER_DIED]
    state = await state_of(house.s3.store(), "ingest", file.file_id)
    assert state is not None
    assert len(state.failures(Stage.NORMALIZE)) == 2


async def test_a_dead_letter_whose_worker_said_why_is_left_alone() -> None:
    house = House()
    file = house.history().through(Stage.DECRYPT)
    file.fail(Stage.NORMALIZE)
    house.queues.dead(Stage.NORMALIZE, envelope(decrypted(file)), code="HEADER_MISMATCH")
    assert await house.fix(sweep_letters) == []


@pytest.mark.parametrize("overtaken", [False, True], ids=["succeeded since", "run again since"])
async def test_a_dead_letter_that_means_nothing_any_more_is_dropped(overtaken: bool) -> None:
    house = House()
    file = house.history().through(Stage.DECRYPT if overtaken else Stage.NORMALIZE)
    if overtaken:
        file.open(1, Stage.DECRYPT)
    house.queues.dead(Stage.NORMALIZE, envelope(decrypted(file)), code="HEADER_MISMATCH")
    assert kinds(await house.fix(sweep_letters)) == [Kind.OUTLIVED_LETTER]
    assert house.queues.dead_ids(Stage.NORMALIZE) == []


async def test_an_event_that_was_not_delivered_goes_on_to_its_queue() -> None:
    house = House()
    body = envelope(decrypted(house.history().through(Stage.DECRYPT)))
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


async def test_uploads_that_nobody_will_complete_are_aborted() -> None:
    house = House()
    for bucket in ("ingest", "curated", "elsewhere"):
        await house.s3.create_multipart_upload(Bucket=bucket, Key="k", Metadata={})
    assert kinds(await house.fix(sweep_uploads)) == [Kind.DANGLING_UPLOAD] * 2
    assert [upload.key[0] for upload in house.s3.uploads.values()] == ["elsewhere"]


async def test_raw_members_of_a_file_that_is_done_are_deleted() -> None:
    house = House()
    file = house.history().through(Stage.ARCHIVE)
    file.s3.put("ingest", f"raw/2026/01/31/{file.file_id}/Sent.csv", b"plain")
    assert kinds(await house.fix(sweep_raw)) == [Kind.LEFT_IN_RAW]
    assert file.keys("raw/") == []


async def test_raw_members_that_no_manifest_lists_are_deleted_and_the_others_stay() -> None:
    house = House()
    file = house.history().through(Stage.DECRYPT)
    file.s3.put("ingest", f"raw/2026/01/31/{file.file_id}/Stray.csv", b"plain")
    file.s3.put("ingest", staging_key(file.file_id, "token"), b"plain")
    assert kinds(await house.fix(sweep_raw)) == [Kind.LEFT_IN_RAW] * 2
    assert [key.rpartition("/")[2] for key in file.keys("raw/")] == ["Subscribers.csv"]


async def test_raw_members_of_a_replay_in_work_stay() -> None:
    house = House()
    file = house.history().through(Stage.ARCHIVE)
    file.open(1, Stage.DECRYPT)
    file.decrypt(1)
    assert await house.fix(sweep_raw) == []
    assert len(file.keys("raw/")) == 1


async def test_rejected_rows_that_no_manifest_lists_are_deleted() -> None:
    house = House()
    file = house.history().through(Stage.NORMALIZE)
    file.s3.put("ingest", quarantine_key(file.file_id, "Sent.csv.0.dead"), b"plain", {GENERATION: "0"})
    assert kinds(await house.fix(sweep_quarantine)) == [Kind.ORPHAN_IN_QUARANTINE]
    assert file.keys("quarantine/") == []


async def test_rejected_rows_that_a_manifest_lists_stay() -> None:
    house = House()
    file = house.history().through(Stage.DECRYPT)
    key = quarantine_key(file.file_id, "Subscribers.csv.0.ours")
    file.s3.put("ingest", key, b"plain", {GENERATION: "0"})
    file.normalize(quarantine_key=key)
    assert await house.fix(sweep_quarantine) == []
    assert file.keys("quarantine/") == [key]


@pytest.mark.parametrize("generation", [0, 1], ids=["at once", "in a replay"])
async def test_rejected_rows_of_a_run_that_failed_stay(generation: int) -> None:
    house = House()
    file = house.history().through(Stage.ARCHIVE if generation else Stage.DECRYPT)
    if generation:
        file.open(generation, Stage.NORMALIZE)
    file.fail(Stage.NORMALIZE, generation=generation)
    key = quarantine_key(file.file_id, f"Subscribers.csv.{generation}.bad")
    file.s3.put("ingest", key, b"plain", {GENERATION: str(generation)})
    assert await house.fix(sweep_quarantine) == []
    assert file.keys("quarantine/") == [key]


async def test_rejected_rows_of_a_replay_that_failed_go_once_a_later_one_is_done() -> None:
    house = House()
    file = house.history().through(Stage.ARCHIVE)
    file.fail(Stage.NORMALIZE, generation=1)
    file.s3.put("ingest", quarantine_key(file.file_id, "Sent.csv.1.bad"), b"plain", {GENERATION: "1"})
    file.through(Stage.ARCHIVE, generation=2, first=Stage.CATALOG)
    assert kinds(await house.fix(sweep_quarantine)) == [Kind.ORPHAN_IN_QUARANTINE]
    assert file.keys("quarantine/") == []


async def test_rows_that_no_manifest_lists_are_deleted() -> None:
    house = House()
    file = house.history().through(Stage.NORMALIZE)
    kept = house.keys("curated")
    stray = f"lists/source=default/snapshot={file.file_id}/Lists.csv.parquet"
    house.s3.put("curated", stray, b"rows")
    (finding,) = await house.fix(sweep_curated)
    assert (finding.kind, finding.where) == (Kind.ORPHAN_IN_CURATED, f"s3://curated/{stray}")
    assert house.keys("curated") == kept


async def test_rows_that_a_replay_left_are_found_however_long_ago_the_file_landed() -> None:
    house = House()
    old = OldFile(house.s3)
    old.through(Stage.NORMALIZE)
    kept = house.keys("curated")
    stray = f"lists/source=default/snapshot={old.file_id}/Lists.csv.parquet"
    house.s3.put("curated", stray, b"rows")
    (finding,) = await house.fix(sweep_curated)
    assert (finding.kind, finding.where) == (Kind.ORPHAN_IN_CURATED, f"s3://curated/{stray}")
    assert house.keys("curated") == kept


async def test_what_was_written_before_the_days_that_are_looked_at_is_left_to_earlier_sweeps() -> None:
    house = House()
    old = OldFile(house.s3)
    old.through(Stage.NORMALIZE)
    house.s3.put("curated", f"lists/source=default/snapshot={old.file_id}/Lists.csv.parquet", b"rows")
    later = tuple(day + timedelta(days=60) for day in house.tools().days)
    assert await sweep_curated(replace(house.tools(), days=later)) == []


async def test_rows_of_a_file_nothing_is_recorded_of_are_reported_and_kept() -> None:
    house = House()
    house.s3.put("curated", "sent/ingest_date=2026-01-31/20260131-0123456789abcdef-Sent.csv.parquet", b"x")
    (finding,) = await house.fix(sweep_curated)
    assert (finding.kind, finding.done) == (Kind.ORPHAN_IN_CURATED, None)
    assert len(house.keys("curated")) == 1


async def test_rows_that_are_gone_are_reported() -> None:
    house = House()
    house.history().through(Stage.NORMALIZE)
    house.s3.versions["curated", house.keys("curated")[0]].clear()
    (finding,) = await house.fix(sweep_curated)
    assert (finding.kind, finding.done) == (Kind.MISSING_IN_CURATED, None)


async def test_a_partition_without_data_leaves_the_catalog() -> None:
    house = House()
    house.s3.put("curated", "sent/ingest_date=2026-01-31/x.parquet", b"rows")
    folders = {day: f"s3://curated/sent/ingest_date={day}/" for day in ("2026-01-31", "2026-02-01")}
    house.catalog = Catalog({"sent": dict(folders)})
    (finding,) = await house.fix(sweep_partitions)
    assert (finding.kind, finding.where) == (Kind.EMPTY_PARTITION, "sent ingest_date=2026-02-01")
    assert list(house.catalog.partitions["sent"]) == ["2026-01-31"]


async def test_an_empty_snapshot_is_reported_and_left_to_the_cataloger() -> None:
    house = House()
    house.catalog = Catalog({"lists": {"default": "s3://curated/lists/source=default/snapshot=x/"}}, "source")
    (finding,) = await house.fix(sweep_partitions)
    assert (finding.kind, finding.done) == (Kind.EMPTY_PARTITION, None)
    assert house.catalog.partitions["lists"]
