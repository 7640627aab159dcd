"""The age of the oldest file in flight is that of the file, whatever became of its message."""

from __future__ import annotations

from datetime import timedelta

import pytest

from landfall.operating.sweeping.progress import Progress, progress_of
from landfall.operating.sweeping.stalls import sweep_stalls
from shared.layout import failure_key, manifest_key, opened_key
from shared.stages import Stage
from tests.doubles.s3 import EPOCH
from tests.histories import History
from tests.unit.operating.house import House


async def measured(house: House, *, announce: bool = False) -> Progress:
    tools = house.tools(announce=announce)
    findings = await sweep_stalls(tools)
    return await progress_of(tools, tools.surveyed[-1], findings)


def age(house: House, file: History) -> float:
    return (house.tools().now - file.file.landed_at).total_seconds()


def date_record(house: House, key: str, hours: float) -> None:
    house.s3.change_newest("ingest", key, last_modified=EPOCH + timedelta(hours=hours))


@pytest.mark.parametrize("last", [Stage.DECRYPT, Stage.NORMALIZE, Stage.CATALOG])
async def test_a_file_counts_from_its_landing_at_the_stage_that_has_it(last: Stage) -> None:
    house = House()
    file = house.history().through(last)
    date_record(house, manifest_key(file.file_id, last, 0), 24.9)
    progress = await measured(house)
    assert progress.oldest == {last.after: age(house, file)}
    assert progress.stalled == 0


async def test_the_oldest_of_many_files_counts() -> None:
    house = House()
    oldest = house.history("landing/a.zip")
    house.history("landing/b.zip")
    assert (await measured(house)).oldest == {Stage.DECRYPT: age(house, oldest)}


async def test_files_that_are_done_resolved_or_given_up_are_not_in_flight() -> None:
    house = House()
    house.history("landing/a.zip").through(Stage.ARCHIVE)
    house.history("landing/b.zip").fail(Stage.DECRYPT)
    assert await measured(house) == Progress({}, 0)


async def test_a_file_that_was_announced_as_stalled_is_in_flight_still() -> None:
    """The announcement says nothing of its message, which may be retried for hours."""
    house = House()
    file = house.history().through(Stage.DECRYPT)
    first = await measured(house, announce=True)
    second = await measured(house, announce=True)
    assert first == second == Progress({Stage.NORMALIZE: age(house, file)}, 1)


async def test_a_stalled_file_that_went_on_still_counts_from_its_landing() -> None:
    house = House()
    file = house.history().through(Stage.DECRYPT)
    file.fail(Stage.NORMALIZE, code="STALLED")
    file.normalize()
    assert (await measured(house)).oldest == {Stage.CATALOG: age(house, file)}


async def test_how_long_a_file_lay_among_the_dead_letters_is_no_delay() -> None:
    house = House()
    file = house.history().through(Stage.DECRYPT)
    file.fail(Stage.NORMALIZE)
    file.normalize()
    date_record(house, failure_key(file.file_id, Stage.NORMALIZE, 0, 1), 1)
    date_record(house, manifest_key(file.file_id, Stage.NORMALIZE, 0), 24)
    assert (await measured(house)).oldest == {Stage.CATALOG: 3600}


async def test_a_replayed_file_counts_from_its_opening_at_the_stage_where_it_begins() -> None:
    house = House()
    file = house.history().through(Stage.ARCHIVE)
    file.open(1, Stage.NORMALIZE)
    date_record(house, opened_key(file.file_id, 1), 24.5)
    assert (await measured(house)).oldest == {Stage.NORMALIZE: 1800}
