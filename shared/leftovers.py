"""What other runs over a file left: those of an earlier generation, those that died, those that lost a race.

The manifest that stands says what is to stay; all else of its stage and file goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shared.footprints import Folder, Footprint
from shared.identity import LandedFile
from shared.logs import get_logger
from shared.manifests import Manifest, StoredObject
from shared.objects.multipart import abort_upload
from shared.objects.store import ObjectStore

log = get_logger()


async def remove_leftovers(
    store: ObjectStore, footprint: Footprint, standing: Manifest, *, in_vain: int | None = None
) -> None:
    """Delete the objects that the manifest does not list, and abort the uploads that nobody will complete.

    Args:
        store: Where they are.
        footprint: Where to look for them.
        standing: The manifest.
        in_vain: The generation of a run that made outputs in vain. It may have put objects that the manifest
            does not list, though the run's generation is the higher one; and, at keys that the manifest
            lists, a version over the one that stands, or again what later stages had already moved away; such
            versions go too, but none of another generation.
    """
    folders = [folder async for folder in footprint(standing.file)]
    newest = standing.generation if in_vain is None else max(standing.generation, in_vain)
    listed = standing.listed()
    for folder in folders:
        async for item in store.list(folder.bucket, folder.prefix):
            if (folder.bucket, item.key) not in listed:
                await store.expunge(folder.bucket, item.key, newest)
    if in_vain is not None:
        for each in standing.outputs():
            await _uncover(store, each, in_vain)
    await _abort_uploads(store, folders, standing.finished_at)


async def abandon(store: ObjectStore, footprint: Footprint, file: LandedFile, generation: int) -> None:
    """Clear away what runs over a file that failed for good have left half done, when they died.

    That is every open upload, and what was to be held only for a while. A run that is at work on the file
    beside this one loses its own, too: it is tried again, begins anew, and finds what this one found.
    """
    folders = [folder async for folder in footprint(file)]
    for folder in folders:
        if folder.is_scratch:
            async for item in store.list(folder.bucket, folder.prefix):
                await store.expunge(folder.bucket, item.key, generation)
    await _abort_uploads(store, folders, None)


async def _uncover(store: ObjectStore, wanted: StoredObject, generation: int) -> None:
    """Delete the generation's versions over the wanted one, or all of them if that is gone."""
    while wanted.version_id is not None:
        info = await store.head(wanted.bucket, wanted.key)
        if info is None or info.version_id in (None, wanted.version_id) or info.generation != generation:
            return
        await store.delete(wanted.bucket, wanted.key, info.version_id)
        log.info("output_withdrawn")


async def _abort_uploads(store: ObjectStore, folders: Sequence[Folder], before: datetime | None) -> None:
    """Abort the file's uploads, or those that were begun before a moment."""
    for bucket in {folder.bucket for folder in folders}:
        prefixes = tuple(folder.prefix for folder in folders if folder.bucket == bucket)
        async for page in store.client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
            for upload in page.get("Uploads", []):
                is_early = before is None or upload["Initiated"] < before
                if is_early and upload["Key"].startswith(prefixes):
                    await abort_upload(store.client, bucket, upload["Key"], upload["UploadId"])
                    log.info("upload_aborted")
