"""What other runs over a file left goes; what the manifest lists, and what later generations made, stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shared.footprints import raw_footprint
from shared.layout import raw_key, staging_key
from shared.leftovers import remove_leftovers
from shared.manifests import DecryptManifest, RawMember, StoredObject
from shared.objects.store import GENERATION
from tests.builders import landed
from tests.doubles.s3 import EPOCH, InMemoryS3, Version

FILE = landed()
A, B = raw_key(FILE.file_id, "a.csv"), raw_key(FILE.file_id, "b.csv")


def put(s3: InMemoryS3, key: str, generation: int = 0) -> Version:
    return s3.put("ingest", key, b"x", {GENERATION: str(generation)})


def standing(**versions: str) -> DecryptManifest:
    """A manifest that lists these members, by name without suffix and version."""
    members = [
        RawMember(
            name=f"{name}.csv",
            object=StoredObject(
                bucket="ingest",
                key=raw_key(FILE.file_id, f"{name}.csv"),
                size=1,
                etag="e",
                version_id=version,
            ),
        )
        for name, version in versions.items()
    ]
    return DecryptManifest(
        file=FILE,
        generation=0,
        fingerprint="f",
        attempt=2,
        started_at=EPOCH,
        finished_at=EPOCH + timedelta(hours=1),
        formats=("plain",),
        members=tuple(members),
    )


async def tidy(s3: InMemoryS3, manifest: DecryptManifest, *, in_vain: int | None = None) -> None:
    await remove_leftovers(s3.store(), raw_footprint, manifest, in_vain=in_vain)


async def test_only_what_the_manifest_lists_stays() -> None:
    s3 = InMemoryS3()
    kept = put(s3, A)
    put(s3, B)
    put(s3, staging_key(FILE.file_id, "1"))
    await tidy(s3, standing(a=kept.version_id))
    assert set(s3.objects) == {("ingest", A)}


async def test_what_a_later_generation_made_stays() -> None:
    s3 = InMemoryS3()
    kept = put(s3, A)
    put(s3, B, generation=1)
    await tidy(s3, standing(a=kept.version_id))
    assert set(s3.objects) == {("ingest", A), ("ingest", B)}


async def test_uploads_of_runs_that_died_are_aborted_and_no_others() -> None:
    s3 = InMemoryS3()
    kept = put(s3, A)
    dead = await s3.create_multipart_upload(Bucket="ingest", Key=A, Metadata={})
    other = await s3.create_multipart_upload(Bucket="ingest", Key="raw/another/file", Metadata={})
    later = await s3.create_multipart_upload(Bucket="ingest", Key=B, Metadata={})
    s3.uploads[later["UploadId"]].initiated = EPOCH + timedelta(hours=2)
    await tidy(s3, standing(a=kept.version_id))
    assert set(s3.uploads) == {other["UploadId"], later["UploadId"]}
    assert dead["UploadId"] not in s3.uploads


async def test_an_upload_that_somebody_aborts_meanwhile_is_gone_and_no_error() -> None:
    s3 = InMemoryS3()
    kept = put(s3, A)
    await s3.create_multipart_upload(Bucket="ingest", Key=A, Metadata={})
    abort = s3.abort_multipart_upload

    async def abort_multipart_upload(**arguments: Any) -> Any:
        """The first answer was lost, and the client has asked again."""
        await abort(**arguments)
        return await abort(**arguments)

    s3.abort_multipart_upload = abort_multipart_upload  # type: ignore[method-assign] # asked twice
    await tidy(s3, standing(a=kept.version_id))
    assert s3.uploads == {}


async def test_who_lost_uncovers_what_the_winner_made() -> None:
    s3 = InMemoryS3()
    winners = put(s3, A)
    put(s3, A)
    await tidy(s3, standing(a=winners.version_id), in_vain=0)
    assert [version.version_id for version in s3.versions["ingest", A]] == [winners.version_id]


async def test_who_lost_takes_back_what_the_next_stages_had_moved_away() -> None:
    s3 = InMemoryS3()
    winners = put(s3, A)
    await s3.delete_object(Bucket="ingest", Key=A, VersionId=winners.version_id)
    put(s3, A)
    await tidy(s3, standing(a=winners.version_id), in_vain=0)
    assert s3.objects == {}


async def test_a_run_that_was_overtaken_uncovers_what_an_earlier_generation_made() -> None:
    s3 = InMemoryS3()
    stands = put(s3, A)
    put(s3, A, generation=1)
    await tidy(s3, standing(a=stands.version_id), in_vain=1)
    assert [version.version_id for version in s3.versions["ingest", A]] == [stands.version_id]


async def test_who_lost_leaves_a_later_generation_alone() -> None:
    s3 = InMemoryS3()
    winners = put(s3, A)
    later = put(s3, A, generation=1)
    await tidy(s3, standing(a=winners.version_id), in_vain=0)
    assert s3.versions["ingest", A][-1] == later


async def test_an_object_that_was_put_again_from_outside_is_not_touched_by_a_duplicate() -> None:
    s3 = InMemoryS3()
    gone = put(s3, A)
    restored = put(s3, A)
    await tidy(s3, standing(a=gone.version_id))
    assert s3.versions["ingest", A][-1] == restored
