"""Former snapshots are cleared away after the grace; the standing one and those still to come never."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.cataloger.snapshots import Snapshots
from shared.identity import LandedFile
from tests.doubles.s3 import InMemoryS3, failure
from tests.unit.cataloger.files import Lake, extract, snapshot

GRACE = timedelta(hours=12)
FILES = [extract(day) for day in (28, 29, 30, 31)]


async def land(lake: Lake, snapshots: Snapshots, file: LandedFile) -> None:
    """Put, switch and clear, as the handler does."""
    switched = await snapshots.switch(lake.put(file, snapshot(file)))
    await snapshots.clear(switched, file.bucket)


def kept(lake: Lake) -> list[LandedFile]:
    """The files whose snapshots still have objects."""
    present = {key for bucket, key in lake.s3.objects if bucket == "curated"}
    return [file for file in FILES if snapshot(file).object.key in present]


def lake_now() -> Lake:
    lake = Lake()
    lake.time = extract(31).landed_at
    return lake


async def test_what_was_just_replaced_stays_for_those_who_read_it() -> None:
    lake = lake_now()
    for file in FILES[:2]:
        await land(lake, lake.snapshots(GRACE), file)
    assert kept(lake) == FILES[:2]


async def test_what_has_been_out_of_sight_for_the_grace_goes_with_the_next_switch() -> None:
    lake = lake_now()
    await land(lake, lake.snapshots(GRACE), FILES[0])
    await land(lake, lake.snapshots(GRACE), FILES[1])
    lake.time += GRACE
    await land(lake, lake.snapshots(GRACE), FILES[2])
    assert kept(lake) == FILES[1:3]  # the second has only just gone out of sight
    lake.time += GRACE
    await land(lake, lake.snapshots(GRACE), FILES[3])
    assert kept(lake) == FILES[2:]


async def test_the_grace_counts_from_the_move_of_the_partition_however_late_that_is() -> None:
    """A cataloger dies between the two, and a query begins before its message comes again."""
    lake = lake_now()
    await land(lake, lake.snapshots(GRACE), FILES[0])
    moved = lake.glue.batch_update_partition
    lake.glue.batch_update_partition = dies  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        await land(lake, lake.snapshots(GRACE), FILES[1])
    assert lake.location() == snapshot(FILES[0]).location
    lake.glue.batch_update_partition = moved  # type: ignore[method-assign]

    lake.time += 2 * GRACE
    await land(lake, lake.snapshots(GRACE), FILES[1])
    assert lake.location() == snapshot(FILES[1]).location
    assert kept(lake) == FILES[:2]
    await land(lake, lake.snapshots(GRACE), FILES[2])
    assert kept(lake) == FILES[:3]

    lake.time += GRACE
    await land(lake, lake.snapshots(GRACE), FILES[3])
    assert kept(lake) == FILES[2:]


async def dies(**_: object) -> Any:
    raise asyncio.CancelledError


async def test_without_a_grace_the_replaced_one_goes_at_once() -> None:
    lake = lake_now()
    for file in FILES[:2]:
        await land(lake, lake.snapshots(timedelta(0)), file)
    assert kept(lake) == FILES[1:2]


async def test_one_between_the_present_and_the_replaced_one_was_never_shown_and_goes_at_once() -> None:
    lake = lake_now()
    await land(lake, lake.snapshots(GRACE), FILES[0])
    lake.put(FILES[1], snapshot(FILES[1]))  # held back
    lake.time += GRACE
    await land(lake, lake.snapshots(GRACE), FILES[2])
    assert kept(lake) == [FILES[0], FILES[2]]


async def test_a_partition_of_an_earlier_release_counts_from_the_registers_time() -> None:
    lake = lake_now()
    for file in FILES[:2]:
        await land(lake, lake.snapshots(GRACE), file)
    del lake.glue.partitions["subscribers", ("default",)]["Parameters"]["landfall_shown_since"]
    lake.time += GRACE
    await land(lake, lake.snapshots(GRACE), FILES[2])
    assert kept(lake) == FILES[1:3]


async def test_one_that_came_late_and_never_showed_goes_too() -> None:
    lake = lake_now()
    await land(lake, lake.snapshots(GRACE), FILES[3])
    await land(lake, lake.snapshots(GRACE), FILES[0])
    assert kept(lake) == [FILES[0], FILES[3]]
    lake.time += GRACE
    await land(lake, lake.snapshots(GRACE), FILES[3])
    assert kept(lake) == [FILES[3]]


async def test_a_newer_one_whose_switch_is_still_to_come_is_never_touched() -> None:
    lake = lake_now()
    await land(lake, lake.snapshots(GRACE), FILES[0])
    lake.put(FILES[3], snapshot(FILES[3]))
    lake.time += 2 * GRACE
    await land(lake, lake.snapshots(GRACE), FILES[0])
    assert kept(lake) == [FILES[0], FILES[3]]


async def test_a_folder_of_no_known_file_is_left_alone() -> None:
    lake = lake_now()
    lake.s3.put("curated", "subscribers/source=default/snapshot=20260101-0123456789abcdef/a.parquet", b"")
    lake.time += 2 * GRACE
    await land(lake, lake.snapshots(GRACE), FILES[0])
    assert len([key for bucket, key in lake.s3.objects if bucket == "curated"]) == 2


async def test_another_sources_snapshots_are_left_alone() -> None:
    lake = lake_now()
    other = lake.put(FILES[0], snapshot(FILES[0], "bu2"))
    await lake.snapshots(GRACE).switch(other)
    lake.time += 2 * GRACE
    await land(lake, lake.snapshots(GRACE), FILES[1])
    assert ("curated", snapshot(FILES[0], "bu2").object.key) in lake.s3.objects


async def test_a_cleaning_that_is_denied_does_not_fail_the_file() -> None:
    class Undeletable(InMemoryS3):
        async def delete_object(self, **arguments: Any) -> Any:
            raise failure("DeleteObject", "AccessDenied", 403)

    lake = lake_now()
    lake.s3 = Undeletable()
    await land(lake, lake.snapshots(GRACE), FILES[0])
    lake.time += GRACE
    await land(lake, lake.snapshots(timedelta(0)), FILES[1])
    assert lake.location() == snapshot(FILES[1]).location
    assert kept(lake) == FILES[:2]
