"""Many small files at once: ``python -m tests.faults.load [--files 1000]``.

All must come through; what that costs, and how much of it is the emulator's own slowness, is measured beside.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import TypeVar

import boto3
from botocore.config import Config

from landfall.deployment import Deployment
from landfall.local.processes import Process
from landfall.local.stack import LocalStack
from landfall.local.starting import Options
from tests.faults.audit import Auditor
from tests.faults.deliveries import Deliveries
from tests.faults.environment import environment
from tests.faults.samples import plain
from tests.processes import cpu_seconds, resident_bytes

R = TypeVar("R")

_THREADS = 8
_CEILING_SECONDS = 3.0
_CRAWL_SECONDS = 5.0
_CRAWL_INTERVAL = 10.0
_STALLED_SECONDS = 120.0
_GROWTH = 1.25  # of a worker's memory, from a third of the way to the end, and
_GROWTH_MIB = 24.0  # at least so much of it
_MIB = 1 << 20


@dataclass(slots=True)
class Usage:
    """What a process and those that it started have used, looked at again and again."""

    process: Process
    began_cpu: float = 0.0
    cpu: float = 0.0
    rss: list[float] = field(default_factory=list)

    def look(self) -> None:
        """Note their CPU time in seconds and their memory, added up, in MiB."""
        self.cpu = cpu_seconds(self.process.pid)
        self.rss.append(resident_bytes(self.process.pid) / _MIB)
        self.began_cpu = self.began_cpu or self.cpu

    @property
    def grows(self) -> bool:
        """Whether it still takes more memory after a third of the files."""
        third, end = self.rss[len(self.rss) // 3], max(self.rss[-3:])
        return end > max(third * _GROWTH, third + _GROWTH_MIB)


def main() -> int:
    """Run, print, and tell by the exit code whether everything came through."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.load", description=__doc__)
    parser.add_argument("--files", type=int, default=1000, help="how many (default: 1000)")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the stack and its services end with it
    options = Options(
        home=Path(tempfile.mkdtemp(prefix="landfall-load-")),
        endpoint=None,
        glue_endpoint=None,
        port=0,
        crawl_seconds=_CRAWL_SECONDS,
        overrides={"LANDFALL_CRAWL_MIN_INTERVAL_SECONDS": str(_CRAWL_INTERVAL)},
    )
    with (
        LocalStack.up(options) as stack,
        environment(stack.environment()),
        Deliveries(stack.deployment) as deliveries,
    ):
        print(f"The emulator's ceiling, alone: {_ceilings(stack.deployment)}")
        run = Run(stack, deliveries, arguments.files)
        run.go()
        return run.report()


