"""What ``landfall replay`` says of how far back it looked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Self

import pytest

from landfall import cli
from landfall.commands import replay
from landfall.deployment import Deployment
from shared.stages import Stage
from tests.commands import json_command
from tests.doubles.s3 import InMemoryS3
from tests.histories import REPLAY, History
from tests.unit.operating.house import DEPLOYMENT


@dataclass
class Account:
    """AWS as the command sees it; also what makes its clients."""

    bucket: InMemoryS3
    deployment: Deployment = DEPLOYMENT

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def s3(self) -> Any:
        return self.bucket


@pytest.fixture(autouse=True)
def file(monkeypatch: pytest.MonkeyPatch) -> History:
    account = Account(InMemoryS3())
    monkeypatch.setattr(replay, "find_target", lambda: account)
    monkeypatch.setattr(replay, "new_replay", lambda _: REPLAY)
    monkeypatch.setattr(replay, "Clients", lambda: account)
    return History(account.bucket).through(Stage.ARCHIVE)


def test_stale_files_are_looked_for_whenever_they_landed(
    file: History, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json_command(capsys)("replay", "--stale", "--dry-run")
    assert [each["file_id"] for each in told["replayed"]] == [file.file_id]
    assert told["landed_since"] is None


def test_or_since_a_day_which_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    told = json_command(capsys)("replay", "--stale", "--since", "2026-02-01", "--dry-run")
    assert (told["replayed"], told["landed_since"]) == ([], "2026-02-01")
    assert cli.main(["replay", "--stale", "--since", "2026-02-01", "--dry-run"]) == 0
    assert "landed since 2026-02-01" in capsys.readouterr().err


def test_a_prefix_of_landing_says_how_far_back_it_looked(
    file: History, capsys: pytest.CaptureFixture[str]
) -> None:
    History(file.s3, "landing/new.zip")
    told = json_command(capsys)("replay", "landing/", "--dry-run")
    looked_back = datetime.now(UTC).date() - date.fromisoformat(told["landed_since"])
    assert looked_back.days in (31, 32)  # where midnight passed meanwhile


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--accept-shrink"], "--because TEXT"),
        (["--accept-shrink", "--because", "  "], "--because TEXT"),
        (["--accept-shrink", "--because", "x" * 501], "500 characters"),
        (["--because", "they moved"], "goes with --accept-shrink"),
        (["--accept-shrink", "--because", "they moved", "--force"], "nothing else"),
        (["--accept-shrink", "--because", "they moved", "--from", "normalize"], "nothing else"),
    ],
)
def test_consent_is_for_one_file_and_says_why(
    options: list[str], words: str, file: History, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["replay", file.file_id, *options]) == 2
    assert words in " ".join(capsys.readouterr().err.split())


def test_consent_begins_at_catalog(file: History, capsys: pytest.CaptureFixture[str]) -> None:
    held_back = History(file.s3, "landing/held.zip").hold_back()
    options = ["--accept-shrink", "--because", "they moved", "--dry-run"]

    (told,) = json_command(capsys)("replay", held_back.file_id, *options)["replayed"]

    assert (told["generation"], told["from"], told["accepts_shrink"]) == (1, "catalog", True)


def test_a_file_id_is_looked_for_everywhere(file: History, capsys: pytest.CaptureFixture[str]) -> None:
    told = json_command(capsys)("replay", file.file_id, "--force", "--dry-run")
    assert [each["generation"] for each in told["replayed"]] == [1]
    assert told["landed_since"] is None
