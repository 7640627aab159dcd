"""Files that the normalizer is done with, made ahead or at a steady rate, for a cataloger to be measured."""

from __future__ import annotations

import asyncio
import io
import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from landfall.deployment import Deployment
from services.normalizer.gluetypes import glue_columns
from services.normalizer.placement import place
from shared.aws.clients import Clients
from shared.concurrency import for_each
from shared.events import FileNormalized, derived_id, envelope
from shared.identity import LandedFile
from shared.layout import manifest_key
from shared.manifests import CuratedObject, NormalizeManifest, RowCounts, StoredObject
from shared.stages import Stage

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client
    from types_aiobotocore_sqs import SQSClient

DATASETS = ("bounces", "clicks", "opens", "sent", "unsubs")
ROWS = pa.table({"email_plain": ["a"], "send_id": [1], "event_date": pa.array([1], pa.timestamp("us"))})
_AT_ONCE = 32
_NUMBERS = itertools.count()


@dataclass(slots=True)
class Load:
    """Puts files where the normalizer would and tells the cataloger; ``told_at`` is when, by file id."""

    deployment: Deployment
    told_at: dict[str, float] = field(default_factory=dict)

    async def burst(self, files: Iterable[LandedFile]) -> None:
        """Tell of files that are prepared, as fast as SQS takes it."""
        async with Clients() as clients:
            sqs = await clients.sqs()
            await for_each(_tens(files), lambda ten: self._tell(sqs, ten), _AT_ONCE)

    async def steady(self, rate: float, seconds: float) -> list[LandedFile]:
        """Prepare and tell of ``rate`` files a second."""
        async with Clients() as clients:
            s3, sqs = await clients.s3(), await clients.sqs()
            started = time.monotonic()
            async with asyncio.TaskGroup() as group:
                files = []
                for number in range(int(rate * seconds)):
                    await asyncio.sleep(max(0.0, started + number / rate - time.monotonic()))
                    files.append(self._new_file())
                    group.create_task(self._prepare_and_tell(s3, sqs, files[-1]))
        return files

    async def prepare(self, count: int) -> list[LandedFile]:
        """Put Parquet and manifest of so many files."""
        files = [self._new_file() for _ in range(count)]
        async with Clients() as clients:
            s3 = await clients.s3()
            await for_each(files, lambda file: self._prepare(s3, file), _AT_ONCE)
        return files

    def _new_file(self) -> LandedFile:
        number = next(_NUMBERS)
        return LandedFile(
            bucket=self.deployment.ingest_bucket,
            key=f"landing/{number}.zip",
            version_id=f"v{number}",
            size=1,
            landed_at=datetime.now(UTC),
        )

    async def _prepare_and_tell(self, s3: S3Client, sqs: SQSClient, file: LandedFile) -> None:
        await self._prepare(s3, file)
        await self._tell(sqs, [file])

    async def _prepare(self, s3: S3Client, file: LandedFile) -> None:
        dataset = DATASETS[int(file.version_id[1:]) % len(DATASETS)]
        placement = place(file, dataset, "append", f"{dataset}.csv")
        bucket = self.deployment.curated_bucket
        await s3.put_object(Bucket=bucket, Key=placement.key, Body=_PARQUET)
        curated = CuratedObject(
            member=f"{dataset}.csv",
            dataset=dataset,
            mode="append",
            recipe=f"{dataset}@1",
            object=StoredObject(bucket=bucket, key=placement.key, size=len(_PARQUET), etag="e"),
            partition=placement.partition,
            location=f"s3://{bucket}/{placement.folder}",
            columns=glue_columns(ROWS.schema),
            rows=RowCounts(rows_in=1, rows_out=1),
        )
        manifest = NormalizeManifest(
            file=file,
            generation=0,
            fingerprint="f",
            attempt=1,
            curated=(curated,),
            started_at=file.landed_at,
            finished_at=datetime.now(UTC),
        )
        key = manifest_key(file.file_id, Stage.NORMALIZE, 0)
        await s3.put_object(Bucket=file.bucket, Key=key, Body=manifest.model_dump_json().encode())

    async def _tell(self, sqs: SQSClient, files: list[LandedFile]) -> None:
        now = time.time()
        await sqs.send_message_batch(
            QueueUrl=self.deployment.queues[Stage.CATALOG].url,
            Entries=[
                {"Id": str(number), "MessageBody": envelope(_normalized(file))}
                for number, file in enumerate(files)
            ],
        )
        self.told_at |= {file.file_id: now for file in files}


def _parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(ROWS, sink, compression="snappy", store_schema=False)
    return sink.getvalue()


_PARQUET = _parquet()


def _normalized(file: LandedFile) -> FileNormalized:
    return FileNormalized(
        event_id=derived_id("event", file.file_id, Stage.NORMALIZE, 0),
        file=file,
        generation=0,
        manifest_key=manifest_key(file.file_id, Stage.NORMALIZE, 0),
    )


def _tens(files: Iterable[LandedFile]) -> Iterable[list[LandedFile]]:
    rest = iter(files)
    while ten := list(itertools.islice(rest, 10)):
        yield ten