class Run:
    """One burst of files, from the first PUT to the last outcome."""

    def __init__(self, stack: LocalStack, deliveries: Deliveries, files: int) -> None:
        self._deployment = stack.deployment
        self._deliveries = deliveries
        self._auditor = Auditor(stack.deployment, deliveries)
        self._files = files
        self._usage = {name: Usage(process) for name, process in stack.processes.items()}
        self._landed_in = self._done_in = 0.0
        self._outcomes: dict[str, float] = {}
        self._failed: set[str] = set()

    def go(self) -> None:
        """Land all files, and wait until all have an outcome or nothing more comes."""
        s3 = boto3.client("s3", config=Config(max_pool_connections=_THREADS))
        bucket = self._deployment.ingest_bucket
        bodies = [plain(n, lambda body: body).body for n in range(self._files)]
        self._look()
        began = time.monotonic()
        _in_parallel(
            lambda n: s3.put_object(Bucket=bucket, Key=f"landing/burst/{n}/Sent.csv", Body=bodies[n]),
            range(self._files),
        )
        last = time.monotonic()
        self._landed_in = last - began
        while len(self._outcomes) < self._files and time.monotonic() - last < _STALLED_SECONDS:
            if self._take_outcomes():
                last = time.monotonic()
            self._look()
            time.sleep(0.5)
        self._done_in = last - began

    def report(self) -> int:
        """Print the figures; 1 where a file is missing, failed or dead, or a worker's memory grows."""
        done, seconds = len(self._outcomes), self._done_in
        p50, p90, p99 = (quantiles(self._outcomes.values(), n=100)[n] for n in (49, 89, 98))
        crawls = self._crawls()
        letters = self._auditor.dead_letters()
        print(
            f"{done} of {self._files} files in {seconds:.1f} s ({done / seconds:.1f}/s), "
            f"landed in {self._landed_in:.1f} s"
        )
        print(f"landing to outcome: p50 {p50:.1f} s, p90 {p90:.1f} s, p99 {p99:.1f} s")
        print(f"{crawls} crawls, {letters} dead letters, {len(self._failed)} failures")
        print(f"{'':<12} {'CPU ms/file':>12} {'cores':>6} {'RSS MiB at 1/3':>15} {'at the end':>11}")
        for name, usage in self._usage.items():
            cpu = usage.cpu - usage.began_cpu
            third = usage.rss[len(usage.rss) // 3]
            print(
                f"{name:<12} {cpu / done * 1000:>12.1f} {cpu / seconds:>6.2f} {third:>15.0f} "
                f"{usage.rss[-1]:>11.0f}"
            )
        growing = [name for name, usage in self._usage.items() if name in _SERVICES and usage.grows]
        few = crawls <= seconds / _CRAWL_INTERVAL + 2
        good = done == self._files and not letters and not self._failed and not growing and few
        print("all came through" if good else f"NOT GOOD: growing {growing}, few crawls {few}")
        return 0 if good else 1

    def _take_outcomes(self) -> bool:
        before = len(self._outcomes)
        for outcome in self._deliveries.take():
            if outcome["status"] != "succeeded":
                self._failed.add(outcome.get("file_id", outcome["outcome_id"]))
            else:
                self._outcomes.setdefault(outcome["file_id"], outcome["landing_to_outcome_seconds"])
        return len(self._outcomes) > before

    def _look(self) -> None:
        for usage in self._usage.values():
            usage.look()

    def _crawls(self) -> int:
        pages = boto3.client("glue").list_crawls(CrawlerName=self._deployment.crawler, MaxResults=1000)
        return len(pages["Crawls"])


_SERVICES = ("decryptor", "normalizer", "cataloger", "archiver")


def _ceilings(deployment: Deployment) -> str:
    """How many requests a second the emulator answers when nobody else asks."""
    config = Config(max_pool_connections=_THREADS)
    s3, sqs = boto3.client("s3", config=config), boto3.client("sqs", config=config)
    bucket, queue = deployment.curated_bucket, sqs.create_queue(QueueName="ceiling")["QueueUrl"]

    def message(_: int) -> None:
        sqs.send_message(QueueUrl=queue, MessageBody="{}")
        for received in sqs.receive_message(QueueUrl=queue).get("Messages", []):
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=received["ReceiptHandle"])

    rates = {
        "S3 PUT/s": _rate(lambda n: s3.put_object(Bucket=bucket, Key=f"ceiling/{n % 100}", Body=b"x" * 2000)),
        "S3 GET/s": _rate(lambda n: s3.get_object(Bucket=bucket, Key=f"ceiling/{n % 100}")["Body"].read()),
        "messages/s": _rate(message),
    }
    for n in range(100):
        s3.delete_object(Bucket=bucket, Key=f"ceiling/{n}")
    return ", ".join(f"{rate:.0f} {what}" for what, rate in rates.items())


def _rate(call: Callable[[int], object]) -> float:
    began = time.monotonic()
    done = 0
    while time.monotonic() - began < _CEILING_SECONDS:
        _in_parallel(call, range(done, done + 100))
        done += 100
    return done / (time.monotonic() - began)


def _in_parallel(call: Callable[[int], R], items: Sequence[int]) -> list[R]:
    with ThreadPoolExecutor(_THREADS) as threads:
        return list(threads.map(call, items))


if __name__ == "__main__":
    sys.exit(main())
