"""A file's story is told from its manifests: those of the newest run, and those that it stands on."""

from __future__ import annotations

from landfall.operating.story import story_of
from landfall.operating.story_parts import FileStory
from shared.manifests import MemberCounts
from shared.stages import Stage
from tests.doubles.s3 import InMemoryS3
from tests.histories import REPLAY, History


async def story(file: History) -> FileStory:
    found = await story_of(file.s3.store(), "ingest", file.file_id)
    assert found is not None
    return found


def history() -> History:
    return History(InMemoryS3())


async def test_a_finished_file_tells_times_attempts_rows_and_where_everything_is() -> None:
    told = await story(history().through(Stage.ARCHIVE))
    assert (told.status, told.stage, told.generation) == ("done", Stage.ARCHIVE, 0)
    assert [stage.stage for stage in told.stages] == list(Stage)
    assert [(stage.seconds, stage.attempts) for stage in told.stages] == [(60.0, 1)] * 4
    assert [stage.waited_seconds for stage in told.stages] == [60.0] * 4
    assert (told.rows_in, told.rows_out, told.rows_rejected) == (5, 4, 1)
    assert [address.partition("/subscribers/")[0] for address in told.outputs] == ["s3://curated"]
    assert len(told.archived) == 2


async def test_every_member_is_accounted_for() -> None:
    file = history()
    file.decrypt(members=("Subscribers.csv", "Notes.txt"), skipped=("Thumbs.db",))
    assert (await story(file)).members is None
    file.normalize(unmatched=("Notes.txt",))
    assert (await story(file)).members == MemberCounts(members_in=3, normalized=1, unmatched=1, skipped=1)


async def test_a_failed_file_tells_why_and_what_to_do() -> None:
    file = history().through(Stage.DECRYPT)
    file.fail(Stage.NORMALIZE, code="OLD")
    file.fail(Stage.NORMALIZE, attempt=2)
    told = await story(file)
    assert told.failure is not None
    assert (told.status, told.failure.code, told.failure.advice) == (
        "failed",
        "HEADER_MISMATCH",
        "Export them.",
    )
    assert told.failure.replay_command == f"landfall dlq replay {file.file_id}"
    assert (told.stages[-1].status, told.stages[-1].failures) == ("failed", 2)


async def test_a_file_that_failed_before_anything_succeeded_is_told_too() -> None:
    file = history()
    file.fail(Stage.DECRYPT)
    told = await story(file)
    assert (told.file, told.status, [stage.stage for stage in told.stages]) == (
        file.file,
        "failed",
        [Stage.DECRYPT],
    )


async def test_a_replayed_file_tells_who_asked_and_shows_what_still_stands() -> None:
    file = history().through(Stage.ARCHIVE)
    file.open(1, Stage.CATALOG)
    file.through(Stage.CATALOG, generation=1, first=Stage.CATALOG)
    told = await story(file)
    assert [(stage.stage, stage.generation) for stage in told.stages] == [
        (Stage.DECRYPT, 0),
        (Stage.NORMALIZE, 0),
        (Stage.CATALOG, 1),
    ]
    (replay,) = told.replays
    assert (replay.requested_by, replay.from_stage, replay.generation) == (
        REPLAY.requested_by,
        Stage.CATALOG,
        1,
    )
    assert told.rows_out == 4


async def test_a_generation_of_which_nothing_is_recorded_yet_shows_what_it_will_stand_on() -> None:
    file = history().through(Stage.ARCHIVE)
    file.open(1, Stage.NORMALIZE)
    told = await story(file)
    assert (told.status, [stage.stage for stage in told.stages]) == ("in progress", [Stage.DECRYPT])
    assert told.archived == []
