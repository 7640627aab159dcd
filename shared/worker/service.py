"""Wiring and life of a service process: settings, clients, signals, the worker, and a clean end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from pydantic import ValidationError

from shared.aws.clients import Clients
from shared.bus import EventBus
from shared.errors import ConfigurationError
from shared.failures import Failures
from shared.logs import configure_logging, get_logger
from shared.objects.bulk import BulkTransfer
from shared.objects.store import ObjectStore
from shared.settings import WorkerSettings
from shared.threads import any_at_work
from shared.worker.backoff import Backoff
from shared.worker.handler import Handler
from shared.worker.job import Job
from shared.worker.liveness import alive
from shared.worker.protection import AGENT_URI, protected
from shared.worker.queue import Queue
from shared.worker.worker import Worker

S = TypeVar("S", bound=WorkerSettings)

log = get_logger()

# A file of VARIABLE=value lines, such as `landfall deploy` writes; the environment wins over it.
SETTINGS_FILE = "LANDFALL_SETTINGS_FILE"


@dataclass(frozen=True, slots=True)
class Parts:
    """What every handler is built from; what it must let go of at the end is handed to ``closing``."""

    clients: Clients
    store: ObjectStore
    bus: EventBus
    closing: AsyncExitStack


def run_service(
    name: str,
    settings_type: type[S],
    build: Callable[[S, Parts], Awaitable[Handler]],
    *,
    protects_work: bool = True,
) -> None:
    """Run a service until SIGTERM or SIGINT; exits 0 after a clean drain and 2 where it can't be started.

    Args:
        name: what it is called in logs.
        settings_type: its settings, read from the environment.
        build: makes its handler.
        protects_work: whether ECS is asked to spare a task while a file is in work.
    """
    try:
        settings = settings_type(_env_file=os.environ.get(SETTINGS_FILE))
    except ValidationError as error:
        for item in error.errors(include_input=False):
            field = "_".join(map(str, item["loc"])).upper()
            print(f"{name}: LANDFALL_{field}: {item['msg']} (docs/settings.md)", file=sys.stderr)
        sys.exit(2)
    configure_logging(name, settings.log_level)
    try:
        with asyncio.Runner() as runner:
            if not runner.run(_serve(settings, build, protects_work)) or any_at_work():
                # A thread is still busy with a job that was handed back or lost. Nothing it does counts any
                # more, and waiting for it could outlast the time that ECS gives.
                sys.stdout.flush()
                os._exit(0)
    except ConfigurationError as error:
        log.error("cannot_start", code=error.code, reason=error.message, advice=error.advice)
        sys.exit(2)


async def _serve(settings: S, build: Callable[[S, Parts], Awaitable[Handler]], protects_work: bool) -> bool:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    async with Clients() as clients, AsyncExitStack() as closing:
        s3, bus = await clients.s3(), EventBus(await clients.events(), settings.event_bus)
        bulk = BulkTransfer(s3)
        closing.callback(bulk.close)
        parts = Parts(clients, ObjectStore(s3, bulk), bus, closing)
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
            bucket=settings.ingest_bucket,
        )
        async with (
            alive(settings.liveness_file),
            protected(os.environ.get(AGENT_URI) if protects_work else None) as protection,
        ):
            return await Worker(queue, job, settings, limits.visibility_seconds, protection).run(stop)
