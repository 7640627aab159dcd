"""The decryptor's handling of one file, S3 in memory."""

from __future__ import annotations

import asyncio
import gzip
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.decryptor.errors import ExpandsTooFar, ZipTruncated
from services.decryptor.handler import DecryptHandler
from services.decryptor.limits import Limits
from services.decryptor.originals import Originals
from shared.aws.faults import classify
from shared.commit import Committer
from shared.errors import ObjectVanished, TimeLimitExceeded
from shared.events import FileDecrypted
from shared.footprints import raw_footprint
from shared.identity import LandedFile
from shared.layout import STAGING, manifest_key, staging_key
from shared.leftovers import abandon
from shared.manifests import DecryptManifest
from shared.messages import LandingNotice, Message
from shared.objects.store import GENERATION
from shared.stages import Stage
from shared.threads import any_at_work
from tests.doubles.events import InMemoryEvents
from tests.doubles.executors import Reserved
from tests.doubles.s3 import InMemoryS3
from tests.unit.decryptor.landing import CSV, NO_KEYS, zipped

BUCKET, KEY = "ingest", "landing/Sent.zip.gz"
MESSAGE = Message("m1", "r1", "{}", 1)
CUT = zipped({"Sent.csv": CSV})[:-30]


def handler(s3: InMemoryS3, limits: Limits, seconds: float | None = None) -> DecryptHandler:
    """A decryptor that holds no inner archive in memory."""
    store, bus = s3.store(), InMemoryEvents().bus()
    return DecryptHandler(
        store=store,
        committer=Committer(store, bus, DecryptManifest, FileDecrypted, raw_footprint, seconds),
        originals=Originals(store, BUCKET),
        keyring=NO_KEYS,
        limits=limits,
        staging_memory_bytes=0,
    )


def landed(s3: InMemoryS3, content: bytes) -> LandingNotice:
    version = s3.put(BUCKET, KEY, content)
    return LandingNotice(
        LandedFile(
            bucket=BUCKET,
            key=KEY,
            version_id=version.version_id,
            size=len(content),
            landed_at=version.last_modified,
        )
    )


async def test_an_inner_archive_is_gone_by_the_time_that_its_file_is_given_up() -> None:
    """Who drops the failure later may be the event loop, which cannot wait for what it is to do itself."""
    s3 = InMemoryS3()
    long = CSV * 300  # the failure is met while the member is being written
    notice = landed(s3, gzip.compress(zipped({"Sent.csv": long})))
    with pytest.raises(ExpandsTooFar):
        await handler(s3, Limits(max_total_bytes=len(long) - 1)).handle(notice, MESSAGE)
    assert [key for _, key in s3.objects] == [KEY]


async def test_an_inner_archive_that_a_dead_run_held_is_gone_once_its_file_is_given_up() -> None:
    s3 = InMemoryS3()
    notice = landed(s3, gzip.compress(CUT))
    s3.put(BUCKET, staging_key(notice.file.file_id, "of a run that was killed"), CUT, {GENERATION: "0"})
    with pytest.raises(ZipTruncated):
        await handler(s3, Limits()).handle(notice, MESSAGE)
    assert [key for _, key in s3.objects] == [KEY]


@pytest.mark.parametrize("call", ["head_object", "get_object"], ids=["put", "read"])
async def test_who_loses_an_inner_archive_to_a_run_that_gives_the_file_up_tries_again(call: str) -> None:
    s3 = InMemoryS3()
    notice = landed(s3, gzip.compress(zipped({"Sent.csv": CSV})))
    real = getattr(s3, call)

    async def too_late(**request: Any) -> Any:
        if request["Key"].startswith(STAGING) and ("ingest", request["Key"]) in s3.objects:
            setattr(s3, call, real)
            await abandon(s3.store(), raw_footprint, notice.file, 0)
        return await real(**request)

    setattr(s3, call, too_late)
    with pytest.raises((ObjectVanished, ClientError)) as failed:
        await handler(s3, Limits()).handle(notice, MESSAGE)
    fault = failed.value if isinstance(failed.value, ObjectVanished) else classify(failed.value)
    assert isinstance(fault, ObjectVanished)
    assert [key for _, key in s3.objects] == [KEY]


async def test_a_file_that_takes_too_long_leaves_no_thread_and_nothing_in_s3() -> None:
    s3 = InMemoryS3()
    notice = landed(s3, gzip.compress(zipped({"Sent.csv": CSV * 16_000})))
    with pytest.raises(TimeLimitExceeded):
        await handler(s3, Limits(max_ratio=10_000), seconds=0.02).handle(notice, MESSAGE)
    deadline = time.monotonic() + 10
    while any_at_work():
        assert time.monotonic() < deadline
        await asyncio.sleep(0)  # the thread removes what it held
    assert ([key for _, key in s3.objects], s3.uploads) == ([KEY], {})


async def test_files_leave_the_loop_the_threads_that_it_resolves_names_in() -> None:
    asyncio.get_running_loop().set_default_executor(Reserved())
    s3 = InMemoryS3()
    await handler(s3, Limits()).handle(landed(s3, zipped({"Sent.csv": CSV})), MESSAGE)
    assert any(key.startswith("raw/") for _, key in s3.objects)


async def test_skipped_members_are_recorded_each_with_a_warning_and_not_written() -> None:
    s3 = InMemoryS3()
    notice = landed(s3, zipped({"Sent.csv": CSV, "Thumbs.db": b"\0", "a.pdf": b"%PDF-1.4\n"}))
    await handler(s3, Limits()).handle(notice, MESSAGE)

    body = await s3.store().read(BUCKET, manifest_key(notice.file.file_id, Stage.DECRYPT, 0))
    manifest = DecryptManifest.model_validate_json(body or b"")
    assert [member.name for member in manifest.members] == ["Sent.csv"]
    assert manifest.skipped == ("Thumbs.db", "a.pdf")
    assert [(each.code, each.member) for each in manifest.warnings] == [
        ("MEMBER_SKIPPED", "Thumbs.db"),
        ("MEMBER_SKIPPED", "a.pdf"),
    ]
    assert len([key for _, key in s3.objects if key.startswith("raw/")]) == 1
