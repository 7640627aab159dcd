"""Wiring and life of a service process: settings, clients, signals, the worker, and a clean end."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from pydantic import ValidationError

from shared.aws.clients import Clients
from shared.bus import EventBus
from shared.errors import ConfigurationError
from shared.failures import Failures
from shared.logs import configure_logging, get_logger
from shared.objects.store import ObjectStore
from shared.settings import WorkerSettings
from shared.worker.backoff import Backoff
from shared.worker.handler import Handler
from shared.worker.job import Job
from shared.worker.queue import Queue
from shared.worker.worker import Worker

S = TypeVar("S", bound=WorkerSettings)

log = get_logger()


@dataclass(frozen=True, slots=True)
class Parts:
    """What every handler is built from."""

    clients: Clients
    store: ObjectStore
    bus: EventBus


def run_service(name: str, settings_type: type[S], build: Callable[[S, Parts], Awaitable[Handler]]) -> None:
    """Run a service until SIGTERM or SIGINT; exits 0 after a clean drain and 2 where it can't be started."""
    try:
        settings = settings_type()
    except ValidationError as error:
        for item in error.errors(include_input=False):
            field = "_".join(map(str, item["loc"])).upper()
            print(f"{name}: LANDFALL_{field}: {item['msg']} (docs/settings.md)", file=sys.stderr)
        sys.exit(2)
    configure_logging(name, settings.log_level)
    try:
        asyncio.run(_serve(settings, build))
    except ConfigurationError as error:
        log.error("cannot_start", code=error.code, reason=error.message, advice=error.advice)
        sys.exit(2)


async def _serve(settings: S, build: Callable[[S, Parts], Awaitable[Handler]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    async with Clients() as clients:
        parts = Parts(
            clients, ObjectStore(await clients.s3()), EventBus(await clients.events(), settings.event_bus)
        )
        if not await parts.store.is_versioned(settings.ingest_bucket):
            raise ConfigurationError("the bucket in LANDFALL_INGEST_BUCKET is not versioned")
        queue = Queue(await clients.sqs(), settings.queue_url, settings.dead_letter_queue_url)
        limits = await queue.limits()
        handler = await build(settings, parts)
        job = Job(
            queue=queue,
            handler=handler,
            failures=Failures(parts.store, parts.bus, handler.stage),
            backoff=Backoff(settings.backoff_base_seconds, settings.backoff_cap_seconds, Random()),
            max_receives=limits.max_receives,
        )
        await Worker(queue, job, settings, limits.visibility_seconds).run(stop)
