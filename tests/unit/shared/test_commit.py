"""The commit protocol: a manifest is the commit, and whatever is repeated changes nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from shared.commit import Committer
from shared.errors import AwsUnavailable, LandingGone
from shared.events import FileDecrypted, Replay
from shared.footprints import raw_footprint
from shared.layout import manifest_key, raw_key, staging_key
from shared.leftovers import remove_leftovers
from shared.lineage import open_generation
from shared.manifests import DecryptManifest, GenerationOpened, RawMember, StoredObject
from shared.objects.store import GENERATION
from shared.stages import Stage
from tests.builders import landed
from tests.doubles.events import InMemoryEvents
from tests.doubles.s3 import InMemoryS3

FILE = landed()
OTHER = landed("landing/other.zip")
AT = datetime(2026, 1, 31, 23, 31, tzinfo=UTC)
REPLAY = Replay(replay_id="r", requested_by="me", requested_at=AT)


def manifest(
    generation: int = 0, members: tuple[str, ...] = ("a.csv",), fingerprint: str = "f"
) -> DecryptManifest:
    return DecryptManifest(
        file=FILE,
        generation=generation,
        replay=REPLAY if generation else None,
        fingerprint=fingerprint,
        attempt=1,
        started_at=AT,
        finished_at=AT,
        formats=("plain",),
        members=tuple(
            RawMember(
                name=name,
                object=StoredObject(bucket="ingest", key=raw_key(FILE.file_id, name), size=1, etag="e"),
            )
            for name in members
        ),
    )


class Decrypting:
    """A stage that makes its members as objects and counts how often it worked."""

    def __init__(self) -> None:
        self.s3 = InMemoryS3()
        self.events = InMemoryEvents()
        self.committer = Committer(
            self.s3.store(), self.events.bus(), DecryptManifest, FileDecrypted, raw_footprint
        )
        self.worked = 0

    async def run(
        self, made: DecryptManifest, meanwhile: Callable[[], Awaitable[object]] | None = None
    ) -> DecryptManifest | None:
        async def work() -> DecryptManifest:
            self.worked += 1
            self.put(made)
            if meanwhile is not None:
                await meanwhile()
            return made

        if made.generation:
            await self.open(made.generation)
        return await self.committer.run(FILE, made.generation, work)

    def put(self, made: DecryptManifest) -> None:
        for member in made.members:
            self.s3.put("ingest", member.object.key, b"x", {GENERATION: str(made.generation)})

    async def open(self, generation: int, from_stage: Stage = Stage.DECRYPT) -> bool:
        opened = GenerationOpened(file=FILE, generation=generation, from_stage=from_stage, replay=REPLAY)
        return await open_generation(self.s3.store(), opened)

    @property
    def raw(self) -> list[str]:
        return sorted(key.rpartition("/")[2] for _, key in self.s3.objects if key.startswith("raw/"))


async def test_work_is_recorded_and_announced_once_done() -> None:
    stage = Decrypting()
    assert await stage.run(manifest()) == manifest()
    (event,) = stage.events.published
    assert isinstance(event, FileDecrypted)
    assert ("ingest", event.manifest_key) in stage.s3.objects


async def test_a_duplicate_works_not_again_but_is_announced_again_as_the_same_event() -> None:
    stage = Decrypting()
    await stage.run(manifest())
    await stage.run(manifest())
    first, second = stage.events.published
    assert stage.worked == 1
    assert first == second


async def test_success_is_final_whatever_the_fingerprint_is_today() -> None:
    stage = Decrypting()
    await stage.run(manifest(fingerprint="old"))
    kept = await stage.run(manifest(fingerprint="new"))
    assert kept is not None
    assert kept.fingerprint == "old"


async def test_who_loses_the_race_for_the_manifest_adopts_the_winners_and_leaves_nothing_beside_it() -> None:
    stage = Decrypting()
    theirs = manifest(members=("theirs.csv",))
    winner = Committer(stage.s3.store(), stage.events.bus(), DecryptManifest, FileDecrypted, raw_footprint)

    async def win() -> None:
        stage.put(theirs)
        await winner.run(FILE, 0, lambda: _done(theirs))

    assert await stage.run(manifest(members=("ours.csv",)), meanwhile=win) == theirs
    assert stage.raw == ["theirs.csv"]


async def test_what_a_run_left_that_died_before_its_commit_is_deleted_by_the_next() -> None:
    stage = Decrypting()
    stage.put(manifest(members=("a.csv", "of-an-older-recipe.csv")))
    await stage.run(manifest(members=("a.csv",)))
    assert stage.raw == ["a.csv"]


async def test_a_generation_that_was_overtaken_does_nothing() -> None:
    stage = Decrypting()
    await stage.run(manifest(generation=1))
    assert await stage.run(manifest(generation=0)) is None
    assert stage.worked == 1
    assert len(stage.events.published) == 1


async def test_a_generation_stops_as_soon_as_a_later_one_was_opened() -> None:
    stage = Decrypting()
    await stage.open(1)
    assert await stage.run(manifest(generation=0)) is None
    assert (stage.worked, stage.events.published) == (0, [])


async def test_a_generation_overtaken_while_it_worked_takes_back_what_the_later_one_does_not_have() -> None:
    stage = Decrypting()
    later = Committer(stage.s3.store(), stage.events.bus(), DecryptManifest, FileDecrypted, raw_footprint)

    async def overtake() -> None:
        made = manifest(1, members=("b.csv",))
        await stage.open(1)
        stage.put(made)
        await later.run(FILE, 1, lambda: _done(made))
        stage.put(manifest(0, members=("a.csv",)))  # appears only after the later one has looked

    assert await stage.run(manifest(0, members=("a.csv",)), meanwhile=overtake) is None
    assert stage.raw == ["b.csv"]
    assert [event.generation for event in stage.events.published if isinstance(event, FileDecrypted)] == [1]


async def test_a_run_that_a_replay_from_a_later_stage_overtakes_leaves_what_stands_on_top() -> None:
    stage = Decrypting()
    first = stage.s3.put("ingest", raw_key(FILE.file_id, "a.csv"), b"x", {GENERATION: "0"})
    made = manifest()
    (member,) = made.members
    stored = member.object.model_copy(update={"version_id": first.version_id})
    stands = made.model_copy(update={"members": (member.model_copy(update={"object": stored}),)})
    body = stands.model_dump_json().encode()
    stage.s3.put("ingest", manifest_key(FILE.file_id, Stage.DECRYPT, 0), body)
    await stage.open(1)

    async def fail_once_overtaken() -> None:
        await stage.open(2, Stage.NORMALIZE)
        raise AwsUnavailable("for now")

    with pytest.raises(AwsUnavailable):
        await stage.run(manifest(1), fail_once_overtaken)
    (version,) = stage.s3.versions["ingest", stored.key]
    assert version.version_id == first.version_id


async def test_a_run_that_was_overtaken_at_work_does_not_commit_what_a_twin_of_it_takes_away() -> None:
    """The twin finds no manifest of theirs, and so takes what both have put for something in vain."""
    stage = Decrypting()
    twin = Committer(stage.s3.store(), stage.events.bus(), DecryptManifest, FileDecrypted, raw_footprint)
    await stage.run(manifest(0))
    await stage.open(1)

    async def overtaken_and_cleaned_up_after() -> None:
        await stage.open(2, Stage.NORMALIZE)
        assert await twin.run(FILE, 1, lambda: _done(manifest(1))) is None

    assert await stage.run(manifest(1), meanwhile=overtaken_and_cleaned_up_after) is None
    assert ("ingest", manifest_key(FILE.file_id, Stage.DECRYPT, 1)) not in stage.s3.objects


async def test_a_run_in_vain_takes_away_what_the_manifest_of_an_earlier_generation_does_not_list() -> None:
    stage = Decrypting()
    await stage.run(manifest(0, members=("a.csv",)))
    await stage.open(1)

    async def overtaken() -> None:
        await stage.open(2, Stage.NORMALIZE)

    assert await stage.run(manifest(1, members=("b.csv",)), meanwhile=overtaken) is None
    assert stage.raw == ["a.csv"]


async def test_where_a_run_in_vain_takes_its_own_away_it_spares_what_an_earlier_generation_put() -> None:
    stage = Decrypting()
    key = raw_key(FILE.file_id, "a.csv")
    first = stage.s3.put("ingest", key, b"x", {GENERATION: "0"})
    listed = StoredObject(bucket="ingest", key=key, size=1, etag="e", version_id="gone")
    standing = manifest(1).model_copy(update={"members": (RawMember(name="a.csv", object=listed),)})
    await remove_leftovers(stage.s3.store(), raw_footprint, standing, in_vain=1)
    assert [each.version_id for each in stage.s3.versions["ingest", key]] == [first.version_id]


async def test_what_a_new_generation_no_longer_makes_is_deleted() -> None:
    stage = Decrypting()
    await stage.run(manifest(0, members=("a.csv", "b.csv")))
    await stage.run(manifest(2, members=("b.csv", "c.csv")))
    assert stage.raw == ["b.csv", "c.csv"]


async def test_what_a_later_generation_has_put_already_is_left_alone() -> None:
    stage = Decrypting()

    async def later() -> None:
        stage.put(manifest(2, members=("a.csv",)))

    await stage.run(manifest(0, members=("a.csv",)))
    await stage.run(manifest(1, members=("b.csv",)), meanwhile=later)
    assert stage.raw == ["a.csv", "b.csv"]


async def test_nothing_older_comes_to_light_where_an_object_is_deleted() -> None:
    stage = Decrypting()
    await stage.run(manifest(0, members=("a.csv",)))
    await stage.run(manifest(1, members=("a.csv",)))
    await stage.run(manifest(2, members=("b.csv",)))
    assert stage.s3.versions["ingest", raw_key(FILE.file_id, "a.csv")] == []


async def test_no_two_replays_share_a_generation() -> None:
    stage = Decrypting()
    assert [await stage.open(1), await stage.open(1, Stage.CATALOG)] == [True, False]


async def test_failed_attempts_never_short_circuit() -> None:
    stage = Decrypting()
    prefix = f"manifests/2026/01/31/{FILE.file_id}/decrypt.0"
    stage.s3.put("ingest", f"{prefix}.failed-1.json", b"{}")
    assert await stage.run(manifest()) == manifest()
    assert stage.worked == 1


async def test_a_refused_event_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.bus._FIRST_DELAY", 0)
    stage = Decrypting()
    stage.events.refuse = 2
    await stage.run(manifest())
    assert len(stage.events.published) == 1


async def test_an_event_that_stays_refused_fails_the_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.bus._FIRST_DELAY", 0)
    stage = Decrypting()
    stage.events.refuse = 99
    with pytest.raises(AwsUnavailable, match="InternalFailure"):
        await stage.run(manifest())


async def test_a_run_that_fails_after_another_has_finished_leaves_nothing_behind() -> None:
    stage = Decrypting()

    async def fail() -> None:
        await stage.run(manifest())
        stage.put(manifest(members=("b.csv",)))
        raise RuntimeError("its message is with another worker")

    with pytest.raises(RuntimeError):
        await stage.run(manifest(members=("b.csv",)), meanwhile=fail)
    assert stage.raw == ["a.csv"]


async def test_a_run_that_fails_after_a_later_generation_has_finished_leaves_nothing_behind() -> None:
    stage = Decrypting()

    async def overtaken() -> None:
        await stage.open(1)
        await stage.run(manifest(1, members=("a.csv",)))
        stage.put(manifest(0, members=("b.csv",)))  # it was on its way all the time
        raise AwsUnavailable("the message was lost")

    with pytest.raises(AwsUnavailable):
        await stage.run(manifest(0, members=("b.csv",)), meanwhile=overtaken)
    assert stage.raw == ["a.csv"]


async def test_a_run_that_fails_alone_leaves_its_outputs_for_the_next_try() -> None:
    stage = Decrypting()

    async def fail() -> None:
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError):
        await stage.run(manifest(), meanwhile=fail)
    assert stage.raw == ["a.csv"]


@pytest.mark.parametrize(
    ("error", "left"),
    [(LandingGone("gone"), 0), (AwsUnavailable("throttled"), 1)],
    ids=["for good", "for now"],
)
async def test_a_run_that_fails_for_good_aborts_the_uploads_of_one_that_died(
    error: Exception, left: int
) -> None:
    stage = Decrypting()
    await stage.s3.create_multipart_upload(
        Bucket="ingest", Key=raw_key(FILE.file_id, "a.csv"), Metadata={GENERATION: "0"}
    )

    async def fail() -> None:
        raise error

    with pytest.raises(type(error)):
        await stage.run(manifest(), meanwhile=fail)
    assert len(stage.s3.uploads) == left


@pytest.mark.parametrize(
    ("error", "left"),
    [(LandingGone("gone"), []), (AwsUnavailable("throttled"), ["t"])],
    ids=["for good", "for now"],
)
async def test_a_run_that_fails_for_good_deletes_what_one_that_died_held_for_a_while_and_nothing_else(
    error: Exception, left: list[str]
) -> None:
    stage = Decrypting()
    stage.s3.put("ingest", staging_key(FILE.file_id, "t"), b"an inner archive", {GENERATION: "0"})
    stage.s3.put("ingest", staging_key(OTHER.file_id, "of another file"), b"", {GENERATION: "0"})

    async def fail() -> None:
        raise error

    with pytest.raises(type(error)):
        await stage.run(manifest(), meanwhile=fail)
    assert stage.raw == ["a.csv", "of another file", *left]


async def _done(made: DecryptManifest) -> DecryptManifest:
    return made
