"""What a sweep finds, and what it works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from landfall.deployment import Deployment
from services.archiver.announcing import Announcer
from shared.bus import EventBus
from shared.objects.store import ObjectStore

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from types_aiobotocore_glue import GlueClient

    from landfall.operating.replaying import Requests
    from landfall.operating.survey import Survey


class Kind(StrEnum):
    """Every kind of finding. docs/operations.md tells of each why it comes about and what is done."""

    NOT_STARTED = "NOT_STARTED"
    STALLED = "STALLED"
    WORKER_DIED = "WORKER_DIED"
    UNDELIVERED_EVENT = "UNDELIVERED_EVENT"
    UNDELIVERED_REPORT = "UNDELIVERED_REPORT"
    UNFINISHED_SUCCESS = "UNFINISHED_SUCCESS"
    OUTLIVED_LETTER = "OUTLIVED_LETTER"
    UNREADABLE_LETTER = "UNREADABLE_LETTER"
    MISROUTED_DEAD_LETTER = "MISROUTED_DEAD_LETTER"
    OTHER_DEPLOYMENT = "OTHER_DEPLOYMENT"
    DANGLING_UPLOAD = "DANGLING_UPLOAD"
    LEFT_IN_RAW = "LEFT_IN_RAW"
    ORPHAN_IN_QUARANTINE = "ORPHAN_IN_QUARANTINE"
    ORPHAN_IN_CURATED = "ORPHAN_IN_CURATED"
    MISSING_IN_CURATED = "MISSING_IN_CURATED"
    HELD_BACK_SNAPSHOT = "HELD_BACK_SNAPSHOT"
    EMPTY_PARTITION = "EMPTY_PARTITION"
    FILE_OVERDUE = "FILE_OVERDUE"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be."""

    kind: Kind
    where: str
    """An s3:// address, a queue and message, or a table and partition."""
    detail: str
    file_id: str | None = None
    done: str | None = None
    """What was done about it; None where nothing was."""
    alarms: bool = True
    """Whether it counts for the alarm on its kind, where there is one."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What the checks look with, and mend with."""

    deployment: Deployment
    store: ObjectStore
    bus: EventBus
    glue: GlueClient
    letters: SQSClient
    requests: Requests
    announcer: Announcer
    now: datetime
    stalled_before: datetime
    """What has not moved since then stands still."""
    left_before: datetime
    """What lies about since then belongs to nothing in work any more."""
    days: tuple[date, ...]
    """Landing days that are looked at."""
    announce: bool
    """Whether what stands still becomes an error outcome."""
    fix: bool
    """Whether what can be repaired is."""
    sent_back: set[str] = field(default_factory=set)
    """Ids of files whose letters this sweep has sent back: what they lack is on its way."""
    surveyed: list[Survey] = field(default_factory=list)
    """What the look for stalled files saw, for those that come after it."""
    expected: Mapping[str, timedelta | None] = field(default_factory=dict)
    """How often a file is expected in a folder of landing/; None where files come as they like."""

    @property
    def bucket(self) -> str:
        """The ingest bucket."""
        return self.deployment.ingest_bucket
