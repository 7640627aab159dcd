"""Normalised files for the cataloger's tests, and the catalog that they go to."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from services.cataloger.former import FormerSnapshots
from services.cataloger.gluecatalog import GlueCatalog
from services.cataloger.needs import Need, needs_of
from services.cataloger.snapshots import Snapshots
from services.cataloger.tables import Tables
from shared.commit import now
from shared.identity import LandedFile
from shared.layout import manifest_key
from shared.manifests import CuratedObject, NormalizeManifest, RowCounts, StoredObject
from shared.stages import Stage
from tests.builders import LANDED_AT, landed
from tests.doubles.glue import InMemoryGlue
from tests.doubles.s3 import InMemoryS3

DAY = "2026-01-31"
COLUMNS = {"email_plain": "string", "date_created": "timestamp"}


def appended(
    file: LandedFile, dataset: str = "sent", day: str = DAY, columns: dict[str, str] | None = None
) -> CuratedObject:
    """Rows of a file that join those of others."""
    folder = f"{dataset}/ingest_date={day}/"
    return CuratedObject(
        member="Sent.csv",
        dataset=dataset,
        mode="append",
        recipe=f"{dataset}@1",
        object=StoredObject(
            bucket="curated", key=f"{folder}{file.file_id}-Sent.csv.parquet", size=1, etag="e"
        ),
        partition={"ingest_date": day},
        location=f"s3://curated/{folder}",
        columns=COLUMNS if columns is None else columns,
        rows=RowCounts(rows_in=1, rows_out=1),
    )


def snapshot(
    file: LandedFile,
    source: str = "default",
    columns: dict[str, str] | None = None,
    rows: int = 1,
    **facts: Any,
) -> CuratedObject:
    """Rows of a file that replace those of its source."""
    folder = f"subscribers/source={source}/snapshot={file.file_id}/"
    return CuratedObject(
        member="Subscribers.csv",
        dataset="subscribers",
        mode="snapshot",
        recipe="subscribers@1",
        object=StoredObject(bucket="curated", key=f"{folder}Subscribers.csv.parquet", size=1, etag="e"),
        partition={"source": source},
        location=f"s3://curated/{folder}",
        columns=COLUMNS if columns is None else columns,
        rows=RowCounts(rows_in=rows, rows_out=rows),
    ).model_copy(update=facts)


def normalized(file: LandedFile, *curated: CuratedObject, generation: int = 0) -> NormalizeManifest:
    return NormalizeManifest(
        file=file,
        generation=generation,
        fingerprint="f",
        attempt=1,
        curated=curated,
        started_at=LANDED_AT,
        finished_at=LANDED_AT,
    )


def extract(day: int, landed_after: timedelta = timedelta(0)) -> LandedFile:
    """A full extract of a day in January 2026, landed that night unless told otherwise."""
    at = LANDED_AT.replace(day=day) + landed_after
    return landed(f"landing/202601{day:02}_Extract.zip", f"v{day}", at)


class Lake:
    """Glue, S3 and the cataloger's tables over them, all in memory."""

    def __init__(self, chaos: Random | None = None) -> None:
        self.glue = InMemoryGlue(chaos=chaos)
        self.s3 = InMemoryS3()
        self.time = now()

    def clock(self) -> datetime:
        return self.time

    def tables(self) -> Tables:
        """Tables as another task has them: nothing is shared but Glue and S3."""
        return Tables(GlueCatalog(self.glue.client(), "landfall"), self.s3.store(), self.clock)

    def snapshots(self, grace: timedelta = timedelta(hours=12)) -> Snapshots:
        return Snapshots(self.tables(), FormerSnapshots(self.s3.store(), grace, self.clock))

    def put(
        self, file: LandedFile, *curated: CuratedObject, generation: int = 0, accepts_shrink: bool = False
    ) -> list[Need]:
        """Put a file's objects and its manifest, and say what it needs."""
        manifest = normalized(file, *curated, generation=generation)
        for each in curated:
            self.s3.put(each.object.bucket, each.object.key, b"rows")
        key = manifest_key(file.file_id, Stage.NORMALIZE, generation)
        self.s3.put(file.bucket, key, manifest.model_dump_json().encode())
        return needs_of(manifest, accepts_shrink=accepts_shrink)

    def location(self, source: str = "default") -> str:
        location: str = self.glue.partitions["subscribers", (source,)]["StorageDescriptor"]["Location"]
        return location
