"""One measured run of the normalizer, in a process of its own.

Arguments: the CSV, the Parquet to write, and how many times; the quickest run counts. Prints JSON: wall and
CPU seconds.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from services.normalizer.engine import normalize
from services.normalizer.recipes.loading import parse_recipe
from tests.benchmarks.normalizing_sample import RECIPE


class _NoRejects:
    """The sample has no damage."""

    def reject(self, record: int, reason: str, raw: bytes) -> None:
        raise SystemExit(f"record {record} was rejected: {reason}")


def main(source: Path, target: Path, times: int) -> None:
    """Normalise, and tell what it took."""
    recipe = parse_recipe(RECIPE, "benchmark")
    taken = []
    for _ in range(times):
        began, used = time.perf_counter(), time.process_time()
        with source.open("rb") as file, target.open("wb") as sink:
            normalize(file, recipe, sink, _NoRejects(), member=source.name)
        taken.append((time.process_time() - used, time.perf_counter() - began))
    cpu, wall = min(taken)
    print(json.dumps({"cpu": cpu, "wall": wall}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
