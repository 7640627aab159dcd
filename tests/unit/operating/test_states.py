"""How far a file is, by the names of its records alone."""

from __future__ import annotations

from datetime import date

import pytest

from landfall.operating.states import FileState, recorded_days, state_of, states_of_days
from shared.stages import Stage
from tests.doubles.s3 import InMemoryS3
from tests.histories import History
from tests.unit.operating.reopening import open_again


async def state(file: History) -> FileState:
    found = await state_of(file.s3.store(), "ingest", file.file_id)
    assert found is not None
    return found


def history() -> History:
    return History(InMemoryS3())


@pytest.mark.parametrize("last", [Stage.DECRYPT, Stage.NORMALIZE, Stage.CATALOG])
async def test_a_file_is_with_the_stage_after_the_last_that_succeeded(last: Stage) -> None:
    found = await state(history().through(last))
    assert (found.status, found.next) == ("in progress", last.after)


async def test_a_file_is_done_once_it_is_archived() -> None:
    found = await state(history().through(Stage.ARCHIVE))
    assert (found.status, found.next) == ("done", None)


async def test_a_file_has_failed_where_a_stage_gave_up_and_has_not_succeeded_since() -> None:
    file = history().through(Stage.DECRYPT)
    file.fail(Stage.NORMALIZE)
    file.fail(Stage.NORMALIZE, attempt=2)
    found = await state(file)
    assert (found.status, found.failed, found.next) == ("failed", Stage.NORMALIZE, Stage.NORMALIZE)
    assert [record.name.failure for record in found.failures(Stage.NORMALIZE)] == [1, 2]


async def test_a_failure_that_was_overcome_is_past() -> None:
    file = history().through(Stage.NORMALIZE)
    file.fail(Stage.NORMALIZE)
    assert (await state(file)).status == "in progress"


async def test_only_the_newest_generation_counts() -> None:
    file = history().through(Stage.ARCHIVE)
    file.open(1, Stage.NORMALIZE)
    opened = await state(file)
    assert (opened.generation, opened.status, opened.next) == (1, "in progress", None)
    assert not opened.done
    file.through(Stage.NORMALIZE, generation=1, first=Stage.NORMALIZE)
    assert (await state(file)).next is Stage.CATALOG


async def test_what_stands_of_a_stage_may_be_of_an_earlier_generation() -> None:
    file = history().through(Stage.ARCHIVE)
    file.open(1, Stage.CATALOG)
    record = (await state(file)).success(Stage.NORMALIZE)
    assert record is not None
    assert record.name.generation == 0


async def test_the_days_of_which_anything_is_recorded_are_known_by_their_folders() -> None:
    s3 = InMemoryS3()
    file = History(s3).through(Stage.ARCHIVE)
    s3.put("ingest", "manifests/2024/02/29/20240229-0123456789abcdef/decrypt.0.json", b"{}")
    await open_again(file, 1)
    assert await recorded_days(s3.store(), "ingest") == [date(2024, 2, 29), date(2026, 1, 31)]


async def test_nothing_is_known_of_a_file_without_records() -> None:
    assert await state_of(InMemoryS3().store(), "ingest", "20260131-0123456789abcdef") is None


async def test_objects_that_are_no_records_are_passed_over() -> None:
    file = history().through(Stage.DECRYPT)
    folder = file.keys("manifests/")[0].rpartition("/")[0]
    file.s3.put("ingest", f"{folder}/notes.txt", b"")
    assert (await state(file)).next is Stage.NORMALIZE


async def test_a_day_has_every_file_that_landed_on_it_and_no_other() -> None:
    s3 = InMemoryS3()
    files = [History(s3, f"landing/{n}.zip").through(Stage.DECRYPT) for n in range(20)]
    found = await states_of_days(s3.store(), "ingest", [files[0].file.landing_date])
    assert {each.file_id for each in found} == {file.file_id for file in files}
    assert await states_of_days(s3.store(), "ingest", [files[0].file.landing_date.replace(day=1)]) == []


async def test_a_days_listing_takes_no_more_requests_the_more_days_are_kept() -> None:
    """What keeps `landfall status` quick: sixteen listings a day and no manifest read."""
    s3 = InMemoryS3()
    file = History(s3).through(Stage.ARCHIVE)
    calls: list[str] = []
    client = s3.store().client

    class Counting:
        def get_paginator(self, name: str) -> object:
            calls.append(name)
            return client.get_paginator(name)  # type: ignore[call-overload] # any of them

    store = s3.store()
    store.client = Counting()  # type: ignore[assignment] # all that a listing needs
    await states_of_days(store, "ingest", [file.file.landing_date])
    assert calls == ["list_objects_v2"] * 16
