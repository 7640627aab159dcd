"""What other runs over a file left behind: of an earlier generation, dead, or beaten in a race.

The manifest that stands says what is to stay; all else of its stage and file goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shared.footprints import Folder, Footprint
from shared.logs import get_logger
from shared.manifests import Manifest
from shared.objects.store import ObjectStore

log = get_logger()


async def remove_leftovers(store: ObjectStore, footprint: Footprint, standing: Manifest) -> None:
    """Delete the objects that the manifest does not list, and abort the uploads that nobody will complete."""
    folders = [folder async for folder in footprint(standing.file)]
    listed = {(each.bucket, each.key) for each in standing.outputs()}
    for folder in folders:
        async for item in store.list(folder.bucket, folder.prefix):
            if (folder.bucket, item.key) not in listed:
                await store.expunge(folder.bucket, item.key, standing.generation)
    await _abort_uploads(store, folders, standing.finished_at)


async def withdraw(store: ObjectStore, made: Manifest, standing: Manifest) -> None:
    """Delete what a run made in vain: another run's manifest stands, and it does not list these versions.

    A run that was slow may have put again what the winner's next stages had already moved away.
    """
    listed = {(each.bucket, each.key, each.version_id) for each in standing.outputs()}
    for each in made.outputs():
        if each.version_id is None or (each.bucket, each.key, each.version_id) in listed:
            continue
        info = await store.head(each.bucket, each.key, each.version_id)
        if info is not None and info.generation <= made.generation:
            await store.delete(each.bucket, each.key, each.version_id)
            log.info("output_withdrawn")


async def _abort_uploads(store: ObjectStore, folders: Sequence[Folder], before: datetime) -> None:
    """Abort the file's uploads that were begun before the manifest that stands was made."""
    for bucket in {folder.bucket for folder in folders}:
        prefixes = tuple(folder.prefix for folder in folders if folder.bucket == bucket)
        async for page in store.client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
            for upload in page.get("Uploads", []):
                if upload["Key"].startswith(prefixes) and upload["Initiated"] < before:
                    await store.client.abort_multipart_upload(
                        Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                    )
                    log.info("upload_aborted")
