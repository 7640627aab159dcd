"""What a look at some days sees of all the others: whatever is not done, however old."""

from __future__ import annotations

from datetime import date

from landfall.operating.survey import survey
from shared.reopened import reopened_files
from shared.stages import Stage
from tests.doubles.s3 import InMemoryS3
from tests.histories import History
from tests.unit.archiver.house import House
from tests.unit.operating.reopening import open_again

LONG_AFTER = date(2026, 6, 1)


async def unfinished(s3: InMemoryS3) -> list[tuple[str, int, str]]:
    found = await survey(s3.store(), "ingest", [LONG_AFTER])
    return [(state.file_id, state.generation, state.status) for state in found.unfinished]


async def test_an_archived_file_is_of_no_interest_after_its_day() -> None:
    file = History(InMemoryS3()).through(Stage.ARCHIVE)
    assert await unfinished(file.s3) == []


async def test_an_archived_file_that_was_opened_again_is_in_work() -> None:
    file = History(InMemoryS3()).through(Stage.ARCHIVE)
    await open_again(file, 1)
    assert await unfinished(file.s3) == [(file.file_id, 1, "in progress")]


async def test_and_has_failed_where_that_run_failed() -> None:
    file = History(InMemoryS3()).through(Stage.ARCHIVE)
    await open_again(file, 1)
    file.fail(Stage.NORMALIZE, generation=1)
    assert await unfinished(file.s3) == [(file.file_id, 1, "failed")]


async def test_its_manifests_decide_whatever_points_to_it() -> None:
    file = History(InMemoryS3()).through(Stage.ARCHIVE)
    await open_again(file, 1)
    file.through(Stage.ARCHIVE, generation=1, first=Stage.NORMALIZE)
    assert await unfinished(file.s3) == []


async def test_once_that_run_is_archived_nothing_points_to_the_file() -> None:
    file = House()
    await file.finish()
    await open_again(file, 1, Stage.CATALOG)
    await open_again(file, 2, Stage.CATALOG)
    file.catalog(2, upstream=0)
    await file.finish(2)
    assert await reopened_files(file.s3.store(), "ingest") == set()


async def test_a_run_that_was_superseded_takes_no_pointer_to_a_later_one_away() -> None:
    file = House()
    await file.finish()
    await open_again(file, 1, Stage.CATALOG)
    file.catalog(1, upstream=0)
    await open_again(file, 2, Stage.CATALOG)
    await file.finish(1)
    assert await unfinished(file.s3) == [(file.file_id, 2, "in progress")]


async def test_a_first_run_leaves_no_pointers() -> None:
    file = House()
    await file.finish()
    assert file.keys("manifests/open/") == []
