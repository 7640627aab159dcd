"""One service process: the real worker and handler, behind a gate of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from typing import Any, cast

from services.archiver.__main__ import build as build_archiver
from services.archiver.settings import ArchiverSettings
from services.cataloger.__main__ import build as build_cataloger
from services.cataloger.settings import CatalogerSettings
from services.decryptor.__main__ import build as build_decryptor
from services.decryptor.settings import DecryptorSettings
from services.normalizer.__main__ import build as build_normalizer
from services.normalizer.settings import NormalizerSettings
from shared.bus import EventBus
from shared.failures import Failures
from shared.objects.store import ObjectStore
from shared.stages import Stage
from shared.worker.backoff import Backoff
from shared.worker.handler import Handler
from shared.worker.job import Job
from shared.worker.queue import Queue
from shared.worker.service import Parts
from shared.worker.worker import Worker
from tests.doubles.aws import CURATED, INGEST, MAX_RECEIVES, VISIBILITY, Aws
from tests.doubles.virtual_loop import OWNER
from tests.faults.model.gate import Gate, Gated


class _Clients:
    def __init__(self, aws: Aws, gate: Gate) -> None:
        self._aws = aws
        self._gate = gate

    async def sns(self) -> Any:
        return Gated(self._aws.sns, self._gate)

    async def glue(self) -> Any:
        return Gated(self._aws.glue, self._gate)


class Process:
    """A service from start to death; its recipes are those that are deployed when it starts."""

    def __init__(self, stage: Stage, aws: Aws, recipes: Path, random: Random) -> None:
        self.stage = stage
        self.gate = Gate()
        self._stop = asyncio.Event()
        OWNER.set(self)  # of the task that starts it, which ends then
        self._running = asyncio.create_task(self._run(aws, recipes, random))

    @property
    def ended(self) -> bool:
        """Whether it runs no more; a defect that ended it is raised."""
        if self._running.done() and not self._running.cancelled():
            self._running.result()
        return self._running.done()

    def ask_to_stop(self) -> None:
        """SIGTERM."""
        self._stop.set()

    async def _run(self, aws: Aws, recipes: Path, random: Random) -> None:
        store = ObjectStore(cast("Any", Gated(aws.s3, self.gate)))
        bus = EventBus(cast("Any", Gated(aws.bus, self.gate)), "bus")
        queue = Queue(cast("Any", Gated(aws.sqs, self.gate)), self.stage, f"!{self.stage}")
        async with AsyncExitStack() as closing:
            parts = Parts(cast("Any", _Clients(aws, self.gate)), store, bus, closing)
            settings = _common(self.stage)
            handler = await _BUILDERS[self.stage](parts, settings, recipes)
            job = Job(
                queue=queue,
                handler=handler,
                failures=Failures(store, bus, self.stage),
                backoff=Backoff(5, 900, random),
                max_receives=MAX_RECEIVES,
                bucket=INGEST,
            )
            await Worker(queue, job, DecryptorSettings(**settings), VISIBILITY).run(self._stop)


def _common(stage: Stage) -> dict[str, Any]:
    return {
        "ingest_bucket": INGEST,
        "event_bus": "bus",
        "queue_url": stage.value,
        "dead_letter_queue_url": f"!{stage}",
        "poll_wait_seconds": 0,
        "concurrency": 2,
    }


async def _decryptor(parts: Parts, settings: Mapping[str, Any], _recipes: Path) -> Handler:
    return await build_decryptor(DecryptorSettings(**settings), parts)


async def _normalizer(parts: Parts, settings: Mapping[str, Any], recipes: Path) -> Handler:
    return await build_normalizer(
        NormalizerSettings(**settings, curated_bucket=CURATED, recipes=recipes), parts
    )


async def _cataloger(parts: Parts, settings: Mapping[str, Any], _recipes: Path) -> Handler:
    own = CatalogerSettings(**settings, database="curated", crawler="crawler", catalog_mode="direct")
    return await build_cataloger(own, parts)


async def _archiver(parts: Parts, settings: Mapping[str, Any], _recipes: Path) -> Handler:
    own = ArchiverSettings(**settings, success_topic_arn="success", error_topic_arn="error")
    return await build_archiver(own, parts)


_BUILDERS: Mapping[Stage, Callable[[Parts, Mapping[str, Any], Path], Awaitable[Handler]]] = {
    Stage.DECRYPT: _decryptor,
    Stage.NORMALIZE: _normalizer,
    Stage.CATALOG: _cataloger,
    Stage.ARCHIVE: _archiver,
}
