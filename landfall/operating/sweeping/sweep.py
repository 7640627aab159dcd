"""A whole sweep: the light one looks at what should move, the full one also at what should not be there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from landfall.operating.operators import new_replay
from landfall.operating.replaying import Requests
from landfall.operating.sweeping.curated import sweep_curated
from landfall.operating.sweeping.findings import Finding, Kind, Tools
from landfall.operating.sweeping.held_back import sweep_held_back
from landfall.operating.sweeping.leftovers import sweep_raw, sweep_uploads
from landfall.operating.sweeping.letters import sweep_letters
from landfall.operating.sweeping.overdue import sweep_overdue
from landfall.operating.sweeping.partitions import sweep_partitions
from landfall.operating.sweeping.progress import progress_of
from landfall.operating.sweeping.rejects import sweep_quarantine
from landfall.operating.sweeping.stalls import sweep_stalls
from landfall.target import Target
from landfall.times import days_since
from services.archiver.announcing import Announcer
from shared.aws.clients import Clients
from shared.bus import EventBus
from shared.metrics import swept
from shared.objects.store import ObjectStore

LIGHT = (sweep_letters, sweep_stalls, sweep_overdue)
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
    expected: Mapping[str, timedelta | None] = field(default_factory=dict)
    """How often a file is expected in a folder of landing/; None where files come as they like."""


async def sweep(target: Target, scope: Scope) -> list[Finding]:
    """Look, and repair if the scope says so; what was repaired says what was done."""
    async with _tools(target, scope) as tools:
        findings = [finding for look in (FULL if scope.full else LIGHT) for finding in await look(tools)]
        await _report(tools, findings)
        return findings


async def _report(tools: Tools, findings: list[Finding]) -> None:
    """Metrics of what was seen; the look for stalled files is a part of every sweep."""
    progress = await progress_of(tools, tools.surveyed[-1], findings)
    overdue = sum(each.kind is Kind.FILE_OVERDUE and each.alarms for each in findings)
    swept(tools.deployment.prefix, progress.oldest, progress.stalled, overdue)


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
            expected=scope.expected,
        )
