"""How long files wait for the catalog and what that costs: ``python -m tests.benchmarks.cataloging``.

The cataloger runs as a process of its own against an emulator and the local Glue crawler, whose crawls last
as long as Glue's (60 s). Files are prepared as the normalizer leaves them, so nothing else is measured. A
file's lag is the time from FileNormalized in the cataloger's queue to FileCataloged in the archiver's.

With ``--quick`` everything is small enough for CI: what it proves is counts, not times.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from landfall.local import services
from landfall.local.readiness import await_worker
from landfall.local.stack import LocalStack
from landfall.local.starting import Options
from shared.identity import LandedFile
from tests.benchmarks.catalog_load import Load
from tests.benchmarks.catalog_watch import DOLLARS_PER_REQUEST, Watch

WAYS = ("burst", "steady", "direct")
MARGIN = timedelta(seconds=3)
# The service's own defaults, where the local stack sets quicker ones.
AS_DEPLOYED = {
    "LANDFALL_CRAWL_MARGIN_SECONDS": str(MARGIN.total_seconds()),
    "LANDFALL_CRAWL_POLL_SECONDS": "10",
    "LANDFALL_POLL_WAIT_SECONDS": "20",
    "LANDFALL_SHUTDOWN_GRACE_SECONDS": "5",
}


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured; times in seconds."""

    burst: int
    crawl: float
    rate: float
    steady: float
    direct: float


FULL = Size(burst=10_000, crawl=60, rate=5, steady=420, direct=60)
QUICK = Size(burst=200, crawl=2, rate=5, steady=15, direct=5)


@dataclass(frozen=True, slots=True)
class Measured:
    """One way of cataloguing under one load. Lags are in seconds; ``ratio`` is p50 by a crawl's duration."""

    name: str
    files: int
    missed: int
    crawls: int
    crawl_seconds: float
    p50: float
    p95: float
    ratio: float | None
    dollars_per_1000: float
    requests_per_file: float


@dataclass(frozen=True, slots=True)
class Begin:
    """The state of things when a measurement begins."""

    name: str
    at: datetime
    requests: Counter[str]


@dataclass(frozen=True, slots=True)
class Bench:
    """A stack without services, and what is measured on it."""

    stack: LocalStack
    size: Size

    def burst(self) -> Measured:
        """All files at once."""
        load = Load(self.stack.deployment)
        files = asyncio.run(load.prepare(self.size.burst))
        with self._cataloger("burst", "crawler") as begin:
            asyncio.run(load.burst(files))
            return self._measured(begin, files, load, within=10 * self.size.crawl + 300)

    def steady(self) -> Measured:
        """A steady stream, each file awaiting its crawl."""
        load = Load(self.stack.deployment)
        with self._cataloger("steady", "crawler") as begin:
            files = asyncio.run(load.steady(self.size.rate, self.size.steady))
            return self._measured(begin, files, load, within=5 * self.size.crawl + 60)

    def direct(self) -> Measured:
        """The same stream, catalogued directly."""
        load = Load(self.stack.deployment)
        with self._cataloger("direct", "direct") as begin:
            files = asyncio.run(load.steady(self.size.rate, self.size.direct))
            return self._measured(begin, files, load, within=60)

    def _measured(self, begin: Begin, files: list[LandedFile], load: Load, within: float) -> Measured:
        watch = Watch(self.stack)
        seen = watch.await_events(len(files), within)
        crawls = watch.crawls(begin.at)
        asked = sum((watch.catalog_requests() - begin.requests).values())
        lags = sorted(seen[file_id] - told for file_id, told in load.told_at.items() if file_id in seen)
        p50 = statistics.median(lags)
        return Measured(
            name=begin.name,
            files=len(files),
            missed=asyncio.run(watch.missed(files, MARGIN)),
            crawls=crawls.count,
            crawl_seconds=round(crawls.seconds, 2),
            p50=round(p50, 3),
            p95=round(lags[int(len(lags) * 0.95)], 3),
            ratio=round(p50 / crawls.seconds, 3) if crawls.count else None,
            dollars_per_1000=1000 / len(files) * (crawls.dollars + asked * DOLLARS_PER_REQUEST),
            requests_per_file=round(asked / len(files), 3),
        )

    @contextmanager
    def _cataloger(self, name: str, mode: str) -> Iterator[Begin]:
        overrides = {
            **AS_DEPLOYED,
            "LANDFALL_CRAWL_MIN_INTERVAL_SECONDS": str(self.size.crawl),
            "LANDFALL_CATALOG_MODE": mode,
        }
        process = services.start(
            "cataloger", self.stack.reach, self.stack.deployment, overrides, self.stack.home / name
        )
        try:
            await_worker(process, 60)
            yield Begin(name, datetime.now(UTC), Watch(self.stack).catalog_requests())
        finally:
            process.ask_to_end()
            process.await_end(30)


def targets(measured: Measured, size: Size) -> list[tuple[str, bool]]:
    """What must hold; times only where crawls last as long as Glue's."""
    name, ratio = measured.name, measured.ratio or 0.0
    facts = [(f"{name}: {measured.missed} of {measured.files:,} files missed (none)", measured.missed == 0)]
    match name:
        case "burst":
            facts.append((f"{name}: {measured.crawls} crawls (at most 3)", 1 <= measured.crawls <= 3))
        case "direct":
            facts.append((f"{name}: {measured.crawls} crawls (none)", measured.crawls == 0))
    if size.crawl >= FULL.crawl:
        match name:
            case "burst":
                facts.append((f"{name}: p50 {ratio} crawl durations (at most 2.2)", 0 < ratio <= 2.2))
            case "steady":
                facts.append((f"{name}: p50 {ratio} crawl durations (at most 1.6)", 0 < ratio <= 1.6))
            case "direct":
                facts.append((f"{name}: p50 {measured.p50} s (at most 1)", measured.p50 <= 1))
    return facts


def main() -> int:
    """Measure, print, and exit 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.cataloging", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small and short, for CI")
    parser.add_argument("--only", choices=WAYS, help="measure one of them")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    size = QUICK if arguments.quick else FULL
    with tempfile.TemporaryDirectory(prefix="landfall-bench-") as home:
        options = Options(
            home=Path(home), endpoint=None, glue_endpoint=None, port=0, services=(), crawl_seconds=size.crawl
        )
        with LocalStack.up(options) as stack:
            os.environ.update(stack.environment())
            bench = Bench(stack, size)
            ways = {"burst": bench.burst, "steady": bench.steady, "direct": bench.direct}
            results = [measure() for name, measure in ways.items() if arguments.only in (None, name)]
    facts = [fact for each in results for fact in targets(each, size)]
    if arguments.json:
        print(json.dumps({"results": [asdict(each) for each in results], "targets": dict(facts)}))
    else:
        for each in results:
            ratio = "" if each.ratio is None else f" = {each.ratio} crawl durations"
            print(
                f"{each.name}: {each.files:,} files, p50 {each.p50:.2f} s{ratio}, p95 {each.p95:.2f} s, "
                f"{each.crawls} crawls of {each.crawl_seconds:.1f} s, {each.requests_per_file} catalog calls "
                f"a file, ${each.dollars_per_1000:.4f} per 1,000 files"
            )
        for fact, holds in facts:
            print(f"{'ok  ' if holds else 'MISS'} {fact}")
    return 0 if all(holds for _, holds in facts) else 1


if __name__ == "__main__":
    sys.exit(main())
