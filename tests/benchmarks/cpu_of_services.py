"""How much processor each service needs for a file and for a megabyte: the measured part of docs/scaling.md.

    .venv/bin/python -m tests.benchmarks.cpu_of_services [--files 200] [--megabytes 100]

Runs the local stack, lands many small files and then one large one in two forms, and reads from the kernel
what the four services have used (user and system time), all processes that they started included. The
emulator and the crawler are other processes and do not count. Memory is the largest resident size that each
process of a service reached, added up: no service holds more, and it may hold less.
What they log for a small file is measured, too: CloudWatch bills it.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import tempfile
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from landfall.demo.subscriber import OutcomeSubscriber
from landfall.deployment import SERVICES
from landfall.landing import Encryption
from landfall.local.stack import LocalStack
from landfall.local.starting import Options
from landfall.target import Target
from shared.identity import LandedFile
from tests.e2e.conftest import Chain
from tests.extracts import subscribers
from tests.processes import cpu_seconds, peak_bytes

_BURST = 50  # small files in flight at once


class Meter:
    """The four services of a stack, each a process and those that it started."""

    def __init__(self, stack: LocalStack) -> None:
        self._pids = {service: stack.processes[service].pid for service in SERVICES}
        self._logs = {service: Path(stack.processes[service].log) for service in SERVICES}

    def read(self) -> dict[str, float]:
        """CPU seconds so far, by service."""
        return {service: cpu_seconds(pid) for service, pid in self._pids.items()}

    @contextmanager
    def per(self, count: float, into: dict[str, float]) -> Iterator[None]:
        """Put what the block cost, a unit of which there are ``count``, into ``into``."""
        before = self.read()
        yield
        after = self.read()
        into.update({service: (after[service] - before[service]) / count for service in SERVICES})

    @contextmanager
    def logged_per(self, count: int, into: dict[str, float]) -> Iterator[None]:
        """Put the bytes of log that the block caused, a unit of which there are ``count``, into ``into``."""
        before = {service: log.stat().st_size for service, log in self._logs.items()}
        yield
        after = {service: log.stat().st_size for service, log in self._logs.items()}
        into.update({service: (after[service] - before[service]) / count for service in SERVICES})

    def peaks(self) -> dict[str, float]:
        """MB of memory at most, by service."""
        return {service: peak_bytes(pid) / 1e6 for service, pid in self._pids.items()}


def measure(files: int, megabytes: int) -> dict[str, dict[str, float]]:
    """Every figure, by what it is and by service."""
    home = Path(tempfile.mkdtemp(prefix="landfall-cpu-"))
    options = Options(home=home, endpoint=None, glue_endpoint=None, port=0, crawl_seconds=1)
    units = ("per_small_file", "log_bytes_per_small_file", "per_mb_plain", "per_mb_esdk_zip")
    found: dict[str, dict[str, float]] = {unit: {} for unit in units}
    with LocalStack.up(options) as stack:
        os.environ.update(stack.environment())
        with OutcomeSubscriber(stack.deployment, f"cpu-{uuid.uuid4().hex[:8]}") as outcomes:
            chain = Chain(home, Target(stack.deployment, local=True), outcomes, "")
            meter = Meter(stack)
            _finish(chain, [_land(chain, subscribers(1), "warm-up.csv")])
            logged = meter.logged_per(files, found["log_bytes_per_small_file"])
            with meter.per(files, found["per_small_file"]), logged:
                for start in range(0, files, _BURST):
                    burst = range(start, min(start + _BURST, files))
                    _finish(chain, [_land(chain, subscribers(5), f"{number}.csv") for number in burst])
            large = subscribers(megabytes * 1_000_000 // len(subscribers(1000)) * 1000)
            size = len(large) / 1e6
            with meter.per(size, found["per_mb_plain"]):
                _finish(chain, [_land(chain, large, "large.csv")])
            with meter.per(size, found["per_mb_esdk_zip"]):
                _finish(chain, [_land(chain, _zipped(large), "large.zip", Encryption.ESDK)])
            found["peak_mb"] = meter.peaks()
    return found


def _land(chain: Chain, body: bytes, name: str, encryption: Encryption = Encryption.NONE) -> LandedFile:
    kind = name.rpartition(".")[2]
    return chain.land(body, f"cpu-{name}/Subscribers.{kind}", encryption)


def _finish(chain: Chain, files: list[LandedFile]) -> None:
    for file in files:
        outcome = chain.outcomes.await_outcome(file.file_id, within=300)
        if outcome.status != "succeeded":
            raise SystemExit(f"{file.key} failed: {outcome.model_dump_json()}")


def _zipped(body: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Subscribers.csv", body)
    return packed.getvalue()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--megabytes", type=int, default=100)
    given = parser.parse_args()
    print(json.dumps(measure(given.files, given.megabytes), indent=1))
