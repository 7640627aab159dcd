"""On AWS, SQS itself moves whole dead-letter queues; what is chosen more closely goes letter by letter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import pytest

from landfall import cli
from landfall.commands import dlq
from landfall.deployment import Deployment
from landfall.operating.move_records import QueueMove, QueueMoveResult
from shared.layout import move_result_key
from shared.stages import Stage
from tests.commands import json_command
from tests.doubles.queues import InMemoryQueues
from tests.doubles.s3 import InMemoryS3
from tests.histories import REPLAY
from tests.unit.operating.house import DEPLOYMENT


@dataclass
class Account:
    """AWS as the command sees it."""

    queues: InMemoryQueues
    bucket: InMemoryS3
    deployment: Deployment = DEPLOYMENT
    on_aws: bool = True

    def sqs(self) -> Any:
        return self.queues.client()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def s3(self) -> Any:
        return self.bucket


@pytest.fixture
def s3() -> InMemoryS3:
    return InMemoryS3()


@pytest.fixture
def queues(monkeypatch: pytest.MonkeyPatch, s3: InMemoryS3) -> InMemoryQueues:
    account = Account(InMemoryQueues(), s3)
    monkeypatch.setattr(dlq, "Clients", lambda: account)
    monkeypatch.setattr(dlq, "find_target", lambda: account)
    monkeypatch.setattr(dlq, "new_replay", lambda _: REPLAY)
    for _ in range(3):
        account.queues.dead(Stage.NORMALIZE, "{}", code="NO_RECIPE")
    return account.queues


def test_whole_queues_are_moved_by_sqs(queues: InMemoryQueues, capsys: pytest.CaptureFixture[str]) -> None:
    told = json_command(capsys)("dlq", "replay", "--all", "--yes")
    assert told["moved"] == {"decrypt": 0, "normalize": 3, "catalog": 0, "archive": 0}
    assert len(queues.bodies(Stage.NORMALIZE)) == 3
    assert queues.calls == []


def test_who_had_them_moved_is_on_record(
    queues: InMemoryQueues, s3: InMemoryS3, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json_command(capsys)("dlq", "replay", "--all", "--yes")
    assert (told["replay_id"], told["record"]) == (
        REPLAY.replay_id,
        f"manifests/moves/{REPLAY.replay_id}.json",
    )
    record = QueueMove.model_validate_json(s3.objects["ingest", told["record"]])
    assert (record.replay, record.stages) == (REPLAY, tuple(Stage))
    result = QueueMoveResult.model_validate_json(s3.objects["ingest", move_result_key(REPLAY.replay_id)])
    assert result.moved == {stage: len(queues.bodies(stage)) for stage in Stage}


def test_it_is_on_record_before_sqs_moves_the_first(
    queues: InMemoryQueues, s3: InMemoryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(dlq, "move_all", killed)
    cli.main(["dlq", "replay", "--all", "--stage", "catalog", "--yes"])
    (body,) = s3.objects.values()
    assert QueueMove.model_validate_json(body) == QueueMove(replay=REPLAY, stages=(Stage.CATALOG,))


def test_a_stage_can_be_moved_alone(queues: InMemoryQueues, capsys: pytest.CaptureFixture[str]) -> None:
    told = json_command(capsys)("dlq", "replay", "--all", "--stage", "catalog", "--yes")
    assert told["moved"] == {"catalog": 0}
    assert queues.dead_ids(Stage.NORMALIZE) != []


def test_a_choice_by_code_goes_letter_by_letter(
    queues: InMemoryQueues, capsys: pytest.CaptureFixture[str]
) -> None:
    queues.dead(Stage.NORMALIZE, "{}", code="OTHER")
    told = json_command(capsys)("dlq", "replay", "--all", "--code", "NO_RECIPE", "--yes")
    assert (len(told["replayed"]), queues.moves) == (3, [])
    assert len(queues.dead_ids(Stage.NORMALIZE)) == 1


def test_sqs_is_not_told_to_move_anything_before_somebody_agreed(
    queues: InMemoryQueues, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["dlq", "replay", "--all"]) == 1
    assert "Nobody is here to be asked" in capsys.readouterr().err
    assert queues.moves == []
