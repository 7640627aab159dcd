"""From what a person knows of a file (its id, its address, a day) to the files that are meant."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

from landfall.addresses import key_of
from landfall.errors import OperatorError
from landfall.operating.states import LISTINGS_AT_ONCE
from landfall.operating.story import story_of
from landfall.operating.story_parts import FileStory, landed_only
from services.decryptor.originals import is_instruction_file
from shared.concurrency import for_each
from shared.identity import LandedFile, landing_date_of
from shared.layout import LANDING, archive_key
from shared.objects.store import ObjectStore

DAYS_BACK = 31  # an address may mean files long archived; by id every file is found, however old
_DAYS_AT_ONCE = 7
_FILE_ID = re.compile(r"(?<![0-9a-f])\d{8}-[0-9a-f]{16}(?![0-9a-f])")


async def find_stories(store: ObjectStore, bucket: str, what: str) -> list[FileStory]:
    """The stories of the files meant by a file id or an s3:// address.

    Raises:
        OperatorError: nothing is known of it.
    """
    file_id = file_id_in(what)
    if file_id is not None:
        return [await _by_id(store, bucket, file_id)]
    if not what.startswith("s3://"):
        raise OperatorError(
            f"{what} is no file id and no address: give 20260131-0123456789abcdef or s3://bucket/landing/…"
        )
    key = key_of(what, bucket)
    landed = [file async for file in landed_files(store, bucket, key) if file.key == key]
    ids = dict.fromkeys((*(file.file_id for file in landed), *await archived_ids(store, bucket, key)))
    known = {file.file_id: file for file in landed}
    told = await for_each(ids, lambda file_id: story_of(store, bucket, file_id), LISTINGS_AT_ONCE)
    stories = [
        story or landed_only(known[file_id])
        for file_id, story in zip(ids, told, strict=True)
        if (story is None and file_id in known) or (story is not None and story.file.key == key)
    ]
    if not stories:
        raise OperatorError(f"Nothing landed at {what} in the last {DAYS_BACK} days: check the address.")
    return stories


def file_id_in(what: str) -> str | None:
    """The file id that the text is, or that is a part of an address in raw/, archive/, manifests/ or a table.

    None where there is none, or where the address is in landing/: names there are the sender's.
    """
    if what.startswith("s3://") and what.split("/", 3)[-1].startswith(LANDING):
        return None
    match = _FILE_ID.search(what)
    if match is None:
        return None
    try:
        landing_date_of(match[0])
    except ValueError:
        return None
    return match[0]


async def landed_files(
    store: ObjectStore, bucket: str, prefix: str = LANDING, *, latest_only: bool = False
) -> AsyncIterator[LandedFile]:
    """Every version that lies in landing/, the older ones too unless only the latest are wanted.

    Folder markers and instruction files are no files of their own.
    """
    pages = store.client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    async for page in pages:
        for version in page.get("Versions", []):
            if latest_only and not version["IsLatest"]:
                continue
            if version["Key"].endswith("/") and version["Size"] == 0:
                continue
            file = LandedFile(
                bucket=bucket,
                key=version["Key"],
                version_id=version["VersionId"],
                size=version["Size"],
                landed_at=version["LastModified"],
            )
            if not await is_instruction_file(store, file, {}):
                yield file


async def archived_ids(store: ObjectStore, bucket: str, key: str) -> list[str]:
    """Ids of archived files of this name, of the last week that has any: the older ones are found by id."""
    name = archive_key("20000101-0000000000000000", "landing", key).rpartition("/")[2]

    async def of_day(day: date) -> list[str]:
        items = store.list(bucket, f"archive/landing/{day:%Y/%m/%d}/")
        return [item.key.split("/")[5] async for item in items if item.key.rpartition("/")[2] == name]

    for start in range(0, DAYS_BACK, _DAYS_AT_ONCE):
        days = [today() - timedelta(days=start + n) for n in range(_DAYS_AT_ONCE)]
        found = [file_id for ids in await for_each(days, of_day, LISTINGS_AT_ONCE) for file_id in ids]
        if found:
            return found
    return []


async def file_ids_in(store: ObjectStore, bucket: str, prefix: str) -> AsyncIterator[str]:
    """The ids of all files that something under a prefix of ours belongs to, each once."""
    told: set[str] = set()
    async for item in store.list(bucket, prefix):
        match = _FILE_ID.search(item.key)
        if match is not None and match[0] not in told:
            told.add(match[0])
            yield match[0]


def today() -> date:
    """The present UTC day: landing dates are UTC."""
    return datetime.now(UTC).date()


async def _by_id(store: ObjectStore, bucket: str, file_id: str) -> FileStory:
    story = await story_of(store, bucket, file_id)
    if story is not None:
        return story
    async for file in landed_files(store, bucket):
        if file.file_id == file_id:
            return landed_only(file)
    raise OperatorError(f"Nothing is known of the file {file_id}: check the id and the deployment.")
