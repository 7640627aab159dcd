"""Where the rows of a file may lie, curated or rejected, whichever recipe put them there."""

from __future__ import annotations

from collections.abc import AsyncIterator

from services.normalizer.placement import source_of
from shared.footprints import Folder, Footprint
from shared.identity import LandedFile
from shared.layout import quarantine_prefix
from shared.objects.store import ObjectStore


def row_footprint(store: ObjectStore, curated_bucket: str) -> Footprint:
    """The normalizer's: rejected rows, and every dataset of the bucket, also those of no recipe any more."""

    async def folders(file: LandedFile) -> AsyncIterator[Folder]:
        yield Folder(file.bucket, quarantine_prefix(file.file_id))
        day, source = file.landing_date.isoformat(), source_of(file)
        async for dataset in store.folders(curated_bucket):
            yield Folder(curated_bucket, f"{dataset}ingest_date={day}/{file.file_id}-")
            yield Folder(curated_bucket, f"{dataset}source={source}/snapshot={file.file_id}/")

    return folders
