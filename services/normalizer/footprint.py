"""Where the rows of a file may lie in the curated bucket, whichever recipe put them there."""

from __future__ import annotations

from collections.abc import AsyncIterator

from services.normalizer.placement import source_of
from shared.footprints import Folder, Footprint
from shared.identity import LandedFile
from shared.objects.store import ObjectStore


def curated_footprint(store: ObjectStore, bucket: str) -> Footprint:
    """The normalizer's: in every dataset that the bucket has, also those of no recipe any more."""

    async def folders(file: LandedFile) -> AsyncIterator[Folder]:
        day, source = file.landing_date.isoformat(), source_of(file)
        async for dataset in store.folders(bucket):
            yield Folder(bucket, f"{dataset}ingest_date={day}/{file.file_id}-")
            yield Folder(bucket, f"{dataset}source={source}/snapshot={file.file_id}/")

    return folders
