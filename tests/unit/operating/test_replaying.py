"""Which generation runs from which stage when a replay is asked for, and how it is asked."""

from __future__ import annotations

import json

import pytest

from landfall.operating.found import Found
from landfall.operating.replay_plans import Plan, Refusal, Wish, plan_replay
from landfall.operating.replaying import Pace, Requests
from landfall.operating.states import state_of
from shared.events import ReplayRequested, parse_detail
from shared.layout import manifest_key, opened_key
from shared.manifests import ArchiveManifest, GenerationOpened, Original
from shared.stages import Stage
from tests.doubles.queues import QUEUES, InMemoryQueues
from tests.doubles.s3 import InMemoryS3
from tests.histories import REPLAY, History


async def plan(
    file: History, stage: Stage | None = None, *, force: bool = False, or_earlier: bool = False
) -> Plan | Refusal:
    state = await state_of(file.s3.store(), "ingest", file.file_id)
    found = Found(file.file_id, state, None if state else file.file)
    return await plan_replay(file.s3.store(), "ingest", found, Wish(stage, force, or_earlier))


def history() -> History:
    return History(InMemoryS3())


def planned(result: Plan | Refusal) -> tuple[int, Stage, bool]:
    assert isinstance(result, Plan), result
    return result.generation, result.stage, result.opens


def refused(result: Plan | Refusal) -> str:
    assert isinstance(result, Refusal), result
    return result.reason


async def test_a_file_that_only_landed_begins_at_the_beginning() -> None:
    assert planned(await plan(history())) == (0, Stage.DECRYPT, False)


async def test_what_landed_without_versioning_is_never_decrypted_anew() -> None:
    file = history()
    file.file = file.file.model_copy(update={"version_id": "null"})
    assert "versioning" in refused(await plan(file))


async def test_a_failed_file_goes_on_where_it_failed() -> None:
    file = history().through(Stage.NORMALIZE)
    file.fail(Stage.CATALOG)
    assert planned(await plan(file)) == (0, Stage.CATALOG, False)


async def test_a_file_that_is_done_is_only_run_again_by_force() -> None:
    file = history().through(Stage.ARCHIVE)
    assert "--force" in refused(await plan(file))
    assert planned(await plan(file, force=True)) == (1, Stage.DECRYPT, True)
    assert planned(await plan(file, Stage.CATALOG, force=True)) == (1, Stage.CATALOG, True)


async def test_a_stage_that_is_done_says_again_what_it_did_when_asked() -> None:
    assert planned(await plan(history().through(Stage.ARCHIVE), Stage.ARCHIVE)) == (0, Stage.ARCHIVE, False)


async def test_no_stage_runs_before_the_one_it_builds_on() -> None:
    file = history().through(Stage.DECRYPT)
    assert "normalize is not done" in refused(await plan(file, Stage.ARCHIVE))
    assert "never decrypted" in refused(await plan(history(), Stage.NORMALIZE))


async def test_a_generation_goes_on_where_it_stands() -> None:
    file = history().through(Stage.ARCHIVE)
    file.open(1, Stage.NORMALIZE)
    file.fail(Stage.NORMALIZE, generation=1)
    assert planned(await plan(file)) == (1, Stage.NORMALIZE, False)
    assert "--force" in refused(await plan(file, Stage.DECRYPT))


async def test_a_generation_that_was_opened_and_never_requested_is_requested_again() -> None:
    file = history().through(Stage.ARCHIVE)
    file.open(1, Stage.NORMALIZE)
    assert planned(await plan(file, Stage.NORMALIZE, force=True)) == (1, Stage.NORMALIZE, False)
    assert planned(await plan(file)) == (1, Stage.NORMALIZE, False)


async def test_nothing_begins_behind_a_stage_that_is_at_work() -> None:
    file = history().through(Stage.ARCHIVE)
    file.open(1, Stage.DECRYPT)
    file.decrypt(1)
    assert "normalize has it in work" in refused(await plan(file, Stage.CATALOG, force=True))
    assert planned(await plan(file, Stage.NORMALIZE, force=True)) == (2, Stage.NORMALIZE, True)


async def test_a_decryption_that_failed_may_be_left_behind_for_the_members_of_an_earlier_one() -> None:
    file = history().through(Stage.ARCHIVE)
    file.open(1, Stage.DECRYPT)
    file.fail(Stage.DECRYPT, generation=1)
    assert planned(await plan(file, Stage.NORMALIZE, force=True)) == (2, Stage.NORMALIZE, True)
    assert "begin at normalize or earlier" in refused(await plan(file, Stage.CATALOG, force=True))


