"""Which files a replay of all failed ones takes."""

from __future__ import annotations

from landfall.operating.replay_plans import Wish
from landfall.operating.replay_selection import plan_failed
from shared.stages import Stage
from tests.doubles.s3 import InMemoryS3
from tests.histories import History
from tests.unit.operating.reopening import open_again


async def test_all_failed_files_go_on_where_each_of_them_stands() -> None:
    s3 = InMemoryS3()
    History(s3, "landing/done.zip").through(Stage.ARCHIVE)
    early = History(s3, "landing/early.zip")
    early.fail(Stage.DECRYPT)
    late = History(s3, "landing/late.zip").through(Stage.NORMALIZE)
    late.fail(Stage.CATALOG)
    planned = await plan_failed(s3.store(), "ingest", None, Wish())
    assert {(plan.file.file_id, plan.stage) for plan in planned.plans} == {
        (early.file_id, Stage.DECRYPT),
        (late.file_id, Stage.CATALOG),
    }


async def test_a_file_that_was_archived_long_ago_is_found_when_its_replay_fails() -> None:
    s3 = InMemoryS3()
    old = History(s3, "landing/old.zip").through(Stage.ARCHIVE)
    await open_again(old, 1)
    old.fail(Stage.NORMALIZE, generation=1)
    (plan,) = (await plan_failed(s3.store(), "ingest", None, Wish())).plans
    assert (plan.file.file_id, plan.generation, plan.stage) == (old.file_id, 1, Stage.NORMALIZE)


async def test_and_so_is_every_one_of_many_of_a_day() -> None:
    s3 = InMemoryS3()
    files = [History(s3, f"landing/{n}.zip").through(Stage.ARCHIVE) for n in range(120)]
    for file in files[:110]:
        await open_again(file, 1)
        file.fail(Stage.NORMALIZE, generation=1)
    planned = await plan_failed(s3.store(), "ingest", None, Wish())
    assert {plan.file.file_id for plan in planned.plans} == {file.file_id for file in files[:110]}


async def test_a_code_leaves_the_others_out() -> None:
    s3 = InMemoryS3()
    stalled = History(s3, "landing/stalled.zip")
    stalled.fail(Stage.DECRYPT, code="STALLED")
    History(s3, "landing/other.zip").fail(Stage.DECRYPT)
    planned = await plan_failed(s3.store(), "ingest", "STALLED", Wish())
    assert [plan.file.file_id for plan in planned.plans] == [stalled.file_id]
