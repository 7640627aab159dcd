"""A sweep deletes what nobody answers for, and reports what only a person may decide on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from landfall.operating.sweeping.curated import sweep_curated
from landfall.operating.sweeping.findings import Finding, Kind, Tools
from landfall.operating.sweeping.leftovers import sweep_raw, sweep_uploads
from landfall.operating.sweeping.partitions import sweep_partitions
from landfall.operating.sweeping.rejects import sweep_quarantine
from shared.layout import PROFILE_LOCK, quarantine_key, staging_key
from shared.objects.store import GENERATION
from shared.stages import Stage
from tests.histories import History
from tests.unit.operating.house import Catalog, House, OldFile, kinds

Check = Callable[[Tools], Awaitable[list[Finding]]]


async def test_uploads_that_nobody_will_complete_are_aborted() -> None:
    house = House()
    for bucket in ("ingest", "curated", "elsewhere"):
        await house.s3.create_multipart_upload(Bucket=bucket, Key="k", Metadata={})
    assert kinds(await house.fix(sweep_uploads)) == [Kind.DANGLING_UPLOAD] * 2
    assert [upload.key[0] for upload in house.s3.uploads.values()] == ["elsewhere"]


@pytest.mark.parametrize("check", [sweep_uploads, sweep_raw, sweep_quarantine, sweep_curated])
async def test_the_lock_on_profile_versions_is_no_leftover(check: Check) -> None:
    house = House()
    house.s3.put("ingest", PROFILE_LOCK, b"{}")
    assert await house.fix(check) == []
    assert house.keys("ingest") == [PROFILE_LOCK]


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


@pytest.mark.parametrize("kind", [History, OldFile], ids=["landed of late", "landed a year ago"])
async def test_rows_that_no_manifest_lists_are_deleted_however_long_ago_their_file_landed(
    kind: type[History],
) -> None:
    """Those of a file that landed long ago a replay has left."""
    house = House()
    file = kind(house.s3)
    file.through(Stage.NORMALIZE)
    kept = house.keys("curated")
    stray = f"lists/source=default/snapshot={file.file_id}/Lists.csv.parquet"
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
