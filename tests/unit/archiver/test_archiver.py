"""The archiver moves exactly the version that was processed, and nothing twice."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from services.archiver.errors import CopyDiffers, OriginalGone
from shared.errors import FileNotRecorded
from shared.layout import archive_key, manifest_key
from shared.stages import Stage
from tests.histories import LANDED, RAW
from tests.unit.archiver.house import House


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


@pytest.mark.parametrize("checksum", ["CRC64NVME", "CRC32", "SHA256"])
async def test_each_copy_is_compared_by_a_checksum_and_the_manifest_says_by_which(checksum: str) -> None:
    house = House()
    house.s3.change_newest("ingest", house.file.key, checksum=checksum)
    await house.finish()
    assert [each.compared for each in house.manifest().archived] == [checksum, "SHA256"]
    assert house.manifest().warnings == ()


async def test_an_original_without_a_checksum_over_the_whole_is_read_to_be_compared() -> None:
    house = House()
    house.land_in_parts()
    await house.finish()
    assert [each.compared for each in house.manifest().archived] == ["SHA256", "SHA256"]
    assert house.manifest().warnings == ()


async def test_that_only_the_size_of_a_large_original_could_be_compared_is_told() -> None:
    house = House()
    house.land_in_parts()
    house.read_nothing_to_compare()
    await house.finish()
    assert [each.compared for each in house.manifest().archived] == ["size", "SHA256"]
    assert [each.code for each in house.manifest().warnings] == ["COPY_COMPARED_BY_SIZE"]
    outcome = json.loads(house.sns.published[0]["Message"])
    assert [each["code"] for each in outcome["warnings"]] == ["COPY_COMPARED_BY_SIZE"]


async def test_a_repeated_event_announces_the_same_outcome_and_moves_nothing_twice() -> None:
    house = House()
    await house.finish()
    before = dict(house.s3.objects)
    await house.finish()
    first, second = (json.loads(message["Message"]) for message in house.sns.published)
    assert first["outcome_id"] == second["outcome_id"]
    assert first["landing_to_outcome_seconds"] == second["landing_to_outcome_seconds"]
    assert house.s3.objects == before


@pytest.mark.parametrize("landed_in_parts", [False, True], ids=["landed whole", "landed in parts"])
async def test_after_a_crash_between_copy_and_manifest_what_is_copied_is_not_copied_again(
    landed_in_parts: bool,
) -> None:
    house = House()
    if landed_in_parts:
        house.land_in_parts()
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


@pytest.mark.parametrize("landed_in_parts", [False, True], ids=["landed whole", "landed in parts"])
@pytest.mark.parametrize("wrong", [b"short", LANDED[::-1]], ids=["of another size", "of the same size"])
async def test_a_copy_that_differs_keeps_the_original(
    wrong: bytes, landed_in_parts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House()
    if landed_in_parts:
        house.land_in_parts()

    async def copy_object(  # the names are AWS's
        *,
        Bucket: str,  # noqa: N803
        Key: str,  # noqa: N803
        ChecksumAlgorithm: str,  # noqa: N803
        **_: Any,
    ) -> Any:
        house.s3.put(Bucket, Key, wrong)
        house.s3.change_newest(Bucket, Key, checksum=ChecksumAlgorithm)

    monkeypatch.setattr(house.s3, "copy_object", copy_object)
    with pytest.raises(CopyDiffers):
        await house.finish()
    assert house.keys("landing/") == [house.file.key]


async def test_the_archive_of_a_file_that_was_not_catalogued_never_happens() -> None:
    house = House()
    await house.s3.delete_object(Bucket="ingest", Key=manifest_key(house.file_id, Stage.CATALOG, 0))
    with pytest.raises(FileNotRecorded):
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


class SnapshotHouse(House):
    """A file with a snapshot, and whatever else landed at its key."""

    def __init__(self) -> None:
        super().__init__()
        self.normalize(mode="snapshot")

    def land_again(self, seconds: int) -> str:
        """One more version, so long after the file; gives its id."""
        self.s3.put("ingest", self.file.key, b"another")
        at = self.file.landed_at + timedelta(seconds=seconds)
        return self.s3.change_newest("ingest", self.file.key, last_modified=at).version_id


async def test_which_versions_landed_in_the_same_second_is_recorded_newest_first() -> None:
    house = SnapshotHouse()
    newer = house.land_again(seconds=0)
    house.land_again(seconds=1)
    await house.finish()
    assert house.manifest().landed_together == (newer, house.file.version_id)


async def test_that_it_landed_alone_is_recorded_too() -> None:
    house = SnapshotHouse()
    await house.finish()
    assert house.manifest().landed_together == (house.file.version_id,)


async def test_a_crash_before_the_manifest_has_the_versions_listed_again() -> None:
    house = SnapshotHouse()
    put = house.s3.put_object

    async def dies(**_: Any) -> Any:
        raise asyncio.CancelledError

    house.s3.put_object = dies  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        await house.finish()
    house.s3.put_object = put  # type: ignore[method-assign]
    newer = house.land_again(seconds=0)
    await house.finish()
    assert house.manifest().landed_together == (newer, house.file.version_id)


async def test_a_replay_of_what_is_archived_records_no_order() -> None:
    house = SnapshotHouse()
    await house.finish()
    house.land_again(seconds=0)
    house.open(1, Stage.CATALOG)
    house.through(Stage.CATALOG, generation=1, first=Stage.CATALOG)
    await house.finish(generation=1)
    assert house.manifest(1).landed_together == ()


async def test_of_a_file_without_snapshots_no_versions_are_listed() -> None:
    house = House()
    paginator = house.s3.get_paginator

    def without_versions(operation: str) -> Any:
        assert operation != "list_object_versions"
        return paginator(operation)

    house.s3.get_paginator = without_versions  # type: ignore[method-assign]
    await house.finish()
    assert house.manifest().landed_together == ()
