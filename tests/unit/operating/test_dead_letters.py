"""Dead letters: what they say, and that sending back or dropping them loses none."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from landfall.errors import OperatorError
from landfall.operating.dead_letters import UNDELIVERED, DeadLetter, held
from landfall.operating.letter_moves import drop, move_all, send_back
from services.archiver.story import Storyteller
from shared.errors import WorkerDied
from shared.events import FileDecrypted, FileFailed, MessageRejected, envelope
from shared.identity import file_id
from shared.messages import parse_message
from shared.stages import Stage
from tests.builders import landed, notification
from tests.doubles.queues import QUEUES, SENT_AT_MS, InMemoryQueues
from tests.doubles.s3 import InMemoryS3
from tests.histories import REPLAY

DECRYPTED = envelope(FileDecrypted(file=landed(), generation=0, event_id="e", manifest_key="k"))

FILE_ID = "20260131-0123456789abcdef"


def look(queues: InMemoryQueues) -> list[DeadLetter]:
    with held(queues.client(), QUEUES) as letters:
        return letters


def test_a_letter_tells_what_its_worker_wrote_on_it() -> None:
    queues = InMemoryQueues()
    queues.dead(
        Stage.NORMALIZE, DECRYPTED, code="NO_RECIPE", reason="none has", file_id=FILE_ID, receives="3"
    )
    (letter,) = look(queues)
    assert (letter.stage, letter.code, letter.reason) == (Stage.NORMALIZE, "NO_RECIPE", "none has")
    assert (letter.file_ids, letter.keys, letter.attempts) == ((FILE_ID,), ("landing/a.zip",), 3)
    assert letter.sent_at == datetime.fromtimestamp(SENT_AT_MS / 1000, UTC)


def test_a_letter_with_several_records_is_found_by_the_id_of_each_of_their_files() -> None:
    queues = InMemoryQueues()
    records = [json.loads(notification(f"landing/{name}.zip"))["Records"][0] for name in "abc"]
    ids = [file_id("ingest", f"landing/{name}.zip", "v1", date(2026, 1, 31)) for name in "abc"]
    queues.dead(Stage.DECRYPT, json.dumps({"Records": records}), code="C", file_id=ids[1])
    (letter,) = look(queues)
    assert letter.file_ids == (ids[1], ids[0], ids[2])


def test_what_no_worker_wrote_is_not_taken_for_what_a_worker_writes() -> None:
    queues = InMemoryQueues()
    queues.dead(Stage.NORMALIZE, DECRYPTED, code="C", file_id="../secret", receives="often")
    (letter,) = look(queues)
    assert (letter.file_ids, letter.attempts) == ((landed().file_id,), None)


@pytest.mark.parametrize(
    "poison", ["[" * 100_000, notification("landing/\ud800")], ids=["nested too deep", "no text"]
)
def test_a_poisoned_letter_is_listed_among_the_others(poison: str) -> None:
    queues = InMemoryQueues()
    queues.dead(Stage.DECRYPT, poison)
    queues.dead(Stage.DECRYPT, notification("landing/a.zip"))
    assert [letter.keys for letter in look(queues)] == [(), ("landing/a.zip",)]


def test_a_letter_that_sqs_moved_says_that_its_worker_died() -> None:
    queues = InMemoryQueues()
    queues.dead(Stage.NORMALIZE, DECRYPTED)
    (letter,) = look(queues)
    assert (letter.code, letter.attempts, letter.file_ids) == (WorkerDied.code, None, (landed().file_id,))


def test_a_letter_about_a_file_that_landed_at_midnight_is_found_by_the_id_of_either_day() -> None:
    """S3 dates its notification and the version apart; an outcome names the file by the latter."""
    queues = InMemoryQueues()
    queues.dead(Stage.DECRYPT, notification("landing/a.zip"))
    (letter,) = look(queues)
    day_after = date(2026, 2, 1)
    assert letter.file_ids == (file_id("ingest", "landing/a.zip", "v1", date(2026, 1, 31)),)
    assert letter.is_about([file_id("ingest", "landing/a.zip", "v1", day_after)])
    assert not letter.is_about([file_id("ingest", "landing/a.zip", "v2", day_after)])


def test_a_letter_is_found_by_the_id_that_its_stage_announced() -> None:
    queues = InMemoryQueues()
    sent = queues.dead(Stage.DECRYPT, "no JSON", code="MESSAGE_UNREADABLE", message_id="as-announced")
    (letter,) = look(queues)
    assert letter.is_about(["as-announced"])
    assert letter.is_about([sent.message_id])
    assert not letter.is_about(["another"])


def test_the_command_that_an_outcome_gives_for_a_rejected_message_names_its_letter() -> None:
    queues = InMemoryQueues()
    queues.dead(Stage.DECRYPT, "no JSON", code="MESSAGE_UNREADABLE", message_id="as-announced")
    rejected = MessageRejected(
        event_id="e",
        stage=Stage.DECRYPT,
        message_id="as-announced",
        code="MESSAGE_UNREADABLE",
        message="no",
        advice="Look.",
    )
    outcome = Storyteller(InMemoryS3().store()).rejection(rejected)
    command, _, name = outcome.replay_command.rpartition(" ")
    (letter,) = look(queues)
    assert (command, letter.is_about([name])) == ("landfall dlq replay", True)


def test_an_event_that_could_not_be_delivered_says_so() -> None:
    queues = InMemoryQueues()
    queues.dead(Stage.NORMALIZE, DECRYPTED, ERROR_CODE="SDK_CLIENT_ERROR", RULE_ARN="arn")
    (letter,) = look(queues)
    assert letter.code == UNDELIVERED
    assert "SDK_CLIENT_ERROR" in letter.reason


def test_a_letter_that_nobody_can_read_is_listed_all_the_same() -> None:
    queues = InMemoryQueues()
    queues.dead(Stage.DECRYPT, "no JSON", code="MESSAGE_UNREADABLE")
    (letter,) = look(queues)
    assert (letter.code, letter.file_ids, letter.requests) == ("MESSAGE_UNREADABLE", (), ())


def test_a_failure_that_could_not_be_announced_is_a_report() -> None:
    report = FileFailed(
        file=landed(),
        generation=0,
        event_id="e",
        failed_stage=Stage.DECRYPT,
        attempt=1,
        code="C",
        manifest_key="k",
    )
    queues = InMemoryQueues()
    queues.dead(Stage.ARCHIVE, envelope(report))
    queues.dead(Stage.NORMALIZE, DECRYPTED)
    assert [letter.is_report for letter in look(queues)] == [False, True]


def test_looking_leaves_every_letter_visible_however_many_there_are() -> None:
    queues = InMemoryQueues()
    for stage in (Stage.DECRYPT, Stage.CATALOG):
        for _ in range(250):
            queues.dead(stage, DECRYPTED)
    assert len(look(queues)) == 500
    assert [queues.visible_dead(stage) for stage in Stage] == [250, 0, 250, 0]


def test_letters_are_visible_again_when_the_command_fails() -> None:
    queues = InMemoryQueues()
    queues.dead(Stage.DECRYPT, DECRYPTED)
    with pytest.raises(KeyboardInterrupt), held(queues.client(), QUEUES):
        raise KeyboardInterrupt
    assert queues.visible_dead(Stage.DECRYPT) == 1


def test_letters_go_back_to_their_own_stage_and_are_gone_then() -> None:
    queues = InMemoryQueues()
    queues.dead(Stage.DECRYPT, notification("landing/a.zip"))
    queues.dead(Stage.NORMALIZE, DECRYPTED)
    with held(queues.client(), QUEUES) as letters:
        send_back(queues.client(), QUEUES, letters)
    assert [len(queues.bodies(stage)) for stage in Stage] == [1, 1, 0, 0]
    assert [len(queues.dead_ids(stage)) for stage in Stage] == [0, 0, 0, 0]


def test_each_letter_is_sent_before_it_is_deleted() -> None:
    queues = InMemoryQueues()
    for _ in range(25):
        queues.dead(Stage.NORMALIZE, DECRYPTED)
    with held(queues.client(), QUEUES) as letters:
        queues.calls.clear()
        send_back(queues.client(), QUEUES, letters)
    assert queues.calls == ["send", "delete"] * 3


def test_what_sqs_refuses_stays_a_dead_letter() -> None:
    queues = InMemoryQueues(refuse={"poison"})
    kept = queues.dead(Stage.NORMALIZE, "poison")
    queues.dead(Stage.NORMALIZE, DECRYPTED)
    with held(queues.client(), QUEUES) as letters, pytest.raises(OperatorError, match="refused 1 letters"):
        send_back(queues.client(), QUEUES, letters)
    assert queues.dead_ids(Stage.NORMALIZE) == [kept.message_id]
    assert queues.visible_dead(Stage.NORMALIZE) == 1


def test_batches_stay_below_what_one_call_may_hold() -> None:
    queues = InMemoryQueues()
    large = json.dumps({"Records": [], "padding": "x" * 150_000})
    for _ in range(3):
        queues.dead(Stage.DECRYPT, large)
    with held(queues.client(), QUEUES) as letters:
        queues.calls.clear()
        send_back(queues.client(), QUEUES, letters)
    assert queues.calls == ["send", "delete"] * 3


@pytest.mark.parametrize("body", [DECRYPTED, notification("landing/a.zip")], ids=["event", "notification"])
def test_a_letter_that_goes_back_says_who_sent_it(body: str) -> None:
    queues = InMemoryQueues()
    queues.dead(Stage.NORMALIZE, body)
    with held(queues.client(), QUEUES) as letters:
        send_back(queues.client(), QUEUES, letters, REPLAY)
    (request,) = parse_message(queues.bodies(Stage.NORMALIZE)[0])
    (before,) = parse_message(body)
    assert getattr(request, "replay") == REPLAY  # noqa: B009 - of either kind of request
    assert getattr(request, "file") == getattr(before, "file")  # noqa: B009


def test_a_body_that_cannot_be_read_goes_back_as_it_is() -> None:
    queues = InMemoryQueues()
    bodies = ["no JSON", "[1]", '{"detail": 3}', "[" * 100_000]
    for body in bodies:
        queues.dead(Stage.DECRYPT, body)
    with held(queues.client(), QUEUES) as letters:
        send_back(queues.client(), QUEUES, letters, REPLAY)
    assert queues.bodies(Stage.DECRYPT) == bodies


def test_dropping_deletes_and_sends_nothing() -> None:
    queues = InMemoryQueues()
    queues.dead(Stage.NORMALIZE, DECRYPTED)
    with held(queues.client(), QUEUES) as letters:
        drop(queues.client(), QUEUES, letters)
    assert (queues.dead_ids(Stage.NORMALIZE), queues.bodies(Stage.NORMALIZE)) == ([], [])


def test_sqs_itself_moves_a_whole_queue_to_where_it_came_from() -> None:
    queues = InMemoryQueues()
    for _ in range(30):
        queues.dead(Stage.NORMALIZE, DECRYPTED)
    assert move_all(queues.client(), QUEUES[Stage.NORMALIZE]) == 30
    assert len(queues.bodies(Stage.NORMALIZE)) == 30


def test_a_move_that_sqs_gives_up_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    queues = InMemoryQueues()
    task = {"Status": "FAILED", "FailureReason": "AWS.SimpleQueueService.NonExistentQueue"}
    monkeypatch.setattr(queues, "list_message_move_tasks", lambda **_: {"Results": [task]})
    with pytest.raises(OperatorError, match="NonExistentQueue"):
        move_all(queues.client(), QUEUES[Stage.NORMALIZE])
