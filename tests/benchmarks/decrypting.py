"""How fast, and in how much memory, the decryptor takes a landed file from S3 to S3, whatever encrypts it.

    python -m tests.benchmarks.decrypting --mib 2048

Each case is run by the service's own handler in a process of its own, against a streaming S3 on loopback.
Beside it runs what no decryptor of its kind can pass: the encryption's own library, ISA-L's inflate, a bare
gpg pipe, each in memory; and AWS's own S3 Encryption Client (``--official PYTHON``, of an environment that
has it), from S3. And the way that every byte takes: the same requests with nothing done to their content.

``of parts`` is the processor time of the limit, of the bare way and of one SHA-256 together, to that of the
decryptor: 1.00 would be a decryptor that costs nothing beside what it must do.

Speeds are MiB of plaintext a second, by the clock and by processor time: on a busy machine only the latter
says much. Memory is sampled from outside, gpg included, at the full size and at a quarter of it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks.decrypting_limits import Speed, measure, told
from tests.benchmarks.decrypting_samples import CASES, Case, Text, make_sample
from tests.benchmarks.memory import PeakMemory
from tests.unit.decryptor.gpg_sender import Sender, sender

_STAGING_MEMORY_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Result:
    """One case, measured. ``mib_more`` is how much more memory the full size took than a quarter of it."""

    case: str
    mib: int
    speed: Speed
    limit: Speed | None
    path: Speed
    sum_cpu: float
    peak_mib: float
    mib_more: float

    @property
    def ratios(self) -> tuple[float, float] | None:
        """Speed to limit, by the clock and by processor time."""
        if self.limit is None:
            return None
        return self.speed.wall / self.limit.wall, self.speed.cpu / self.limit.cpu

    @property
    def of_parts(self) -> float | None:
        """Processor time of everything that must be done, to the time it took; where the limit is a part."""
        if self.limit is None or self.case.startswith("s3ec"):
            return None
        needed = 1 / self.limit.cpu + 1 / self.path.cpu + 1 / self.sum_cpu
        return needed * self.speed.cpu


class Bench:
    """A folder of samples, the server that gives them out, and a sender with PGP keys."""

    def __init__(self, folder: Path, endpoint: str, keys: Sender, official: Path | None) -> None:
        self._folder = folder
        self._endpoint = endpoint
        self._keys = keys
        self._official = official
        self._secret = folder / "secret"
        self._secret.write_bytes(keys.secret("plain"))

    def run(self, case: Case, mib: int) -> Result:
        """Measure one case at ``mib`` and at a quarter of it."""
        small = self._decrypted(case, max(1, mib // 4))[1]
        speed, peak = self._decrypted(case, mib)
        limit = measure(case, mib, self._folder, self._keys, self._official)
        path, sum_cpu = self._path(mib)
        return Result(case.name, mib, speed, limit, path, sum_cpu, peak, peak - small)

    def _path(self, mib: int) -> tuple[Speed, float]:
        landed = (self._folder / "landing%Sent.csv").stat().st_size
        command = [sys.executable, "-m", "tests.benchmarks.decrypting_path"]
        command += [self._endpoint, str(landed), str(mib << 20)]
        output = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
        return told(output, mib), mib / float(json.loads(output)["sum"])

    def _decrypted(self, case: Case, mib: int) -> tuple[Speed, float]:
        small = make_sample(case, 1, self._folder, self._keys, "Small.csv")
        text = make_sample(case, mib, self._folder, self._keys)
        staging = 0 if case.staged else _STAGING_MEMORY_BYTES
        command = [sys.executable, "-m", "tests.benchmarks.decrypting_run", str(self._secret), str(staging)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process, PeakMemory(process.pid) as memory:
            output, _ = process.communicate()
        if process.returncode != 0:
            sys.exit(f"{case.name}: the decryptor failed")
        self._check(text, small)
        return told(output, mib), memory.mib

    def _check(self, *texts: Text) -> None:
        """What the server received must be the texts, to the byte."""
        with urllib.request.urlopen(f"{self._endpoint}/?measure") as answer:
            received = json.loads(answer.read())
        members = [
            told for key, told in received["finished"].items() if key.endswith(("/Sent.csv", "/Small.csv"))
        ]
        if sorted(members) != sorted([each.size, each.crc()] for each in texts) or received["open"]:
            sys.exit("what came out is not what was landed")


@contextmanager
def bench(official: Path | None) -> Iterator[Bench]:
    """Everything in place, the environment pointing to it; nothing of it left afterwards."""
    with tempfile.TemporaryDirectory(prefix="decrypting-") as folder, sender() as keys:
        command = [sys.executable, "-m", "tests.benchmarks.streaming_s3", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            endpoint = f"http://127.0.0.1:{int(server.stdout.readline())}"
            os.environ.update(
                AWS_ENDPOINT_URL=endpoint,
                AWS_REGION="us-east-1",
                AWS_DEFAULT_REGION="us-east-1",
                AWS_ACCESS_KEY_ID="test",
                AWS_SECRET_ACCESS_KEY="test",
            )
            try:
                yield Bench(Path(folder), endpoint, keys, official)
            finally:
                server.kill()


def main(arguments: list[str] | None = None) -> list[Result]:
    """Measure and print every case that is asked for."""
    parser = argparse.ArgumentParser(description="Measure the decryptor from S3 to S3.")
    parser.add_argument("--mib", type=int, default=512, help="MiB of plaintext")
    parser.add_argument("--case", action="append", help="only cases whose name begins so; repeatable")
    parser.add_argument("--official", type=Path, help="a Python that has amazon-s3-encryption-client-python")
    parser.add_argument("--json", action="store_true", help="print one JSON object a case")
    asked = parser.parse_args(arguments)
    chosen = [each for each in CASES if not asked.case or each.name.startswith(tuple(asked.case))]
    if not asked.json:
        print(f"{'MiB/s':>43}{'limit':>14}{'ratio':>12}{'path':>13}{'ratio':>12}{'of':>8}{'memory MiB':>14}")
        columns = f"{'clock':>8}{'CPU':>6}"
        ratios = f"{'clock':>6}{'CPU':>6}"
        print(f"{'case':<28}{columns}{columns}{ratios}{columns}{ratios}{'parts':>8}{'peak':>7}{'more':>7}")
    results = []
    with bench(asked.official) as ready:
        for case in chosen:
            result = ready.run(case, asked.mib)
            results.append(result)
            print(json.dumps(asdict(result)) if asked.json else _line(result), flush=True)
    return results


def _line(result: Result) -> str:
    def speed(told: Speed | None) -> str:
        return f"{told.wall:>8.0f}{told.cpu:>6.0f}" if told else f"{'':>14}"

    def ratio(wall: float, cpu: float) -> str:
        return f"{wall:>6.2f}{cpu:>6.2f}"

    to_limit = ratio(*result.ratios) if result.ratios else f"{'':>12}"
    to_path = ratio(result.speed.wall / result.path.wall, result.speed.cpu / result.path.cpu)
    of_parts = f"{result.of_parts:>8.2f}" if result.of_parts else f"{'':>8}"
    speeds = f"{speed(result.speed)}{speed(result.limit)}{to_limit}{speed(result.path)}{to_path}{of_parts}"
    return f"{result.case:<28}{speeds}{result.peak_mib:>7.0f}{result.mib_more:>7.0f}"


if __name__ == "__main__":
    main()
