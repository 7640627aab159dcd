"""A whole sweep: the light one looks at what should move, the full one also at what should not be there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from landfall.operating.operators import new_replay
from landfall.operating.replaying import Requests
from landfall.operating.sweeping.curated import sweep_curated
from landfall.operating.sweeping.findings import Finding, Tools
from landfall.operating.sweeping.held_back import sweep_held_back
from landfall.operating.sweeping.leftovers import sweep_raw, sweep_uploads
from landfall.operating.sweeping.letters import sweep_letters
from landfall.operating.sweeping.partitions import sweep_partitions
from landfall.operating.sweeping.rejects import sweep_quarantine
from landfall.operating.sweeping.stalls import sweep_stalls
from landfall.target import Target
from landfall.times import days_since
from services.archiver.announcing import Announcer
from shared.aws.clients import Clients
from shared.bus import EventBus
from shared.objects.store import ObjectStore

LIGHT = (sweep_letters, sweep_stalls)
# Whoever is asked for a file once more may adopt what lies there, so that is cleared away before.
FULL = (sweep_uploads, sweep_raw, sweep_quarantine, sweep_curated, sweep_held_back, sweep_partitions, *LIGHT)


@dataclass(frozen=True, slots=True)
class Scope:
    """How far a sweep goes."""

    full: bool
    announce: bool
    fix: bool
    older_than: timedelta
    """What has not moved for so long stands still."""
    left_for: timedelta
    """What has lain about for so long belongs to nothing in work."""
    since: datetime
    """Files that landed before are looked at only if they are still in landing/."""


async def sweep(target: Target, scope: Scope) -> list[Finding]:
    """Look, and repair if the scope says so; what was repaired says what was done."""
    async with _tools(target, scope) as tools:
        return [finding for look in (FULL if scope.full else LIGHT) for finding in await look(tools)]


@asynccontextmanager
async def _tools(target: Target, scope: Scope) -> AsyncIterator[Tools]:
    now, deployment = datetime.now(UTC), target.deployment
    async with Clients() as clients:
        store = ObjectStore(await clients.s3())
        yield Tools(
            deployment=deployment,
            store=store,
            bus=EventBus(await clients.events(), deployment.event_bus),
            glue=await clients.glue(),
            letters=target.sqs(),
            requests=Requests(
                store, await clients.sqs(), deployment.ingest_bucket, deployment.queues, new_replay(target)
            ),
            announcer=Announcer(
                await clients.sns(), deployment.success_topic_arn, deployment.error_topic_arn
            ),
            now=now,
            stalled_before=now - scope.older_than,
            left_before=now - scope.left_for,
            days=tuple(days_since(scope.since, now)),
            announce=scope.announce or scope.fix,
            fix=scope.fix,
        )
