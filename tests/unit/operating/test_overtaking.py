"""A replay from a later stage overtakes two workers on one run: whatever it builds on, the rows are there.

Nothing but the planning stands between the two: a worker looks whether it was overtaken, and then puts its
manifest, and S3 knows no condition that joins both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from landfall.operating.found import Found
from landfall.operating.replay_plans import Plan, Wish, plan_replay
from landfall.operating.states import FileState, state_of
from services.normalizer.footprint import row_footprint
from shared.commit import Committer
from shared.events import FileDecrypted, FileNormalized
from shared.footprints import raw_footprint
from shared.layout import manifest_key
from shared.lineage import upstream_manifest
from shared.manifests import DecryptManifest, NormalizeManifest, StoredObject
from shared.objects.store import GENERATION
from shared.originals import where_they_are
from shared.stages import Stage
from tests.doubles.events import InMemoryEvents
from tests.doubles.s3 import InMemoryS3
from tests.histories import RAW, REPLAY, History
from tests.unit.operating.reopening import open_again


class HoldingS3(InMemoryS3):
    """Holds back the first PUT of one key until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.held: str | None = None
        self.reached, self.released = asyncio.Event(), asyncio.Event()

    async def put_object(self, **call: Any) -> Any:
        if call["Key"] == self.held:
            self.held = None
            self.reached.set()
            await self.released.wait()
        return await super().put_object(**call)


async def normalize_again(file: History, first: NormalizeManifest) -> None:
    """A worker's run of generation 1, with a recipe that sends the rows to another dataset than the first."""
    s3, bus = file.s3, InMemoryEvents().bus()
    rows = row_footprint(s3.store(), "curated")
    committer = Committer(s3.store(), bus, NormalizeManifest, FileNormalized, rows)

    async def work() -> NormalizeManifest:
        (curated,) = first.curated
        moved = put_again(s3, curated.object, curated.object.key.replace("subscribers/", "moved/"))
        made = curated.model_copy(update={"dataset": "moved", "object": moved})
        return first.model_copy(update={"generation": 1, "replay": REPLAY, "curated": (made,)})

    await committer.run(file.file, 1, work)


async def decrypt_again(file: History, first: DecryptManifest) -> None:
    """A worker's run of generation 1: the same member at the same place."""
    s3, bus = file.s3, InMemoryEvents().bus()
    committer = Committer(s3.store(), bus, DecryptManifest, FileDecrypted, raw_footprint)

    async def work() -> DecryptManifest:
        (member,) = first.members
        made = member.model_copy(update={"object": put_again(s3, member.object, member.object.key)})
        return first.model_copy(update={"generation": 1, "replay": REPLAY, "members": (made,)})

    await committer.run(file.file, 1, work)


def put_again(s3: InMemoryS3, stored: StoredObject, key: str) -> StoredObject:
    body = s3.versions[stored.bucket, stored.key][-1].body if s3.versions[stored.bucket, stored.key] else RAW
    version = s3.put(stored.bucket, key, body, {GENERATION: "1"})
    return stored.model_copy(update={"key": key, "etag": version.etag, "version_id": version.version_id})


async def state(file: History) -> FileState:
    found = await state_of(file.s3.store(), "ingest", file.file_id)
    assert found is not None
    return found


async def replay(file: History, stage: Stage) -> None:
    """What ``landfall replay --force`` records, where it does not refuse."""
    wish = Wish(stage, force=True)
    planned = await plan_replay(
        file.s3.store(), "ingest", Found(file.file_id, await state(file), file.file), wish
    )
    if isinstance(planned, Plan) and planned.opens:
        await open_again(file, planned.generation, planned.stage)


@pytest.mark.parametrize("failed", [False, True], ids=["in work", "failed before, and redelivered"])
async def test_what_a_later_stage_builds_on_is_not_taken_away_by_a_twin_of_the_worker_that_made_it(
    failed: bool,
) -> None:
    s3 = HoldingS3()
    file = History(s3)
    file.decrypt()
    first = file.normalize()
    file.catalog()
    file.archive()
    await open_again(file, 1, Stage.NORMALIZE)
    if failed:
        file.fail(Stage.NORMALIZE, generation=1)

    await overtake(file, Stage.NORMALIZE, Stage.CATALOG, lambda: normalize_again(file, first))

    newest = (await state(file)).success(Stage.NORMALIZE)
    assert newest is not None
    manifest = NormalizeManifest.model_validate_json(s3.objects["ingest", newest.key])
    assert {key for bucket, key in s3.objects if bucket == "curated"} == {
        each.object.key for each in manifest.curated
    }


@pytest.mark.parametrize("archived", [False, True], ids=["in raw", "in archive"])
async def test_members_that_a_later_stage_reads_are_there_whichever_decryption_it_builds_on(
    archived: bool,
) -> None:
    s3 = HoldingS3()
    file = History(s3)
    first = with_versions(file)
    file.normalize()
    file.catalog()
    if archived:
        file.archive()
    await open_again(file, 1, Stage.DECRYPT)
    file.fail(Stage.DECRYPT, generation=1)

    await overtake(file, Stage.DECRYPT, Stage.NORMALIZE, lambda: decrypt_again(file, first))

    assert (await state(file)).generation == 2
    store = s3.store()
    upstream = await upstream_manifest(store, file.file, DecryptManifest, 2)
    (member,) = (await where_they_are(store, upstream)).members
    assert s3.objects[member.object.bucket, member.object.key] == RAW


async def overtake(file: History, at: Stage, begin: Stage, run_again: Callable[[], Awaitable[None]]) -> None:
    """Two workers are on generation 1; one has looked, and is held back before its manifest."""
    s3 = file.s3
    assert isinstance(s3, HoldingS3)
    s3.held = manifest_key(file.file_id, at, 1)
    one = asyncio.ensure_future(run_again())
    await s3.reached.wait()
    await replay(file, begin)
    await run_again()  # the twin, which takes away what it finds was made in vain
    s3.released.set()
    await one


def with_versions(file: History) -> DecryptManifest:
    """Decrypt the file, and record which version each member is, as the decryptor does."""
    made = file.decrypt()
    (member,) = made.members
    (version,) = file.s3.versions["ingest", member.object.key]
    stored = member.object.model_copy(update={"version_id": version.version_id})
    made = made.model_copy(update={"members": (member.model_copy(update={"object": stored}),)})
    file.s3.put("ingest", manifest_key(file.file_id, Stage.DECRYPT, 0), made.model_dump_json().encode())
    return made
