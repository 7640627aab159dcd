"""One measured run of the normalizer, in a process of its own.

Arguments: the CSV, the Parquet to write, how many times (the quickest run counts), and how many processes.
Prints JSON: wall seconds, and CPU seconds of all processes.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from services.normalizer.crew.crew import Crew
from services.normalizer.engine import normalize
from services.normalizer.recipes.loading import parse_recipe
from tests.benchmarks.normalizing_sample import RECIPE


class NoRejects:
    """The sample has no damage."""

    def reject(self, record: int, reason: str, raw: bytes) -> None:
        raise SystemExit(f"record {record} was rejected: {reason}")


def main(source: Path, target: Path, times: int, processes: int) -> None:
    """Normalise, and tell what it took."""
    recipe = parse_recipe(RECIPE, "benchmark")
    taken = []
    for _ in range(times):
        began, used = time.perf_counter(), _cpu_seconds()
        with source.open("rb") as file, target.open("wb") as sink, Crew(processes) as crew:
            normalize(file, recipe, sink, NoRejects(), member=source.name, crew=crew)
        taken.append((_cpu_seconds() - used, time.perf_counter() - began))
    cpu, wall = min(taken)
    print(json.dumps({"cpu": cpu, "wall": wall}))


def _cpu_seconds() -> float:
    """Of this process and of its children that have ended."""
    used = os.times()
    return time.process_time() + used.children_user + used.children_system


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
