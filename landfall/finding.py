"""From what a person knows of a file (its id, its address, a day) to the files that are meant."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

from landfall.errors import OperatorError
from landfall.story import FileStory, files_of_day, landed_only, story_of
from services.archiver.archive import bounded_name
from shared.identity import LandedFile, landing_date_of
from shared.layout import LANDING
from shared.objects.store import ObjectStore

_DAYS_BACK = 31  # an address may mean files long archived; by id every file is found, however old


async def find_stories(store: ObjectStore, bucket: str, what: str | None) -> list[FileStory]:
    """The stories of the files meant by a file id, an s3:// address, or (None) today's and yesterday's.

    Raises:
        OperatorError: nothing is known of it.
    """
    if what is None:
        return [story async for story in _recent(store, bucket)]
    if what.startswith("s3://"):
        found = [story async for story in _at_address(store, bucket, what)]
        if not found:
            raise OperatorError(f"Nothing landed at {what} in the last {_DAYS_BACK} days: check the address.")
        return found
    return [await _by_id(store, bucket, what)]


async def _by_id(store: ObjectStore, bucket: str, file_id: str) -> FileStory:
    try:
        landing_date_of(file_id)
    except ValueError:
        raise OperatorError(
            f"{file_id} is no file id and no address: give 20260131-0123456789abcdef or s3://bucket/landing/…"
        ) from None
    story = await story_of(store, bucket, file_id)
    if story is not None:
        return story
    async for file in _in_landing(store, bucket, LANDING):
        if file.file_id == file_id:
            return landed_only(file)
    raise OperatorError(f"Nothing is known of the file {file_id}: check the id and the deployment.")


async def _recent(store: ObjectStore, bucket: str) -> AsyncIterator[FileStory]:
    today = datetime.now(UTC).date()
    told: set[str] = set()
    for day in (today, today - timedelta(days=1)):
        async for story in _of_day(store, bucket, day):
            told.add(story.file_id)
            yield story
    async for file in _in_landing(store, bucket, LANDING):
        if file.file_id not in told:
            yield await story_of(store, bucket, file.file_id) or landed_only(file)


async def _of_day(store: ObjectStore, bucket: str, day: date) -> AsyncIterator[FileStory]:
    async for file_id in files_of_day(store, bucket, day):
        story = await story_of(store, bucket, file_id)
        if story is not None:
            yield story


async def _at_address(store: ObjectStore, bucket: str, address: str) -> AsyncIterator[FileStory]:
    named, _, key = address.removeprefix("s3://").partition("/")
    if named != bucket:
        raise OperatorError(
            f"{address} is not in {bucket}, the bucket that this deployment takes files from."
        )
    told: set[str] = set()
    async for file in _in_landing(store, bucket, key):
        if file.key == key:
            told.add(file.file_id)
            yield await story_of(store, bucket, file.file_id) or landed_only(file)
    today = datetime.now(UTC).date()
    for days in range(_DAYS_BACK):
        async for item in store.list(bucket, f"archive/landing/{today - timedelta(days=days):%Y/%m/%d}/"):
            file_id, name = item.key.split("/")[5:7]
            if name == bounded_name(key) and file_id not in told:
                story = await story_of(store, bucket, file_id)
                if story is not None and story.file.key == key:
                    told.add(file_id)
                    yield story


async def _in_landing(store: ObjectStore, bucket: str, prefix: str) -> AsyncIterator[LandedFile]:
    """Every version that lies in landing/, the older ones too."""
    pages = store.client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    async for page in pages:
        for version in page.get("Versions", []):
            if not (version["Key"].endswith("/") and version["Size"] == 0):
                yield LandedFile(
                    bucket=bucket,
                    key=version["Key"],
                    version_id=version["VersionId"],
                    size=version["Size"],
                    landed_at=version["LastModified"],
                )
