"""Rows of one column are all made by the same version of its profile."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.normalizer.errors import ProfileLockContended, ProfileLockUnreadable, ProfileVersionUnknown
from services.normalizer.locking.document import LockDocument
from services.normalizer.locking.lock import ProfileLock
from services.normalizer.matchkeys import FIRST_VERSIONS, NEWEST_VERSIONS
from services.normalizer.recipes import Recipe
from shared.layout import PROFILE_LOCK
from tests.doubles.s3 import InMemoryS3, failure
from tests.unit.normalizer.decrypted import NOW, Normalizing
from tests.unit.normalizer.normalizing import recipe_of

CSV = b"SendID,Mail\r\n1,ada@example.com\r\n"
ID = "SendID: {type: string, required: true}"
MAILS = recipe_of(f"{ID}\nMail: {{hash: email, profiles: [plain]}}")
PINNED = recipe_of(f"{ID}\nMail: {{hash: email, profiles: [plain@1]}}")
WITH_GOOGLE = recipe_of(f"{ID}\nMail: {{hash: email, profiles: [plain, google]}}", version="2")
IDENTIFIERS = recipe_of(f"{ID}\nMail: {{hash: identifier}}")
NEWEST = NEWEST_VERSIONS["plain"]


def a_file(s3: InMemoryS3 | None = None, key: str = "landing/things.csv") -> Normalizing:
    return Normalizing(s3=s3, key=key, body=CSV)


async def another(file: Normalizing, recipe: Recipe) -> Normalizing:
    """A later file of the same table."""
    later = a_file(file.s3, "landing/later/things.csv")
    await later.run(recipe)
    return later


def locked(file: Normalizing) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(file.s3.objects["ingest", PROFILE_LOCK])
    return document


def lock(file: Normalizing, versions: dict[str, int], dataset: str = "things") -> None:
    document = LockDocument().with_versions(dataset, versions, "ada", NOW)
    file.s3.put("ingest", PROFILE_LOCK, document.to_json())


async def begun_before_locks_existed(recipe: Recipe = MAILS) -> Normalizing:
    """A table with rows of version 1, and no lock."""
    file = a_file()
    lock(file, dict(FIRST_VERSIONS))
    await file.run(recipe)
    del file.s3.versions["ingest", PROFILE_LOCK]
    return file


async def test_a_new_table_takes_the_newest_version_and_locks_it_before_any_row_is_there() -> None:
    file = a_file()
    await file.run(MAILS)
    (entry,) = locked(file)["datasets"].items()
    assert entry[0] == "things"
    assert entry[1]["profiles"] == {"plain": NEWEST}
    assert entry[1]["changed_by"] == "normalizer"
    rows = file.s3.versions["curated", file.curated().object.key][0]
    assert file.s3.versions["ingest", PROFILE_LOCK][0].last_modified < rows.last_modified


async def test_the_manifest_names_the_version_that_made_each_column() -> None:
    file = a_file()
    await file.run(MAILS)
    assert file.curated().profiles == {"email_plain": f"plain@{NEWEST}"}


async def test_a_table_with_rows_from_before_there_were_locks_keeps_version_1() -> None:
    file = await begun_before_locks_existed()
    later = await another(file, MAILS)
    assert locked(file)["datasets"]["things"]["profiles"] == {"plain": 1}
    assert later.curated().profiles == {"email_plain": "plain@1"}


async def test_so_does_one_whose_objects_do_not_say_how_they_were_made() -> None:
    file = a_file()
    file.s3.put("curated", "things/ingest_date=2025-01-01/old.parquet", b"of an unknown writer")
    await file.run(MAILS)
    assert file.curated().profiles == {"email_plain": "plain@1"}


async def test_where_the_lock_was_lost_the_rows_say_which_version_it_was() -> None:
    file = a_file()
    await file.run(MAILS)
    del file.s3.versions["ingest", PROFILE_LOCK]
    later = await another(file, MAILS)
    assert later.curated().profiles == {"email_plain": f"plain@{NEWEST}"}


async def test_a_table_keeps_its_version_and_the_lock_is_not_written_again() -> None:
    file = a_file()
    lock(file, {"plain": 1})
    await file.run(MAILS)
    assert file.curated().profiles == {"email_plain": "plain@1"}
    assert file.curated().recipe_fingerprint == MAILS.under({"plain": 1}).fingerprint
    assert len(file.s3.versions["ingest", PROFILE_LOCK]) == 1


async def test_a_profile_that_is_new_to_a_locked_table_has_no_rows_and_takes_the_newest() -> None:
    file = a_file()
    lock(file, {"plain": 1})
    await file.run(WITH_GOOGLE)
    google = NEWEST_VERSIONS["google"]
    assert file.curated().profiles == {"email_plain": "plain@1", "email_google": f"google@{google}"}
    assert locked(file)["datasets"]["things"]["profiles"] == {"plain": 1, "google": google}


async def test_a_version_that_the_recipe_names_holds_whatever_the_lock_says() -> None:
    file = a_file()
    lock(file, {"plain": NEWEST})
    await file.run(PINNED)
    assert file.curated().profiles == {"email_plain": "plain@1"}


@pytest.mark.parametrize("recipe", [PINNED, IDENTIFIERS], ids=["pinned", "identifiers"])
async def test_without_an_open_version_there_is_nothing_to_lock(recipe: Recipe) -> None:
    file = a_file()
    await file.run(recipe)
    assert ("ingest", PROFILE_LOCK) not in file.s3.objects


async def test_other_tables_and_what_a_later_release_added_stay_as_they_are() -> None:
    file = a_file()
    former = {
        "version": 1,
        "note": "kept",
        "datasets": {
            "others": {"profiles": {"plain": 1}, "changed_by": "ada", "changed_at": NOW.isoformat(), "x": 1}
        },
    }
    file.s3.put("ingest", PROFILE_LOCK, json.dumps(former).encode())
    await file.run(MAILS)
    written = locked(file)
    assert written["note"] == "kept"
    assert written["datasets"]["others"]["x"] == 1
    assert written["datasets"]["others"]["profiles"] == {"plain": 1}
    assert set(written["datasets"]) == {"others", "things"}


async def test_the_loser_of_a_race_takes_the_version_of_the_winner(monkeypatch: pytest.MonkeyPatch) -> None:
    file = a_file()
    puts = file.s3.put_object

    async def outrun(**asked: Any) -> Any:
        if asked["Key"] == PROFILE_LOCK:
            monkeypatch.setattr(file.s3, "put_object", puts)
            lock(file, {"plain": 1})
        return await puts(**asked)

    monkeypatch.setattr(file.s3, "put_object", outrun)
    await file.run(MAILS)
    assert file.curated().profiles == {"email_plain": "plain@1"}


async def test_a_write_that_s3_has_another_one_in_progress_for_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = a_file()
    puts = file.s3.put_object

    async def conflict(**asked: Any) -> Any:
        if asked["Key"] == PROFILE_LOCK:
            monkeypatch.setattr(file.s3, "put_object", puts)
            raise failure("PutObject", "ConditionalRequestConflict", 409)
        return await puts(**asked)

    monkeypatch.setattr(file.s3, "put_object", conflict)
    await file.run(MAILS)
    assert locked(file)["datasets"]["things"]["profiles"] == {"plain": NEWEST}


async def test_a_lock_that_others_keep_changing_is_left_to_the_next_delivery(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = a_file()

    async def lose(**_: Any) -> Any:
        raise failure("PutObject", "PreconditionFailed", 412)

    async def at_once(_: float) -> None:
        return None

    monkeypatch.setattr(file.s3, "put_object", lose)
    monkeypatch.setattr("services.normalizer.locking.lock.asyncio.sleep", at_once)
    profile_lock = ProfileLock(file.s3.store(), "ingest")

    async def change(document: LockDocument) -> LockDocument:
        return document.with_versions("things", {"plain": 1}, "ada", NOW)

    with pytest.raises(ProfileLockContended):
        await profile_lock.change(change)


async def test_a_version_that_this_release_lacks_is_waited_for_and_nothing_is_written() -> None:
    file = a_file()
    lock(file, {"plain": NEWEST + 1})
    with pytest.raises(ProfileVersionUnknown, match=f"plain@{NEWEST + 1}"):
        await file.run(MAILS)
    assert not [key for bucket, key in file.s3.objects if bucket == "curated"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{}x", ProfileLockUnreadable),
        (b'{"datasets": {"things": {"profiles": {"plain": "one"}}}}', ProfileLockUnreadable),
        (b'{"version": 2, "datasets": {}}', ProfileVersionUnknown),
    ],
)
async def test_a_lock_that_cannot_be_read_stops_the_file(body: bytes, error: type[Exception]) -> None:
    file = a_file()
    file.s3.put("ingest", PROFILE_LOCK, body)
    with pytest.raises(error):
        await file.run(MAILS)
    assert file.s3.objects["ingest", PROFILE_LOCK] == body


async def test_rows_that_a_run_under_another_version_put_first_are_described_as_they_are() -> None:
    file = a_file()
    lock(file, {"plain": 1})
    await file.run(MAILS)
    file.forget_manifest()
    lock(file, {"plain": NEWEST})  # the table was upgraded while the file was in work
    await file.run(MAILS, receives=2)
    curated = file.curated()
    assert curated.profiles == {"email_plain": "plain@1"}
    assert curated.recipe_fingerprint == MAILS.under({"plain": 1}).fingerprint


async def test_writers_at_once_all_get_their_change_in() -> None:
    profile_lock = ProfileLock(InMemoryS3().store(), "ingest")

    async def begin(dataset: str) -> None:
        async def change(document: LockDocument) -> LockDocument:
            await asyncio.sleep(0)
            return document.with_versions(dataset, {"plain": 1}, dataset, datetime.now(UTC))

        await profile_lock.change(change)

    names = [f"d{number}" for number in range(5)]
    await asyncio.gather(*map(begin, names))
    assert set((await profile_lock.read()).datasets) == set(names)
