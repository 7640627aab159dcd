"""One fault and one file: arm, land, wait until all is healed and quiet, audit."""

from __future__ import annotations

import io
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import boto3
from botocore.session import get_session

from landfall.deployment import Deployment
from landfall.encryption import encrypt_esdk
from landfall.landing import Sealed, land
from landfall.local.stack import LocalStack
from landfall.local.starting import Options
from landfall.target import Target
from shared.identity import LandedFile
from shared.layout import PROFILE_LOCK
from shared.settings import WorkerSettings
from tests.faults.audit import Auditor, Findings
from tests.faults.deliveries import Deliveries
from tests.faults.effects import lose_original
from tests.faults.environment import environment
from tests.faults.faults import Fault, Trouble
from tests.faults.fleet import Fleet
from tests.faults.refused import bereft
from tests.faults.samples import MISPLACED, Make, Rows, Sample, fewer_recipes, moving_recipes, refresh
from tests.permissions.ledger import Ledger

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import StorageDescriptorTypeDef

VISIBILITY_SECONDS = 4
_SETTLED_WITHIN = 120.0  # seconds
_PAUSE = 0.1
_COMMAND = str(Path(sys.executable).with_name("landfall"))
_OVERRIDES = {
    "LANDFALL_BACKOFF_BASE_SECONDS": "2",  # so that nobody waits for minutes
    "LANDFALL_BACKOFF_CAP_SECONDS": "20",
    "LANDFALL_POLL_WAIT_SECONDS": "1",
    "LANDFALL_SNAPSHOT_GRACE_SECONDS": "0",  # so that former snapshots are deleted
    "LANDFALL_STAGING_MEMORY_BYTES": "1000",  # so that the smallest inner archive is staged
    "PYTHONPATH": str(Path(__file__).parent / "small_copies"),  # so that copies are made in parts
}
# The delays as they are where nobody has set any.
_SHIPPED_DELAYS = {
    f"LANDFALL_{name.upper()}": str(WorkerSettings.model_fields[name].default)
    for name in ("backoff_base_seconds", "backoff_cap_seconds")
}
_LOST = ("cataloger", "event.publish")  # where the original of a file is lost before it is archived


@dataclass(frozen=True, slots=True)
class Landed:
    """A file of an arena."""

    sample: Sample
    file: LandedFile


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a file that a fault was tried on."""

    findings: Findings
    seconds: float
    """From the fault's first strike to everything done and quiet."""


