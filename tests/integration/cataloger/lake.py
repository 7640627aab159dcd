"""A lake of one test's own in the emulator: buckets, a database, a crawler like the deployed, catalogers."""

from __future__ import annotations

import hashlib
import io
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from landfall.deployment import Deployment
from services.cataloger.__main__ import build
from services.cataloger.settings import CatalogerSettings
from services.normalizer.gluetypes import glue_columns
from services.normalizer.placement import place
from shared.aws.clients import Clients as ServiceClients
from shared.bus import EventBus
from shared.events import FileNormalized, Replay
from shared.identity import LandedFile
from shared.layout import manifest_key
from shared.lineage import open_generation
from shared.manifests import (
    CatalogManifest,
    CuratedObject,
    GenerationOpened,
    NormalizeManifest,
    RowCounts,
    StoredObject,
)
from shared.messages import Message
from shared.objects.store import ObjectStore
from shared.stages import Stage
from shared.worker.handler import Handler
from shared.worker.service import Parts
from tests.stack import Clients

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import PartitionTypeDef, TableTypeDef

_NUMBERS = itertools.count()
_MARGIN = 1.0  # S3 tells times in whole seconds


@dataclass
class Lake:
    """Buckets, database and crawler; the crawler is set up as deploy/ecs/catalog.yaml has it."""

    clients: Clients
    deployment: Deployment
    name: str = field(default_factory=lambda: f"catalog-{next(_NUMBERS)}")

    def __post_init__(self) -> None:
        self.ingest, self.curated = f"{self.name}-ingest", f"{self.name}-curated"
        for bucket in (self.ingest, self.curated):
            self.clients.s3.create_bucket(Bucket=bucket)
        self.clients.glue.create_database(DatabaseInput={"Name": self.name})
        self.clone_crawler()

    def clone_crawler(self) -> None:
        """Create the deployed crawler again, over this lake."""
        deployed = self.clients.glue.get_crawler(Name=self.deployment.crawler)["Crawler"]
        self.clients.glue.create_crawler(
            Name=self.name,
            Role=deployed["Role"],
            DatabaseName=self.name,
            Targets={
                "S3Targets": [
                    {
                        "Path": f"s3://{self.curated}/",
                        "Exclusions": deployed["Targets"]["S3Targets"][0]["Exclusions"],
                    }
                ]
            },
            SchemaChangePolicy=deployed["SchemaChangePolicy"],
            RecrawlPolicy=deployed["RecrawlPolicy"],
            Configuration=deployed["Configuration"],
        )

    def landed(self, key: str = "landing/a.zip", at: datetime | None = None) -> LandedFile:
        """A version of its own."""
        return LandedFile(
            bucket=self.ingest,
            key=key,
            version_id=f"v{next(_NUMBERS)}",
            size=1,
            landed_at=at or datetime.now(UTC),
        )

    def put_rows(self, file: LandedFile, dataset: str, mode: Any, rows: pa.Table) -> CuratedObject:
        """Put one member's Parquet as the normalizer would."""
        described = self.describe(file, dataset, mode, rows)
        self.clients.s3.put_object(Bucket=self.curated, Key=described.object.key, Body=parquet(rows))
        return described

    def describe(self, file: LandedFile, dataset: str, mode: Any, rows: pa.Table) -> CuratedObject:
        """What the normalizer's manifest says of such an object."""
        placement = place(file, dataset, mode, f"{dataset}.csv")
        content = parquet(rows)
        etag = f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
        return CuratedObject(
            member=f"{dataset}.csv",
            dataset=dataset,
            mode=mode,
            recipe=f"{dataset}@1",
            object=StoredObject(bucket=self.curated, key=placement.key, size=len(content), etag=etag),
            partition=placement.partition,
            location=f"s3://{self.curated}/{placement.folder}",
            columns=glue_columns(rows.schema),
            rows=RowCounts(rows_in=rows.num_rows, rows_out=rows.num_rows),
        )

    def put_manifest(self, file: LandedFile, *curated: CuratedObject) -> None:
        """Put the normalizer's manifest."""
        manifest = NormalizeManifest(
            file=file,
            generation=0,
            fingerprint="f",
            attempt=1,
            curated=curated,
            started_at=file.landed_at,
            finished_at=file.landed_at,
        )
        key = manifest_key(file.file_id, Stage.NORMALIZE, 0)
        self.clients.s3.put_object(Bucket=self.ingest, Key=key, Body=manifest.model_dump_json().encode())

    def normalized(self, dataset: str, mode: Any, rows: pa.Table, **landed: Any) -> LandedFile:
        """A file of one member that the normalizer is done with."""
        file = self.landed(**landed)
        self.put_manifest(file, self.put_rows(file, dataset, mode, rows))
        return file

    async def accept(self, file: LandedFile) -> None:
        """Open a generation that accepts the file's snapshots, as an operator does."""
        replay = Replay(replay_id="r", requested_by="ada", requested_at=datetime.now(UTC))
        opened = GenerationOpened(
            file=file,
            generation=1,
            from_stage=Stage.CATALOG,
            replay=replay,
            accepts_shrink=True,
            because="they moved",
        )
        async with ServiceClients() as clients:
            assert await open_generation(ObjectStore(await clients.s3()), opened)

    @asynccontextmanager
    async def cataloger(self, **settings: Any) -> AsyncIterator[Handler]:
        """The service's own handler, wired as the service wires it."""
        chosen: dict[str, Any] = {
            "ingest_bucket": self.ingest,
            "event_bus": self.deployment.event_bus,
            "queue_url": "none",
            "dead_letter_queue_url": "none",
            "database": self.name,
            "crawler": self.name,
            "crawl_margin_seconds": _MARGIN,
            "crawl_min_interval_seconds": 0,
            "crawl_poll_seconds": 0.05,
            "crawl_limit_seconds": 60,
            **settings,
        }
        async with ServiceClients() as clients, AsyncExitStack() as closing:
            store = ObjectStore(await clients.s3())
            bus = EventBus(await clients.events(), self.deployment.event_bus)
            yield await build(CatalogerSettings(**chosen), Parts(clients, store, bus, closing))

    def manifest(self, file: LandedFile) -> CatalogManifest:
        """What the cataloger recorded of a file."""
        key = manifest_key(file.file_id, Stage.CATALOG, 0)
        body = self.clients.s3.get_object(Bucket=self.ingest, Key=key)["Body"].read()
        return CatalogManifest.model_validate_json(body)

    def crawls(self) -> int:
        """How many crawls there have been."""
        return len(self.clients.glue.list_crawls(CrawlerName=self.name, MaxResults=100)["Crawls"])

    def tables(self) -> dict[str, TableTypeDef]:
        return {
            each["Name"]: each for each in self.clients.glue.get_tables(DatabaseName=self.name)["TableList"]
        }

    def partitions(self, table: str) -> Mapping[tuple[str, ...], PartitionTypeDef]:
        pages = self.clients.glue.get_paginator("get_partitions").paginate(
            DatabaseName=self.name, TableName=table
        )
        return {tuple(each["Values"]): each for page in pages for each in page["Partitions"]}

    def rows_at(self, location: str) -> int:
        """How many rows lie at exactly that place."""
        bucket, _, prefix = location.removeprefix("s3://").partition("/")
        found = self.clients.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        bodies = [self.clients.s3.get_object(Bucket=bucket, Key=item["Key"])["Body"] for item in found]
        return sum(pq.read_metadata(io.BytesIO(body.read())).num_rows for body in bodies)


def parquet(rows: pa.Table) -> bytes:
    """A small Parquet file."""
    sink = io.BytesIO()
    pq.write_table(rows, sink, compression="snappy", store_schema=False)
    return sink.getvalue()


def message(receives: int = 1) -> Message:
    return Message("m", "r", "{}", receives)


def event(file: LandedFile) -> FileNormalized:
    return FileNormalized(event_id="e", file=file, generation=0, manifest_key="k")
