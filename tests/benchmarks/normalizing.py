"""What normalising costs, beside what it can't do without and beside what others take for the same job.

    python -m tests.benchmarks.normalizing --rows 500000

Every program runs in a process of its own on the same file, and all outputs must be the same before a
figure is printed. CPU seconds count; where the machine is busy the clock says little. Landfall in one
process and the floor take turns, three each, and the best counts; then Landfall uses every vCPU, and must
write the same bytes. MB are the resident memory of all processes of a program together, sampled; what they
share counts in each. The floor is the sum of CSV parsing, SHA-256 of every cell that is hashed, the phone
library on every number, and Parquet writing. Hashing is there in two ways: by hashlib, one call a cell, and
by a native engine that takes whole columns.
``--peers PYTHON``: of an environment with the tools that normalizing_peers.py names.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from services.normalizer.vcpus import usable_vcpus
from tests.benchmarks.memory import PeakMemory
from tests.benchmarks.normalizing_sample import write_sample

_SMALL_ROWS = 1000
_ROUNDS = 3
_PROGRAMS = Path(__file__).with_name("normalizing_peers.py")
_PEERS = ("polars", "duckdb", "pandas")


@dataclass(frozen=True, slots=True)
class Run:
    """What one program took: seconds, and MB of memory at most."""

    program: str
    rows: int
    cpu: float
    wall: float
    peak_mb: float

    def __str__(self) -> str:
        return (
            f"{self.program:<20}{self.cpu:>8.2f}{self.rows / self.cpu:>12,.0f}{self.rows / self.wall:>12,.0f}"
            f"{self.peak_mb:>8.0f}"
        )


@dataclass(frozen=True, slots=True)
class Floor:
    """CPU seconds that the parts take, each for itself."""

    parse: float
    hash: float
    phones: float
    write: float
    native_hash: float | None

    @classmethod
    def least(cls, floors: Sequence[Self]) -> Self:
        """The least that each part took."""
        natives = [each.native_hash for each in floors if each.native_hash is not None]
        return cls(
            parse=min(each.parse for each in floors),
            hash=min(each.hash for each in floors),
            phones=min(each.phones for each in floors),
            write=min(each.write for each in floors),
            native_hash=min(natives, default=None),
        )

    @property
    def seconds(self) -> float:
        """With hashlib."""
        return self.parse + self.hash + self.phones + self.write

    @property
    def native_seconds(self) -> float | None:
        """With the native engine, if there is one to measure."""
        return None if self.native_hash is None else self.seconds - self.hash + self.native_hash


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the normalizer.")
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peers", type=Path, help="a Python that has polars, pandas and others")
    parser.add_argument("--at-most", type=float, help="fail if CPU exceeds so many times the floor (hashlib)")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="normalizing-") as folder:
        source, ours = Path(folder, "sample.csv"), Path(folder, "landfall.parquet")
        write_sample(source, asked.rows, asked.seed)
        runs, floors = [], []
        for _ in range(_ROUNDS):  # by turns, since a busy machine is slower at one time than at another
            runs.append(_ours(source, ours, asked.rows))
            floors.append(_floor(source, ours, asked.peers))
        runs, floor = [min(runs, key=lambda run: run.cpu)], Floor.least(floors)
        if (vcpus := usable_vcpus()) > 1:
            runs.append(_on_all(vcpus, source, ours, asked.rows))
        for program, python in _peers(asked.peers):
            target = Path(folder, f"{program}.parquet")
            runs.append(
                _run(program, asked.rows, [python, str(_PROGRAMS), program, str(source), str(target)])
            )
            _check_same(program, pq.read_table(ours), pq.read_table(target))
            target.unlink()
        small = Path(folder, "small.csv")
        write_sample(small, _SMALL_ROWS, asked.seed)
        warm = _ours(small, Path(folder, "small.parquet"), _SMALL_ROWS, times=20)
    _print(runs, floor, warm)
    if asked.at_most is not None and runs[0].cpu > asked.at_most * floor.seconds:
        sys.exit(f"the normalizer takes more than {asked.at_most} times the floor")


def _peers(python: Path | None) -> list[tuple[str, str]]:
    here = [("python", sys.executable)]
    return here if python is None else [*here, *((each, str(python)) for each in _PEERS)]


def _ours(source: Path, target: Path, rows: int, times: int = 1, vcpus: int = 1) -> Run:
    command = [sys.executable, "-m", "tests.benchmarks.normalizing_run", str(source), str(target)]
    name = "landfall" if vcpus == 1 else f"landfall, {vcpus} vCPUs"
    return _run(name, rows, [*command, str(times), str(vcpus)])


def _on_all(vcpus: int, source: Path, made_by_one: Path, rows: int) -> Run:
    """The quickest of several runs on every vCPU, all of which write what one process wrote."""
    target = made_by_one.with_suffix(".all")
    runs = []
    for _ in range(_ROUNDS):
        runs.append(_ours(source, target, rows, vcpus=vcpus))
        if not filecmp.cmp(made_by_one, target, shallow=False):
            sys.exit("with several processes landfall writes other bytes than with one")
    target.unlink()
    return min(runs, key=lambda run: run.wall)


def _run(program: str, rows: int, command: Sequence[str]) -> Run:
    told, peak_mb = _told(program, command)
    return Run(program, rows, told["cpu"], told["wall"], peak_mb)


def _told(program: str, command: Sequence[str]) -> tuple[dict[str, float], float]:
    """What a process printed, and the most that it and its children held."""
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE) as process,
        PeakMemory(process.pid) as memory,
    ):
        output, _ = process.communicate()
    if process.returncode != 0:
        sys.exit(f"{program} failed")
    told: dict[str, float] = json.loads(output)
    return told, memory.mib * 1.048576


def _floor(source: Path, made: Path, peers: Path | None) -> Floor:
    module = "tests.benchmarks.normalizing_floor"
    parts, _ = _told("floor", [sys.executable, "-m", module, str(source), str(made)])
    native = None
    if peers is not None:
        told, _ = _told("SHA-256", [str(peers), str(_PROGRAMS), "datafusion-sha256", str(source), ""])
        native = told["cpu"]
    return Floor(parts["parse"], parts["hash"], parts["phones"], parts["write"], native)


def _check_same(program: str, ours: pa.Table, theirs: pa.Table) -> None:
    """Columns by position, whatever they are called, in the types that Landfall writes."""
    for field, values in zip(ours.schema, theirs.columns, strict=True):
        if pa.types.is_timestamp(values.type) and values.type.tz is None:
            values = values.cast(pa.timestamp(values.type.unit, "UTC"))
        if not values.cast(field.type).equals(ours.column(field.name)):
            sys.exit(f"{program} and landfall differ in {field.name}")


def _print(runs: Sequence[Run], floor: Floor, warm: Run) -> None:
    print(f"{'all outputs are the same':<20}\n{'':<20}{'CPU s':>8}{'rows/CPU s':>12}{'rows/s':>12}{'MB':>8}")
    for run in runs:
        print(run)
    times = runs[0].cpu / floor.seconds
    parts = [f"{name} {getattr(floor, name):.2f}" for name in ("parse", "hash", "phones", "write")]
    print(f"\nfloor: {' + '.join(parts)} = {floor.seconds:.2f} s; landfall takes {times:.2f} times that")
    if floor.native_seconds is not None:
        times = runs[0].cpu / floor.native_seconds
        print(
            f"with native hashing, {floor.native_hash:.2f} s: {floor.native_seconds:.2f} s; {times:.2f} times"
        )
    pandas = next((run for run in runs if run.program == "pandas"), None)
    if pandas is not None:
        for run in (run for run in runs if run.program.startswith("landfall")):
            print(f"{run.program}: {pandas.wall / run.wall:.1f} times the rows/s of pandas")
    print(f"a warm worker's file of {_SMALL_ROWS} rows: {warm.cpu * 1000:.0f} ms of CPU")


if __name__ == "__main__":
    main()
