"""Accepting a snapshot that was held back: one file, a new generation from the catalog stage, who and why."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from landfall.errors import OperatorError
from landfall.operating.accepting import plan_accepted
from landfall.operating.replay_plans import Plan
from landfall.operating.replaying import Pace, Requests
from landfall.operating.story import story_of
from shared.layout import opened_key
from shared.manifests import GenerationOpened
from shared.stages import Stage
from tests.doubles.queues import QUEUES, InMemoryQueues
from tests.doubles.s3 import InMemoryS3
from tests.histories import REPLAY, History


def history() -> History:
    return History(InMemoryS3())


async def planned(file: History, what: str | None = None) -> Plan:
    (plan,) = (await plan_accepted(file.s3.store(), "ingest", what or file.file_id, [], "they moved")).plans
    return plan


async def refused(file: History) -> str:
    (refusal,) = (await plan_accepted(file.s3.store(), "ingest", file.file_id, [], "they moved")).refused
    return refusal.reason


async def test_a_snapshot_that_was_held_back_begins_a_generation_at_catalog() -> None:
    plan = await planned(history().hold_back())

    assert (plan.generation, plan.stage, plan.opens) == (1, Stage.CATALOG, True)
    assert (plan.accepts_shrink, plan.because) == (True, "they moved")


async def test_who_and_why_is_recorded_and_shown() -> None:
    file, queues = history().hold_back(), InMemoryQueues()
    requests = Requests(file.s3.store(), queues.asynchronous(), "ingest", QUEUES, REPLAY)

    await requests.send([await planned(file)], Pace(0))

    opened = GenerationOpened.model_validate_json(file.s3.objects["ingest", opened_key(file.file_id, 1)])
    assert (opened.accepts_shrink, opened.because, opened.replay) == (True, "they moved", REPLAY)
    story = await story_of(file.s3.store(), "ingest", file.file_id)
    assert story is not None
    assert [(each.accepts_shrink, each.because) for each in story.replays] == [(True, "they moved")]


async def test_until_then_the_files_story_has_the_command() -> None:
    file = history().hold_back()

    story = await story_of(file.s3.store(), "ingest", file.file_id)

    assert story is not None
    assert story.failure is not None
    command = f"landfall replay {file.file_id} --accept-shrink --because TEXT"
    assert (story.failure.code, story.failure.replay_command) == ("SNAPSHOT_SHRUNK", command)


def accepted(file: History) -> None:
    file.hold_back().open(1, Stage.CATALOG, accepts_shrink=True)


async def test_a_command_that_was_killed_before_its_request_goes_on_with_its_generation() -> None:
    file = history()
    accepted(file)

    plan = await planned(file)

    assert (plan.generation, plan.stage, plan.opens) == (1, Stage.CATALOG, False)


async def test_one_that_was_held_back_again_by_another_replay_can_be_accepted() -> None:
    file = history().hold_back()
    file.open(1, Stage.NORMALIZE)
    file.hold_back(1)

    assert (await planned(file)).generation == 2


def done(file: History) -> None:
    file.through(Stage.ARCHIVE)


def failed_otherwise(file: History) -> None:
    file.through(Stage.NORMALIZE).fail(Stage.CATALOG)


def running_again(file: History) -> None:
    file.hold_back().open(1, Stage.CATALOG)


@pytest.mark.parametrize("happened", [done, failed_otherwise, running_again])
async def test_where_no_snapshot_is_held_back_there_is_nothing_to_accept(
    happened: Callable[[History], None],
) -> None:
    file = history()
    happened(file)

    assert await refused(file) == "no snapshot of it is held back"


async def test_a_snapshot_whose_rows_are_gone_must_be_normalised_again_first() -> None:
    file = history().hold_back()
    for key in [key for key in file.s3.versions if key[0] == "curated"]:
        del file.s3.versions[key]

    assert "--from normalize --force" in await refused(file)


async def test_several_files_are_not_accepted_at_once() -> None:
    file = history().hold_back()
    History(file.s3, "landing/20260131_Other.zip").hold_back()

    with pytest.raises(OperatorError, match="one file at a time"):
        await planned(file, "s3://ingest/landing/")
