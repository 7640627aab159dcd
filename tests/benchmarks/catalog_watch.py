"""What a measured cataloger did: when each file was said to be catalogued, and what Glue was asked."""

from __future__ import annotations

import json
import time
import urllib.request
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from landfall.local.glue.health import HEALTH_PATH
from landfall.local.stack import LocalStack
from shared.aws.clients import Clients
from shared.concurrency import for_each
from shared.identity import LandedFile
from shared.layout import manifest_key
from shared.lineage import read_manifest
from shared.manifests import CatalogManifest
from shared.objects.store import ObjectStore
from shared.stages import Stage

# The public price list of AWS Glue, us-east-1. Calls of the crawler API are free, those of the catalog not.
DOLLARS_PER_DPU_HOUR = 0.44
DOLLARS_PER_REQUEST = 1.00 / 1_000_000  # beyond the first million a month
_CRAWLER_CALLS = frozenset({"GetCrawler", "StartCrawler", "ListCrawls"})
_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Crawls:
    """The crawls of a measurement; ``seconds`` is what one took on average."""

    count: int
    seconds: float
    dollars: float


class Watch:
    """Reads the archive queue, where FileCataloged goes, the crawler's history, the Glue front's counts."""

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack
        self._sqs = stack.session().client("sqs", endpoint_url=stack.endpoint)
        self._glue = stack.session().client("glue", endpoint_url=stack.glue_endpoint)
        self._queue = stack.deployment.queues[Stage.ARCHIVE].url

    def await_events(self, count: int, within: float) -> dict[str, float]:
        """When FileCataloged of each file was in the archive queue, by file id; fewer where time ran out."""
        deadline = time.monotonic() + within
        seen: dict[str, float] = {}
        while len(seen) < count and time.monotonic() < deadline:
            # To receive is work for the emulator as well, so it is left until most probably all are there.
            if self._waiting() < count - len(seen):
                time.sleep(1)
            else:
                self._receive_all(seen)
        self._receive_all(seen)
        return seen

    def _receive_all(self, seen: dict[str, float]) -> None:
        while messages := self._sqs.receive_message(
            QueueUrl=self._queue, MaxNumberOfMessages=10, MessageSystemAttributeNames=["SentTimestamp"]
        ).get("Messages"):
            for each in messages:
                file_id = json.loads(each["Body"])["detail"]["manifest_key"].split("/")[4]
                seen.setdefault(file_id, int(each["Attributes"]["SentTimestamp"]) / 1000)
            self._sqs.delete_message_batch(
                QueueUrl=self._queue,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": each["ReceiptHandle"]}
                    for number, each in enumerate(messages)
                ],
            )

    def crawls(self, since: datetime) -> Crawls:
        """The crawls that began since a moment; not more than a hundred."""
        answer = self._glue.list_crawls(CrawlerName=self._stack.deployment.crawler, MaxResults=100)
        found = [crawl for crawl in answer["Crawls"] if crawl["StartTime"] >= since and "EndTime" in crawl]
        seconds = [(crawl["EndTime"] - crawl["StartTime"]).total_seconds() for crawl in found]
        return Crawls(
            count=len(found),
            seconds=sum(seconds) / len(seconds) if seconds else 0.0,
            dollars=sum(crawl["DPUHour"] for crawl in found) * DOLLARS_PER_DPU_HOUR,
        )

    def catalog_requests(self) -> Counter[str]:
        """How often each charged operation has been called since the front was started."""
        with urllib.request.urlopen(self._stack.glue_endpoint + HEALTH_PATH, timeout=10) as answer:
            asked: dict[str, int] = json.load(answer)["requests"]
        return Counter({name: count for name, count in asked.items() if name not in _CRAWLER_CALLS})

    async def missed(self, files: Sequence[LandedFile], margin: timedelta) -> int:
        """Files that are not provably catalogued.

        Those without a catalog manifest, and those whose manifest names a crawl that began too early for the
        normalizer's manifest as S3 dates it.
        """
        async with Clients() as clients:
            store = ObjectStore(await clients.s3())
            bucket = self._stack.deployment.ingest_bucket
            # The header that the cataloger goes by tells whole seconds.
            put_at = {
                item.key: item.last_modified.replace(microsecond=0)
                async for item in store.list(bucket, "manifests/")
            }

            async def is_missed(file: LandedFile) -> bool:
                if manifest_key(file.file_id, Stage.CATALOG, 0) not in put_at:
                    return True
                manifest = await read_manifest(store, file, CatalogManifest, 0)
                if manifest is None or not manifest.tables:
                    return True
                written_at = put_at[manifest_key(file.file_id, Stage.NORMALIZE, 0)]
                return manifest.crawl is not None and manifest.crawl.started_at <= written_at + margin

            return sum(await for_each(files, is_missed, _AT_ONCE))

    def _waiting(self) -> int:
        answer = self._sqs.get_queue_attributes(
            QueueUrl=self._queue, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])
