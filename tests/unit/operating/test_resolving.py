"""A failure that needs no replay is closed: who, when and why is recorded, and nothing is deleted."""

from __future__ import annotations

import pytest

from landfall.errors import OperatorError
from landfall.operating.resolving import resolve_failure
from landfall.operating.states import FileState, state_of
from landfall.operating.story import story_of
from landfall.operating.survey import Survey, survey
from landfall.operating.sweeping.stalls import sweep_stalls
from shared.manifests import FailureResolved
from shared.stages import Stage
from tests.doubles.s3 import EPOCH
from tests.histories import History
from tests.unit.operating.house import House


async def resolve(file: History, because: str = "sent again") -> FailureResolved:
    return await resolve_failure(file.s3.store(), "ingest", file.file_id, by="ada", at=EPOCH, because=because)


async def state(file: History) -> FileState:
    found = await state_of(file.s3.store(), "ingest", file.file_id)
    assert found is not None
    return found


async def surveyed(file: History) -> Survey:
    return await survey(file.s3.store(), "ingest", [file.file.landing_date])


@pytest.fixture
def file() -> History:
    failed = House().history()
    failed.fail(Stage.DECRYPT)
    return failed


async def test_a_resolved_file_is_counted_apart_and_needs_nobody(file: History) -> None:
    await resolve(file)
    found = await surveyed(file)
    assert (found.counts["resolved"], found.counts["failed"]) == (1, 0)
    assert found.unfinished == []
    assert found.failed_at(Stage.DECRYPT) == []


async def test_who_closed_it_and_why_is_part_of_the_story(file: History) -> None:
    record = await resolve(file, "its version never existed")
    assert (record.code, record.stage, record.generation) == ("HEADER_MISMATCH", Stage.DECRYPT, 0)
    story = await story_of(file.s3.store(), "ingest", file.file_id)
    assert story is not None
    assert story.status == "resolved"
    assert story.failure is not None
    assert story.resolution is not None
    assert (story.resolution.resolved_by, story.resolution.because) == ("ada", "its version never existed")


async def test_a_later_failure_is_open_again_and_can_be_closed_again(file: History) -> None:
    await resolve(file)
    file.fail(Stage.DECRYPT, attempt=2)
    assert (await state(file)).status == "failed"
    await resolve(file)
    assert (await state(file)).status == "resolved"


async def test_a_replay_that_succeeds_counts_more_than_the_closing(file: History) -> None:
    await resolve(file)
    file.through(Stage.ARCHIVE)
    assert (await state(file)).status == "done"


async def test_a_new_generation_is_not_closed_by_the_closing_of_the_last(file: History) -> None:
    await resolve(file)
    file.open(1, Stage.DECRYPT)
    assert (await state(file)).status == "in progress"
    file.fail(Stage.DECRYPT, generation=1)
    assert (await state(file)).status == "failed"


async def test_only_an_open_failure_is_closed() -> None:
    done = House().history().through(Stage.ARCHIVE)
    with pytest.raises(OperatorError, match="no open failure"):
        await resolve(done)
    with pytest.raises(OperatorError, match="Nothing is known"):
        await resolve(House().history())


async def test_a_sweep_leaves_a_resolved_file_alone() -> None:
    house = House()
    file = house.history()
    file.fail(Stage.DECRYPT)
    await resolve(file)
    assert await house.fix(sweep_stalls) == []
