"""``landfall recipe upgrade``: says what it would change, and changes it only when told to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import pytest

from landfall import cli
from landfall.commands import recipe_upgrade, replay
from landfall.deployment import Deployment
from services.normalizer.locking.document import LockDocument
from services.normalizer.matchkeys import FIRST_VERSIONS, NEWEST_VERSIONS
from services.normalizer.recipes import load_recipes
from services.normalizer.settings import BUILT_IN_RECIPES
from shared.layout import PROFILE_LOCK
from shared.stages import Stage
from tests.commands import Command, json_command
from tests.doubles.queues import InMemoryQueues
from tests.doubles.s3 import EPOCH, InMemoryS3
from tests.histories import REPLAY, History
from tests.unit.operating.house import DEPLOYMENT

NEWEST = NEWEST_VERSIONS["plain"]
RECIPE = load_recipes(BUILT_IN_RECIPES).named("subscribers")
OF_VERSION_1 = RECIPE.under(FIRST_VERSIONS).fingerprint


@dataclass
class Account:
    """AWS as the commands see it; also what makes its clients."""

    bucket: InMemoryS3
    queues: InMemoryQueues
    deployment: Deployment = DEPLOYMENT

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def s3(self) -> Any:
        return self.bucket

    async def sqs(self) -> Any:
        return self.queues.asynchronous()

    @property
    def locked(self) -> dict[str, Any]:
        """The lock's entry for the table."""
        document = json.loads(self.bucket.objects["ingest", PROFILE_LOCK])
        entry: dict[str, Any] = document["datasets"]["subscribers"]
        return entry

    def lock(self, versions: dict[str, int]) -> None:
        document = LockDocument().with_versions("subscribers", versions, "normalizer", EPOCH)
        self.bucket.put("ingest", PROFILE_LOCK, document.to_json())


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    account = Account(InMemoryS3(), InMemoryQueues())
    for command in (recipe_upgrade, replay):
        monkeypatch.setattr(command, "find_target", lambda: account)
        monkeypatch.setattr(command, "new_replay", lambda _: REPLAY)
        monkeypatch.setattr(command, "Clients", lambda: account)
    return account


@pytest.fixture
def landfall(capsys: pytest.CaptureFixture[str]) -> Command:
    return json_command(capsys)


def a_file(account: Account, key: str = "landing/20260131_Extract.zip") -> History:
    """A file whose rows are of version 1."""
    file = History(account.bucket, key)
    file.decrypt()
    file.normalize(recipe_fingerprint=OF_VERSION_1, profiles={"email_plain": "plain@1"})
    file.catalog()
    file.archive()
    return file


def test_without_yes_it_says_what_would_change_and_changes_nothing(
    account: Account, landfall: Command
) -> None:
    a_file(account)
    account.lock({"plain": 1})
    told = landfall("recipe", "upgrade", "subscribers")
    assert told["changes"] == [{"profile": "plain", "from": 1, "to": NEWEST}]
    assert (told["files"], told["rows"], told["upgraded"]) == (1, 5, False)
    assert account.locked["profiles"] == {"plain": 1}


def test_a_person_who_pipes_it_is_told_how_to_do_it(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    a_file(account)
    account.lock({"plain": 1})
    assert cli.main(["recipe", "upgrade", "subscribers"]) == 0
    shown = capsys.readouterr()
    assert "1 file with 5 rows must be replayed." in shown.err
    assert "--yes" in shown.err
    assert account.locked["profiles"] == {"plain": 1}


def test_yes_locks_the_newest_version_and_records_who_and_when(account: Account, landfall: Command) -> None:
    a_file(account)
    account.lock({"plain": 1, "google": 1})
    told = landfall("recipe", "upgrade", "subscribers", "--yes")
    assert told["upgraded"] is True
    assert told["replayed"] == []
    assert account.locked["profiles"] == {"plain": NEWEST, "google": 1}  # the recipe does not use it
    assert account.locked["changed_by"] == "ada"
    assert datetime.fromisoformat(account.locked["changed_at"]) == datetime(2026, 2, 1, 9, tzinfo=UTC)


def test_a_stale_replay_finds_the_files_after_an_upgrade_and_none_before(
    account: Account, landfall: Command
) -> None:
    file = a_file(account)
    account.lock({"plain": 1})
    before = landfall("replay", "subscribers", "--stale", "--dry-run")
    landfall("recipe", "upgrade", "subscribers", "--yes")
    after = landfall("replay", "subscribers", "--stale", "--dry-run")
    assert before["replayed"] == []
    assert [each["file_id"] for each in after["replayed"]] == [file.file_id]


def test_with_replay_it_requests_the_files_with_older_versions(account: Account, landfall: Command) -> None:
    file = a_file(account)
    account.lock({"plain": 1})
    told = landfall("recipe", "upgrade", "subscribers", "--yes", "--replay")
    assert told["replayed"] == [file.file_id]
    (body,) = account.queues.bodies(Stage.NORMALIZE)
    assert json.loads(body)["detail"]["file"]["version_id"] == file.file.version_id


def test_after_that_there_is_nothing_left_to_upgrade(account: Account, landfall: Command) -> None:
    a_file(account)
    account.lock({"plain": 1})
    landfall("recipe", "upgrade", "subscribers", "--yes", "--replay")
    told = landfall("recipe", "upgrade", "subscribers", "--yes", "--replay")
    assert (told["changes"], told["files"], told["upgraded"]) == ([], 0, False)


def test_a_table_that_was_never_locked_has_the_version_of_its_rows(
    account: Account, landfall: Command
) -> None:
    a_file(account)
    told = landfall("recipe", "upgrade", "subscribers", "--yes")
    assert told["changes"] == [{"profile": "plain", "from": 1, "to": NEWEST}]
    assert account.locked["profiles"] == {"plain": NEWEST}


def test_only_one_profile_can_be_meant(account: Account, landfall: Command) -> None:
    account.lock({"plain": 1})
    assert landfall("recipe", "upgrade", "subscribers", "--profile", "plain")["changes"]
    assert cli.main(["recipe", "upgrade", "subscribers", "--profile", "google"]) == 1


def test_a_lock_that_changed_since_the_plan_is_not_overwritten(
    account: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    a_file(account)
    account.lock({"plain": 1})

    def agree_late(*_: object, **__: object) -> bool:
        account.lock({"plain": NEWEST})
        return True

    monkeypatch.setattr(recipe_upgrade, "_is_wanted", agree_late)
    assert cli.main(["recipe", "upgrade", "subscribers"]) == 1
    assert "look again" in capsys.readouterr().err
    assert account.locked["changed_by"] == "normalizer"
