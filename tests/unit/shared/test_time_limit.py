"""A file that takes too long fails for good, and leaves nothing half done."""

from __future__ import annotations

import asyncio

import pytest

from services.archiver.settings import ArchiverSettings
from services.cataloger.settings import CatalogerSettings
from services.decryptor.settings import DecryptorSettings
from services.normalizer.settings import NormalizerSettings
from shared.commit import Committer
from shared.errors import TimeLimitExceeded
from shared.events import FileDecrypted
from shared.footprints import raw_footprint
from shared.layout import raw_key, staging_key
from shared.manifests import DecryptManifest
from shared.objects.outputs import OutputSet
from shared.objects.store import GENERATION
from shared.time_limit import time_limit
from shared.worker.job import MAX_HOLD_SECONDS
from tests.builders import landed
from tests.doubles.events import InMemoryEvents
from tests.doubles.s3 import InMemoryS3

FILE = landed()
SQS_HIDES_SECONDS = 12 * 3600


def committer(s3: InMemoryS3, limit: float | None) -> Committer[DecryptManifest]:
    bus = InMemoryEvents().bus()
    return Committer(s3.store(), bus, DecryptManifest, FileDecrypted, raw_footprint, limit)


async def never() -> DecryptManifest:
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_file_over_the_limit_fails_for_good() -> None:
    with pytest.raises(TimeLimitExceeded, match="longer than 0 s"):
        await committer(InMemoryS3(), 0.001).run(FILE, 0, never)


async def test_what_it_left_half_done_goes() -> None:
    s3 = InMemoryS3()
    s3.put("ingest", staging_key(FILE.file_id, "t"), b"an inner archive", {GENERATION: "0"})
    await s3.create_multipart_upload(
        Bucket="ingest", Key=raw_key(FILE.file_id, "a.csv"), Metadata={GENERATION: "0"}
    )
    with pytest.raises(TimeLimitExceeded):
        await committer(s3, 0.001).run(FILE, 0, never)
    assert (s3.objects, s3.uploads) == ({}, {})


async def test_outputs_that_begin_to_appear_all_do_so_whatever_the_time() -> None:
    s3 = InMemoryS3()
    async with time_limit(0.05), OutputSet(s3.store(), 0, "f") as outputs:
        for key in ("one", "two"):
            pending = outputs.open("b", key)
            await pending.write(b"x")
            await outputs.seal(pending)
        await outputs.complete()
        await asyncio.sleep(0.06)  # as a slow S3 would
    assert len(s3.objects) == 2


async def test_a_call_that_times_out_is_not_the_limit() -> None:
    with pytest.raises(TimeoutError):
        async with time_limit(60):
            raise TimeoutError


async def test_being_stopped_is_not_the_limit() -> None:
    working = asyncio.create_task(committer(InMemoryS3(), 60).run(FILE, 0, never))
    await asyncio.sleep(0.01)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


@pytest.mark.parametrize("settings", [DecryptorSettings, NormalizerSettings, ArchiverSettings])
def test_the_longest_limit_ends_before_sqs_gives_the_message_to_another_worker(
    settings: type[DecryptorSettings | NormalizerSettings | ArchiverSettings],
) -> None:
    field = settings.model_fields["max_file_seconds"]
    (longest,) = [bound.le for bound in field.metadata if hasattr(bound, "le")]
    assert field.default == 4 * 3600
    assert field.default < longest < MAX_HOLD_SECONDS < SQS_HIDES_SECONDS


def test_the_catalog_stage_keeps_to_its_crawls_limits() -> None:
    assert "max_file_seconds" not in CatalogerSettings.model_fields
