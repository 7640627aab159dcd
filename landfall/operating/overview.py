"""How everything stands: files by stage, queues, dead letters, crawls, rejected rows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import AwareDatetime, BaseModel, Field

from landfall.deployment import Deployment, Queue
from landfall.operating.states import LISTINGS_AT_ONCE, FileState, Status
from landfall.operating.survey import Survey
from shared.aws.clients import Clients
from shared.aws.faults import error_code
from shared.concurrency import for_each
from shared.manifests import NormalizeManifest
from shared.objects.store import ObjectStore
from shared.stages import Stage

if TYPE_CHECKING:
    from types_aiobotocore_glue import GlueClient
    from types_aiobotocore_sqs import SQSClient
    from types_aiobotocore_sqs.literals import QueueAttributeNameType

_MOST_READ = 200  # manifests, for counting rejected rows
_COUNTS: list[QueueAttributeNameType] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
]


class StageStanding(BaseModel):
    """One stage: its files, its queue, its dead letters."""

    stage: Stage
    files: int = Field(description="With this stage now, waiting or in work.")
    oldest_seconds: float | None = Field(description="How long the first of them has been with it.")
    failed: int
    messages: int = Field(description="Visible in its queue, by SQS's approximate count.")
    in_flight: int = Field(description="With a worker, or waiting to be tried again.")
    dead_letters: int


class Rejected(BaseModel):
    """Rows that were set aside in quarantine/."""

    files: int
    rows: int
    complete: bool = Field(description="False where there were too many files to read them all.")


class Crawls(BaseModel):
    """The crawler."""

    state: str
    running_seconds: float | None
    last_state: str | None
    last_started_at: AwareDatetime | None


class Overview(BaseModel):
    """One look at everything."""

    at: AwareDatetime
    days: list[date]
    files: dict[Status, int]
    unfinished_before: int = Field(description="Files of earlier days that are in work or have failed.")
    stages: list[StageStanding]
    rejected: Rejected
    crawls: Crawls | None = Field(description="None where there is no crawler.")


async def overview(clients: Clients, deployment: Deployment, found: Survey, days: Sequence[date]) -> Overview:
    """Ask queues, crawler and quarantine about what the survey found."""
    at = datetime.now(UTC)
    sqs, glue, store = await clients.sqs(), await clients.glue(), ObjectStore(await clients.s3())
    standings, crawls, rejected = await asyncio.gather(
        for_each(
            deployment.queues.items(), lambda item: _standing(sqs, item[0], item[1], found, at), len(Stage)
        ),
        _crawls(glue, deployment.crawler),
        _rejected(store, deployment.ingest_bucket, found.states, days),
    )
    return Overview(
        at=at,
        days=list(days),
        files=found.counts,
        unfinished_before=len(found.unfinished_before),
        stages=standings,
        rejected=rejected,
        crawls=crawls,
    )


async def _standing(sqs: SQSClient, stage: Stage, queue: Queue, found: Survey, at: datetime) -> StageStanding:
    waiting = found.waiting_at(stage)
    visible, in_flight, delayed = await _count(sqs, queue.url)
    dead, held, _ = await _count(sqs, queue.dead_letter_url)
    return StageStanding(
        stage=stage,
        files=len(waiting),
        oldest_seconds=max(0.0, (at - min(waiting)).total_seconds()) if waiting else None,
        failed=len(found.failed_at(stage)),
        messages=visible,
        in_flight=in_flight + delayed,
        dead_letters=dead + held,
    )


async def _count(sqs: SQSClient, url: str) -> tuple[int, int, int]:
    answer = await sqs.get_queue_attributes(QueueUrl=url, AttributeNames=_COUNTS)
    visible, in_flight, delayed = (int(answer["Attributes"].get(name, "0")) for name in _COUNTS)
    return visible, in_flight, delayed


async def _crawls(glue: GlueClient, crawler: str) -> Crawls | None:
    try:
        found = (await glue.get_crawler(Name=crawler))["Crawler"]
    except ClientError as error:
        if error_code(error) == "EntityNotFoundException":
            return None
        raise
    last = found.get("LastCrawl", {})
    elapsed = found.get("CrawlElapsedTime", 0) / 1000 if found["State"] == "RUNNING" else None
    return Crawls(
        state=found["State"],
        running_seconds=elapsed,
        last_state=last.get("Status"),
        last_started_at=last.get("StartTime"),
    )


async def _rejected(
    store: ObjectStore, bucket: str, states: Sequence[FileState], days: Sequence[date]
) -> Rejected:
    async def of_day(day: date) -> set[str]:
        return {item.key.split("/")[4] async for item in store.list(bucket, f"quarantine/{day:%Y/%m/%d}/")}

    with_rejects = {each for ids in await for_each(days, of_day, LISTINGS_AT_ONCE) for each in ids}
    successes = [state.success(Stage.NORMALIZE) for state in states if state.file_id in with_rejects]
    keys = [record.key for record in successes if record is not None]

    async def rows_of(key: str) -> int:
        body = await store.read(bucket, key)
        manifest = NormalizeManifest.model_validate_json(body) if body else None
        return sum(each.rows.rejected for each in manifest.curated) if manifest else 0

    rows = await for_each(keys[:_MOST_READ], rows_of, LISTINGS_AT_ONCE)
    return Rejected(files=len(keys), rows=sum(rows), complete=len(keys) <= _MOST_READ)
