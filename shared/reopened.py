"""Pointers to files that were opened again: one that fails or stands still then is found however old it is.

A file's records lie under its landing day, and only what has never been archived lies in landing/ as well. A
pointer is put before the generation is opened, and deleted once that is archived. It says no more than where
to look: how the file stands is what its manifests say, and a pointer too many does no harm.
"""

from __future__ import annotations

from shared.identity import LandedFile
from shared.layout import REOPENED, parse_reopened_key, reopened_key
from shared.objects.store import ObjectStore


async def point_to(store: ObjectStore, file: LandedFile, generation: int) -> None:
    """Have the file found until this generation of it is done."""
    await store.put_if_absent(file.bucket, reopened_key(file.file_id, generation), b"{}")


async def reopened_files(store: ObjectStore, bucket: str) -> set[str]:
    """The ids of all files that are pointed to."""
    named = [parse_reopened_key(item.key) async for item in store.list(bucket, REOPENED)]
    return {name[0] for name in named if name is not None}


async def remove_pointers(store: ObjectStore, file: LandedFile, generation: int) -> None:
    """Delete the pointers to a generation that is done, and to those before it, which it superseded."""
    keys = [item.key async for item in store.list(file.bucket, f"{REOPENED}{file.file_id}.")]
    for key in keys:
        name = parse_reopened_key(key)
        if name is not None and name[1] <= generation:
            await store.delete(file.bucket, key)
