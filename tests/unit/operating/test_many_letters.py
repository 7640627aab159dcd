"""Hundreds of dead letters of several kinds: told by kind, moved by kind, with a sign of progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from landfall import cli
from landfall.commands import dlq
from landfall.deployment import Deployment
from shared.stages import Stage
from tests.doubles.queues import InMemoryQueues
from tests.histories import REPLAY
from tests.unit.operating.house import DEPLOYMENT

KINDS = {
    "KMS_KEY_DISABLED": (Stage.DECRYPT, 60),
    "ZIP_TRUNCATED": (Stage.DECRYPT, 41),
    "NO_RECIPE": (Stage.NORMALIZE, 1),
}


@dataclass
class Emulated:
    """A local stack as the command sees it."""

    queues: InMemoryQueues
    deployment: Deployment = DEPLOYMENT
    on_aws: bool = False

    def sqs(self) -> Any:
        return self.queues.client()


@pytest.fixture
def queues(monkeypatch: pytest.MonkeyPatch) -> InMemoryQueues:
    target = Emulated(InMemoryQueues())
    monkeypatch.setattr(dlq, "find_target", lambda: target)
    monkeypatch.setattr(dlq, "new_replay", lambda _: REPLAY)
    for code, (stage, count) in KINDS.items():
        for _ in range(count):
            target.queues.dead(stage, "{}", code=code)
    return target.queues


def test_a_list_ends_with_how_many_there_are_of_each_kind(
    queues: InMemoryQueues, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["dlq", "ls"]) == 0
    shown = capsys.readouterr()
    assert len(shown.out.splitlines()) == 1 + 102
    assert (
        "102 dead letters: 60 KMS_KEY_DISABLED in decrypt, 41 ZIP_TRUNCATED in decrypt, "
        "1 NO_RECIPE in normalize." in shown.err
    )


def test_many_are_told_of_by_kind_and_a_few_one_by_one(
    queues: InMemoryQueues, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["dlq", "drop", "--all", "--code", "ZIP_TRUNCATED", "--yes"]) == 0
    assert capsys.readouterr().out == "41 dead letters dropped: 41 ZIP_TRUNCATED in decrypt\n"
    assert cli.main(["dlq", "replay", "--all", "--code", "NO_RECIPE"]) == 0
    assert capsys.readouterr().out.endswith(" (normalize, NO_RECIPE) went back to its queue\n")


def test_progress_is_shown_and_every_letter_moved(
    queues: InMemoryQueues, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["dlq", "replay", "--all", "--code", "KMS_KEY_DISABLED", "--yes"]) == 0
    assert "Sent back: 50 of 60" in capsys.readouterr().err
    assert len(queues.bodies(Stage.DECRYPT)) == 60
    assert len(queues.dead_ids(Stage.DECRYPT)) == 41


def test_one_letter_is_shown_in_words(queues: InMemoryQueues, capsys: pytest.CaptureFixture[str]) -> None:
    name = queues.dead_ids(Stage.NORMALIZE)[0]
    assert cli.main(["dlq", "show", name]) == 0
    shown = capsys.readouterr().out
    assert f"dead letter  {name}" in shown
    assert "file id      none" in shown
