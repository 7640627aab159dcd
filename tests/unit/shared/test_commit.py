"""The commit protocol: a manifest is the commit, and whatever is repeated changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.commit import Committer
from shared.errors import AwsUnavailable
from shared.events import FileDecrypted, Replay
from shared.manifests import DecryptManifest, RawMember, StoredObject
from tests.builders import landed
from tests.doubles.events import InMemoryEvents
from tests.doubles.s3 import InMemoryS3

FILE = landed()
AT = datetime(2026, 1, 31, 23, 31, tzinfo=UTC)


def manifest(
    generation: int = 0, members: tuple[str, ...] = ("a.csv",), fingerprint: str = "f"
) -> DecryptManifest:
    return DecryptManifest(
        file=FILE,
        generation=generation,
        replay=Replay(replay_id="r", requested_by="me", requested_at="now") if generation else None,
        fingerprint=fingerprint,
        attempt=1,
        started_at=AT,
        finished_at=AT,
        formats=("plain",),
        members=tuple(
            RawMember(name=name, object=StoredObject(bucket="ingest", key=f"raw/{name}", size=1, etag="e"))
            for name in members
        ),
    )


class Stage:
    """A stage that makes its members as objects and counts how often it worked."""

    def __init__(self) -> None:
        self.s3 = InMemoryS3()
        self.events = InMemoryEvents()
        self.committer = Committer(self.s3.store(), self.events.bus(), DecryptManifest, FileDecrypted)
        self.worked = 0

    async def run(self, made: DecryptManifest) -> DecryptManifest | None:
        async def work() -> DecryptManifest:
            self.worked += 1
            for member in made.members:
                self.s3.put("ingest", member.object.key, b"x")
            return made

        return await self.committer.run(FILE, made.generation, work)


async def test_work_is_recorded_and_announced_once_done() -> None:
    stage = Stage()
    assert await stage.run(manifest()) == manifest()
    (event,) = stage.events.published
    assert isinstance(event, FileDecrypted)
    assert ("ingest", event.manifest_key) in stage.s3.objects


async def test_a_duplicate_works_not_again_but_is_announced_again_as_the_same_event() -> None:
    stage = Stage()
    await stage.run(manifest())
    await stage.run(manifest())
    first, second = stage.events.published
    assert stage.worked == 1
    assert first == second


async def test_success_is_final_whatever_the_fingerprint_is_today() -> None:
    stage = Stage()
    await stage.run(manifest(fingerprint="old"))
    kept = await stage.run(manifest(fingerprint="new"))
    assert kept is not None
    assert kept.fingerprint == "old"


async def test_who_loses_the_race_for_the_manifest_adopts_the_winners() -> None:
    stage = Stage()
    theirs = manifest(fingerprint="theirs")

    async def work() -> DecryptManifest:
        await Committer(stage.s3.store(), stage.events.bus(), DecryptManifest, FileDecrypted).run(
            FILE, 0, lambda: _done(theirs)
        )
        return manifest(fingerprint="ours")

    assert await stage.committer.run(FILE, 0, work) == theirs


async def test_a_generation_that_was_overtaken_does_nothing() -> None:
    stage = Stage()
    await stage.run(manifest(generation=1))
    assert await stage.run(manifest(generation=0)) is None
    assert stage.worked == 1
    assert len(stage.events.published) == 1


async def test_what_a_new_generation_no_longer_makes_is_deleted() -> None:
    stage = Stage()
    await stage.run(manifest(0, members=("a.csv", "b.csv")))
    await stage.run(manifest(2, members=("b.csv", "c.csv")))
    raw = sorted(key for _, key in stage.s3.objects if key.startswith("raw/"))
    assert raw == ["raw/b.csv", "raw/c.csv"]


async def test_failed_attempts_never_short_circuit() -> None:
    stage = Stage()
    prefix = f"manifests/2026/01/31/{FILE.file_id}/decrypt.0"
    stage.s3.put("ingest", f"{prefix}.failed-1.json", b"{}")
    assert await stage.run(manifest()) == manifest()
    assert stage.worked == 1


async def test_a_refused_event_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.bus._FIRST_DELAY", 0)
    stage = Stage()
    stage.events.refuse = 2
    await stage.run(manifest())
    assert len(stage.events.published) == 1


async def test_an_event_that_stays_refused_fails_the_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.bus._FIRST_DELAY", 0)
    stage = Stage()
    stage.events.refuse = 99
    with pytest.raises(AwsUnavailable, match="InternalFailure"):
        await stage.run(manifest())


async def _done(made: DecryptManifest) -> DecryptManifest:
    return made
