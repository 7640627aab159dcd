"""A table that was begun with an older profile version, its upgrade, and what mends a column with both."""

from __future__ import annotations

import asyncio

import pytest

from landfall import cli
from services.normalizer.locking.document import LockDocument
from services.normalizer.locking.lock import ProfileLock
from services.normalizer.matchkeys import NEWEST_VERSIONS
from shared.aws.clients import Clients
from shared.commit import now
from shared.identity import LandedFile
from shared.objects.store import ObjectStore
from shared.outcomes import SuccessOutcome
from tests.commands import Command, json_command
from tests.e2e.conftest import Chain
from tests.extracts import zipped

NEWEST = NEWEST_VERSIONS["plain"]
DATASET = "complaints"
COMPLAINTS = (
    b"ClientID,SendID,SubscriberKey,EmailAddress,SubscriberID,ListID,EventDate,EventType,BatchID,"
    b"TriggeredSendExternalKey,Domain\r\n"
    b"7,9,k1,k1@example.com,1,1,1/31/2026 5:03:02 PM,Complaint,1,,example.com\r\n"
)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return json_command(capsys)


def ingested(chain: Chain, key: str) -> LandedFile:
    file = chain.land(zipped(Complaints=COMPLAINTS), key)
    assert isinstance(chain.outcome(file), SuccessOutcome)
    chain.outcomes.forget(file.file_id)
    return file


async def lock_at(bucket: str, version: int) -> None:
    """As a release would have left it whose newest version was this."""

    async def change(document: LockDocument) -> LockDocument:
        return document.with_versions(DATASET, {"plain": version}, "an older release", now())

    async with Clients() as clients:
        await ProfileLock(ObjectStore(await clients.s3()), bucket).change(change)


def profiles(command: Command, file: LandedFile) -> list[str]:
    story = command("status", file.file_id)["files"][0]
    found: list[str] = story["datasets"][0]["profiles"]
    return found


def test_a_table_keeps_its_version_until_it_is_upgraded_and_its_files_are_replayed(
    chain: Chain, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(lock_at(chain.target.deployment.ingest_bucket, 1))
    others = command("replay", DATASET, "--stale", "--dry-run")["files"]  # of other tests, under the newest
    old = ingested(chain, "versions/old/20260131_Extract.zip")
    assert profiles(command, old) == ["plain@1"]
    assert command("replay", DATASET, "--stale", "--dry-run")["files"] == others

    told = command("recipe", "upgrade", DATASET, "--yes")
    assert told["changes"] == [{"profile": "plain", "from": 1, "to": NEWEST}]
    assert (told["files"], told["rows"]) == (1, 1)
    new = ingested(chain, "versions/new/20260131_Extract.zip")
    assert profiles(command, new) == [f"plain@{NEWEST}"]

    assert cli.main(["verify", DATASET]) == 1
    shown = capsys.readouterr().out
    assert "PROFILE_VERSIONS_MIXED" in shown
    assert f"landfall replay {DATASET} --stale" in shown

    replayed = command("replay", DATASET, "--stale")
    assert [each["file_id"] for each in replayed["replayed"]] == [old.file_id]
    assert isinstance(chain.outcome(old), SuccessOutcome)
    assert profiles(command, old) == [f"plain@{NEWEST}"]
    assert command("verify", DATASET)["verified"] is True
