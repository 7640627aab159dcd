"""Whether the normalizer's memory stays flat: with the rows of a file, and with the members of an archive.

    python -m tests.benchmarks.normalizing_memory --millions 5 15

The subscribers of normalizing_sample.py, half a million of them over and over with other addresses and keys
each time, go through the engine on every vCPU; the Parquet is counted and thrown away. Before that, 19
members of 100,000 rows follow one another in one process and with one crew, as in a service. Memory is
sampled for all processes together: resident (what they share counts in each) and proportional (what they
share counts once, as it does for a container's limit).
"""

from __future__ import annotations

import argparse
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from services.normalizer.crew.crew import Crew
from services.normalizer.engine import normalize
from services.normalizer.recipes.loading import parse_recipe
from services.normalizer.vcpus import usable_vcpus
from tests.benchmarks.memory import PeakMemory
from tests.benchmarks.normalizing_run import NoRejects
from tests.benchmarks.normalizing_sample import HEADER, RECIPE, write_sample

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_SAMPLE_ROWS = 500_000
_MEMBERS, _MEMBER_ROWS = 19, 100_000


class Repeated(io.RawIOBase):
    """A sample's header and then its rows, a number of times, with other addresses each time."""

    def __init__(self, sample: Path, times: int) -> None:
        self._blocks = self._read(sample, times)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        view = memoryview(cast("bytearray", buffer))
        if not self._rest:
            self._rest = memoryview(next(self._blocks, b""))
        taken = self._rest[: len(view)]
        view[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)

    @staticmethod
    def _read(sample: Path, times: int) -> Iterator[bytes]:
        yield HEADER.encode()
        for turn in range(times):
            with sample.open("rb") as file:
                file.seek(len(HEADER))
                while block := file.read(1 << 20):
                    yield block.replace(b"@example", b"@example%d." % turn)


class Counted(io.RawIOBase):
    """A sink that keeps nothing."""

    def __init__(self) -> None:
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        written = memoryview(data).nbytes
        self.size += written
        return written


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure how flat the normalizer's memory is.")
    parser.add_argument("--millions", type=int, nargs="+", default=[5, 15])
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    vcpus = usable_vcpus()
    with tempfile.TemporaryDirectory(prefix="normalizing-memory-") as folder:
        sample, member = Path(folder, "sample.csv"), Path(folder, "member.csv")
        write_sample(sample, _SAMPLE_ROWS, asked.seed)
        write_sample(member, _MEMBER_ROWS, asked.seed)
        print(f"{'':<28}{'resident MB':>12}{'proportional MB':>17}   with {vcpus} processes")
        with Crew(vcpus) as crew:
            for number in (1, _MEMBERS):
                _measure(
                    f"{number} members of 100,000 rows", [Repeated(member, 1) for _ in range(number)], crew
                )
            for millions in asked.millions:
                times = millions * 1_000_000 // _SAMPLE_ROWS
                _measure(f"{millions} million rows", [Repeated(sample, times)], crew)


def _measure(what: str, sources: list[Repeated], crew: Crew) -> None:
    recipe = parse_recipe(RECIPE, "benchmark")
    with PeakMemory(os.getpid(), proportional=True) as memory:
        for source in sources:
            plaintext = io.BufferedReader(source, 1 << 20)
            sink = cast("BinaryIO", Counted())
            normalize(plaintext, recipe, sink, NoRejects(), member="sample", crew=crew)
    print(f"{what:<28}{memory.mib * 1.048576:>12.0f}{memory.proportional_mib * 1.048576:>17.0f}", flush=True)


if __name__ == "__main__":
    main()
