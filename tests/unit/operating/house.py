"""A deployment in memory that a sweep looks at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from landfall.deployment import Deployment
from landfall.operating.replaying import Requests
from landfall.operating.sweeping.findings import Finding, Kind, Tools
from services.archiver.announcing import Announcer
from shared.bus import EventBus
from shared.errors import AwsUnavailable
from shared.events import AnyEvent, FileDecrypted, envelope
from shared.layout import opened_key
from shared.stages import Stage
from tests.doubles.events import InMemoryEvents
from tests.doubles.queues import QUEUES, InMemoryQueues
from tests.doubles.s3 import EPOCH, InMemoryS3
from tests.doubles.sns import InMemorySns
from tests.histories import REPLAY, History

DEPLOYMENT = Deployment(
    prefix="landfall",
    ingest_bucket="ingest",
    curated_bucket="curated",
    bucket_key_arn="",
    landing_key_arn="",
    event_bus="bus",
    queues=QUEUES,
    success_topic_arn="arn:success",
    error_topic_arn="arn:error",
    database="db",
    crawler="crawler",
)


class Catalog:
    """Tables with partitions, as a sweep asks for them."""

    def __init__(self, partitions: dict[str, dict[str, str]], key: str = "ingest_date") -> None:
        self.partitions = partitions
        self.parameters: dict[str, dict[str, str]] = {}
        self.key = key

    def get_paginator(self, name: str) -> Catalog:
        self._asked = name
        return self

    async def paginate(self, **asked: Any) -> AsyncIterator[Any]:
        if self._asked == "get_tables":
            tables = [
                {
                    "Name": name,
                    "PartitionKeys": [{"Name": self.key}],
                    "Parameters": self.parameters.get(name, {}),
                }
                for name in self.partitions
            ]
            yield {"TableList": tables}
            return
        yield {
            "Partitions": [
                {"Values": [value], "StorageDescriptor": {"Location": location}}
                for value, location in self.partitions[asked["TableName"]].items()
            ]
        }

    async def delete_partition(self, *, TableName: str, PartitionValues: list[str], **_: Any) -> Any:  # noqa: N803
        del self.partitions[TableName][PartitionValues[0]]


class House:
    """A deployment in memory, a day after everything in it happened."""

    def __init__(self) -> None:
        self.s3, self.queues = InMemoryS3(), InMemoryQueues()
        self.events, self.sns = InMemoryEvents(), InMemorySns()
        self.catalog = Catalog({})

    def history(self, key: str = "landing/20260131_Extract.zip") -> History:
        return History(self.s3, key)

    def tools(self, *, announce: bool = False, fix: bool = False) -> Tools:
        store = self.s3.store()
        now = EPOCH + timedelta(days=1, hours=1)
        return Tools(
            deployment=DEPLOYMENT,
            store=store,
            bus=self.events.bus(),
            glue=cast("Any", self.catalog),
            letters=self.queues.client(),
            requests=Requests(store, self.queues.asynchronous(), "ingest", QUEUES, REPLAY),
            announcer=Announcer(self.sns.client(), "arn:success", "arn:error"),
            now=now,
            stalled_before=now - timedelta(hours=1),
            left_before=now - timedelta(days=1),
            days=(EPOCH.date(), now.date()),
            announce=announce or fix,
            fix=fix,
        )

    def record_afresh(self, file: History) -> None:
        """Have something new be recorded of a file, an hour ago, as by a replay that is at work now."""
        file.open(1, Stage.DECRYPT)
        changed = {"last_modified": self.tools().now - timedelta(hours=1)}
        self.s3.change_newest("ingest", opened_key(file.file_id, 1), **changed)

    async def look(self, check: Callable[[Tools], Awaitable[list[Finding]]]) -> list[Finding]:
        return await check(self.tools())

    async def fix(self, check: Callable[[Tools], Awaitable[list[Finding]]]) -> list[Finding]:
        return await check(self.tools(fix=True))

    def keys(self, bucket: str) -> list[str]:
        return sorted(key for name, key in self.s3.objects if name == bucket)


class _Unreachable:
    """A bus that takes nothing, as a sweep or a worker finds it that dies before its event is out."""

    async def publish(self, event: AnyEvent) -> None:
        raise AwsUnavailable(f"no {event.detail_type} gets through")


NO_BUS = cast("EventBus", _Unreachable())


async def dies_before_publishing(tools: Tools, check: Callable[[Tools], Awaitable[list[Finding]]]) -> None:
    """A sweep that was killed when it was about to announce."""
    with pytest.raises(AwsUnavailable):
        await check(replace(tools, bus=NO_BUS))


class OldFile(History):
    """A file that landed a year before everything else happened to it."""

    def __init__(self, s3: InMemoryS3) -> None:
        super().__init__(s3)
        landed_at = self.file.landed_at - timedelta(days=365)
        self.file = self.file.model_copy(update={"landed_at": landed_at})
        self.file_id = self.file.file_id


def kinds(findings: list[Finding]) -> list[Kind]:
    return [finding.kind for finding in findings]


def decrypted(file: History, generation: int = 0) -> str:
    """The message that the normalizer gets of a file."""
    return envelope(FileDecrypted(file=file.file, generation=generation, event_id="e", manifest_key="k"))