async def test_nothing_begins_behind_a_normalization_that_failed_and_may_have_put_rows() -> None:
    file = history().through(Stage.ARCHIVE)
    file.open(1, Stage.NORMALIZE)
    file.fail(Stage.NORMALIZE, generation=1)
    assert "begin at normalize or earlier" in refused(await plan(file, Stage.CATALOG, force=True))
    assert planned(await plan(file, Stage.NORMALIZE, force=True)) == (2, Stage.NORMALIZE, True)


async def test_rows_that_the_catalog_was_not_seen_to_hold_are_not_archived_by_what_it_held_before() -> None:
    file = history().through(Stage.ARCHIVE)
    file.open(1, Stage.NORMALIZE)
    file.normalize(1)
    file.fail(Stage.CATALOG, generation=1)
    assert "begin at catalog or earlier" in refused(await plan(file, Stage.ARCHIVE, force=True))


async def test_a_file_that_never_got_so_far_is_not_begun_there() -> None:
    file = history()
    file.fail(Stage.DECRYPT)
    assert "begin at decrypt" in refused(await plan(file, Stage.NORMALIZE, force=True))
    assert "begin at decrypt" in refused(await plan(file, Stage.CATALOG, force=True))


async def test_without_raw_members_a_file_begins_at_decryption() -> None:
    file = history().through(Stage.CATALOG)
    archived = file.archive()
    removed = ArchiveManifest.model_validate(
        archived.model_dump() | {"removed": [Original(source_key="raw/x", source_version="v")]}
    )
    key = manifest_key(file.file_id, Stage.ARCHIVE, 0)
    file.s3.put("ingest", key, removed.model_dump_json().encode())
    assert "--from decrypt" in refused(await plan(file, Stage.NORMALIZE, force=True))
    begun = await plan(file, Stage.NORMALIZE, force=True, or_earlier=True)
    assert planned(begun) == (1, Stage.DECRYPT, True)


def requests(file: History, queues: InMemoryQueues) -> Requests:
    return Requests(file.s3.store(), queues.asynchronous(), "ingest", QUEUES, REPLAY)


async def test_a_request_carries_the_files_identity_and_who_asked() -> None:
    file, queues = history().through(Stage.ARCHIVE), InMemoryQueues()
    wanted = Plan(file.file, 1, Stage.NORMALIZE, opens=True)
    assert await requests(file, queues).send([wanted], Pace(0)) == []
    event = parse_detail(json.loads(queues.bodies(Stage.NORMALIZE)[0])["detail"])
    assert isinstance(event, ReplayRequested)
    assert (event.file, event.generation, event.replay) == (file.file, 1, REPLAY)


async def test_a_generation_is_recorded_before_it_is_requested() -> None:
    file, queues = history().through(Stage.ARCHIVE), InMemoryQueues()
    seen: list[bool] = []
    send = queues.send_message_batch

    def look(**call: object) -> object:
        seen.append(("ingest", opened_key(file.file_id, 1)) in file.s3.objects)
        return send(**call)  # type: ignore[arg-type] # as it was called

    queues.send_message_batch = look  # type: ignore[method-assign] # to look on
    await requests(file, queues).send([Plan(file.file, 1, Stage.NORMALIZE, opens=True)], Pace(0))
    body = file.s3.objects["ingest", opened_key(file.file_id, 1)]
    assert seen == [True]
    assert GenerationOpened.model_validate_json(body).from_stage is Stage.NORMALIZE


async def test_of_two_who_open_a_generation_at_once_one_is_told_so() -> None:
    file, queues = history().through(Stage.ARCHIVE), InMemoryQueues()
    file.open(1, Stage.CATALOG)
    wanted = Plan(file.file, 1, Stage.NORMALIZE, opens=True)
    (refusal,) = await requests(file, queues).send([wanted], Pace(0))
    assert "somebody else" in refusal.reason
    assert queues.bodies(Stage.NORMALIZE) == []


async def test_requests_go_out_ten_by_ten_each_to_its_stage() -> None:
    s3, queues = InMemoryS3(), InMemoryQueues()
    files = [History(s3, f"landing/{n}.zip") for n in range(25)]
    plans = [Plan(each.file, 0, list(Stage)[n % 2], opens=False) for n, each in enumerate(files)]
    done: list[int] = []
    await requests(files[0], queues).send(plans, Pace(0), done.append)
    assert [len(queues.bodies(stage)) for stage in Stage] == [13, 12, 0, 0]
    assert done == [10, 10, 5]


async def test_a_pace_spreads_requests_over_time(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(round(seconds, 1))

    monkeypatch.setattr("landfall.operating.replaying.asyncio.sleep", sleep)
    monkeypatch.setattr("landfall.operating.replaying.time.monotonic", lambda: 100.0)
    pace = Pace(20)
    for _ in range(3):
        await pace.take(10)
    assert slept == [0.0, 0.5, 1.0]
