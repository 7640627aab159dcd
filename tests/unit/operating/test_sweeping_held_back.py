"""Snapshots that were held back: left alone while somebody may accept them, then shown and cleared away."""

from __future__ import annotations

from landfall.operating.resolving import resolve_failure
from landfall.operating.sweeping.curated import sweep_curated
from landfall.operating.sweeping.findings import Kind
from landfall.operating.sweeping.held_back import sweep_held_back
from shared.layout import failure_key
from shared.stages import Stage
from tests.histories import History
from tests.unit.cataloger.files import Lake, snapshot
from tests.unit.operating.house import House, kinds


def snapshots_of(house: House, file: History) -> list[str]:
    return [key for key in house.keys("curated") if file.file_id in key]


async def test_after_the_time_it_is_deleted() -> None:
    house = House()
    file = house.history().hold_back()

    (found,) = await house.fix(sweep_held_back)

    assert (found.kind, found.file_id, found.done) == (Kind.HELD_BACK_SNAPSHOT, file.file_id, "deleted")
    assert snapshots_of(house, file) == []
    assert await house.look(sweep_held_back) == []
    assert await house.look(sweep_curated) == []


async def test_it_is_neither_an_orphan_nor_missing() -> None:
    house = House()
    house.history().hold_back()

    assert await house.look(sweep_curated) == []


async def test_one_whose_failure_was_closed_is_deleted_too() -> None:
    house = House()
    file = house.history().hold_back()
    at = house.tools().left_before
    await resolve_failure(house.s3.store(), "ingest", file.file_id, by="ada", at=at, because="sent again")

    assert kinds(await house.fix(sweep_held_back)) == [Kind.HELD_BACK_SNAPSHOT]
    assert snapshots_of(house, file) == []


async def test_until_then_it_stays() -> None:
    house = House()
    file = house.history().hold_back()
    recent = {"last_modified": house.tools().left_before}
    house.s3.change_newest("ingest", failure_key(file.file_id, Stage.CATALOG, 0, 1), **recent)

    assert await house.fix(sweep_held_back) == []
    assert len(snapshots_of(house, file)) == 1


async def test_while_its_consent_is_in_work_it_stays() -> None:
    house = House()
    file = house.history().hold_back()
    file.open(1, Stage.CATALOG, accepts_shrink=True)

    assert await house.fix(sweep_held_back) == []
    assert len(snapshots_of(house, file)) == 1


async def test_files_that_failed_otherwise_are_left_alone() -> None:
    house = House()
    file = house.history()
    file.decrypt()
    file.normalize(mode="snapshot")
    file.fail(Stage.CATALOG, code="COLUMNS_DIFFER")

    assert await house.fix(sweep_held_back) == []


async def test_the_current_snapshot_of_the_same_file_stays() -> None:
    house, lake = House(), Lake()
    file = house.history().hold_back()
    await lake.snapshots().switch(lake.put(file.file, snapshot(file.file)))
    house.catalog.parameters["subscribers"] = lake.glue.tables["subscribers"]["Parameters"]
    house.catalog.partitions["subscribers"] = {}

    assert kinds(await house.fix(sweep_held_back)) == []
    assert len(snapshots_of(house, file)) == 1