class Arena:
    """A local stack with services that faults can be done to; as a context manager."""

    def __init__(self, home: Path, overrides: Mapping[str, str] | None = None) -> None:
        self.landed: list[Landed] = []
        self.forgotten: list[Landed] = []
        self._home = home
        self._overrides = {**_OVERRIDES, **(overrides or {})}
        self._markers = itertools.count(1000)
        self._refusals = 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        options = Options(
            home=self._home,
            endpoint=None,
            glue_endpoint=None,
            port=0,
            services=(),
            crawl_seconds=0.3,
            parameters={"VisibilityTimeout": str(VISIBILITY_SECONDS)},
        )
        with ExitStack() as stack:
            local = stack.enter_context(LocalStack.up(options))
            stack.enter_context(environment(local.environment()))
            self.target = Target(local.deployment, local=True)
            self.deliveries = stack.enter_context(Deliveries(local.deployment))
            self.auditor = Auditor(local.deployment, self.deliveries)
            _misplace_table(local.deployment)
            self.moving_recipes = moving_recipes(self._home / "recipes")
            self.fewer_recipes = fewer_recipes(self._home / "fewer-recipes")
            self.ledger = Ledger.of(local.deployment)
            lives = self._home / "lives"
            self.fleet = stack.enter_context(Fleet(local, self._overrides, lives, self.ledger.note))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def land(self, make: Make, key: str | None = None) -> Landed:
        """Put a file that no other trial lands, as a sender does; under ``key``, where one is given."""
        sample = make(next(self._markers), self._seal)
        if key is not None:
            sample = replace(sample, key=key)
        file = land(self.target, Sealed(io.BytesIO(sample.body), {}), f"landing/{sample.key}")
        for older in [each for each in self.landed if sample.refreshes and each.sample.refreshes]:
            self.expect(older, {})
        self.landed.append(Landed(sample, file))
        return self.landed[-1]

    def expect(self, landed: Landed, rows: Rows) -> Landed:
        """From now on a file has these rows, and no others."""
        changed = Landed(replace(landed.sample, rows=rows), landed.file)
        self.landed[self.landed.index(landed)] = changed
        return changed

    def undergo(
        self,
        make: Make,
        faults: Mapping[str, Sequence[Fault]],
        next_poll_of: str | None = None,
        within: float = _SETTLED_WITHIN,
    ) -> Trial:
        """Land a file while faults are armed, by service, and see what becomes of it.

        Args:
            make: The file.
            faults: What is armed.
            next_poll_of: A service whose next poll must be the one that brings the file.
            within: Seconds in which all has to be well again.
        """
        if make is refresh:
            self.settle([self.land(refresh)])  # there has to be one that it replaces
            self.fleet.forget_crossings()
        for service, some in faults.items():
            for fault in some:
                self.fleet.arm(service, fault)
        armed = [fault for some in faults.values() for fault in some]
        if make is bereft:
            self.fleet.arm(_LOST[0], Trouble(lose_original, frozenset(_LOST[1:])))
        try:
            if next_poll_of is not None:
                self.fleet.members[next_poll_of].await_poll()
            landed = self.land(make)
            seconds = self.settle([landed], armed, within)
        finally:
            self.fleet.disarm()
        findings = self.auditor.audit(landed.sample, landed.file)
        if armed and not any(fault.struck for fault in armed):
            findings.faults.append("the fault was never reached")
        return Trial(findings, seconds)

    def settle(
        self, awaited: Sequence[Landed], armed: Sequence[Fault] = (), within: float = _SETTLED_WITHIN
    ) -> float:
        """Wait until files have their outcomes and every queue is empty; services that die are restarted.

        Returns:
            Seconds since the first fault struck; since the call, where none did. What is not done in time is
            left for the audit to find.
        """
        began = time.monotonic()
        struck = None
        while time.monotonic() - began < within:
            self.fleet.tend()
            if struck is None and any(fault.struck for fault in armed):
                struck = time.monotonic()
            if all(self.deliveries.of(each.file.file_id) for each in awaited) and self.auditor.quiet():
                break
            time.sleep(_PAUSE)
        return time.monotonic() - (struck or began)

    def audit(self, landed: Sequence[Landed]) -> Findings:
        """What is wrong with any of them."""
        total = Findings()
        for each in landed:
            total.add(self.auditor.audit(each.sample, each.file))
        return total

    def recount(self) -> Findings:
        """Every file once more, and everything that is of none: what a later fault did would show now."""
        self.auditor.look_anew()
        total = self.audit(self.landed)
        known = {each.file.file_id for each in (*self.landed, *self.forgotten)}
        total.surplus(len(self.auditor.strays(known)), "objects or uploads of no file that landed")
        return total

    def refusals(self) -> list[str]:
        """What the services have asked of AWS that their roles do not allow; each is told once."""
        since, self._refusals = self._refusals, len(self.ledger.complaints)
        return self.ledger.complaints[since : self._refusals]

    def forget_table(self, name: str) -> None:
        """Drop a table, and the files whose rows it showed, so that the next file needs it made."""
        boto3.client("glue").delete_table(DatabaseName=self.target.deployment.database, Name=name)
        self.forgotten += self.landed
        self.landed.clear()

    def lose_profile_lock(self) -> None:
        """Delete the lock of profile versions, so that the next file restores it from what the rows say."""
        bucket = self.target.deployment.ingest_bucket
        boto3.client("s3").delete_object(Bucket=bucket, Key=PROFILE_LOCK)

    def landfall(self, *words: str) -> None:
        """The command line, as an operator uses it."""
        subprocess.run([_COMMAND, *words], check=True, capture_output=True)

    @contextmanager
    def jumpy_clocks(self, folder: str) -> Iterator[None]:
        """Every service begins anew with a clock that jumps, and after the block with one that does not."""
        path = os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH"))))
        with ExitStack() as stack:
            for service, member in self.fleet.members.items():
                stack.enter_context(self.fleet.changed(service, PYTHONPATH=path))
                member.end()
                member.start()
            for member in self.fleet.members.values():
                member.await_ready()
            yield

    @contextmanager
    def shipped_delays(self, service: str) -> Iterator[None]:
        """Within the block a service waits between tries as long as a deployed one."""
        member = self.fleet.members[service]
        with self.fleet.changed(service, **_SHIPPED_DELAYS):
            member.end()
            member.start()
            member.await_ready()
            yield

    def _seal(self, body: bytes) -> bytes:
        sealed = io.BytesIO()
        key = self.target.deployment.landing_key_arn
        encrypt_esdk(io.BytesIO(body), sealed, key, {"purpose": "landfall"}, get_session())
        return sealed.getvalue()


def _misplace_table(deployment: Deployment) -> None:
    """Somebody else has a table of the name that a dataset's should have."""
    storage: StorageDescriptorTypeDef = {
        "Columns": [{"Name": "note", "Type": "string"}],
        "Location": f"s3://{deployment.curated_bucket}-of-somebody-else/{MISPLACED}/",
    }
    boto3.client("glue").create_table(
        DatabaseName=deployment.database,
        TableInput={"Name": MISPLACED, "StorageDescriptor": storage, "PartitionKeys": []},
    )
