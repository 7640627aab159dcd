"""How fast, and in how much memory, the decryptor takes a landed file from S3 to S3, whatever encrypts it.

    python -m tests.benchmarks.decrypting --mib 2048

Each case is run by the service's own handler in a process of its own, against a streaming S3 on loopback.
Beside it runs what no decryptor of its kind can pass: the encryption's own library, ISA-L's inflate, a bare
gpg pipe; and AWS's own S3 Encryption Client (``--official PYTHON``, of an environment that has it).

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
    peak_mib: float
    mib_more: float

    @property
    def ratios(self) -> tuple[float, float] | None:
        """Speed to limit, by the clock and by processor time."""
        if self.limit is None:
            return None
        return self.speed.wall / self.limit.wall, self.speed.cpu / self.limit.cpu


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
        return Result(case.name, mib, speed, limit, peak, peak - small)

    def _decrypted(self, case: Case, mib: int) -> tuple[Speed, float]:
        text = make_sample(case, mib, self._folder, self._keys)
        staging = 0 if case.staged else _STAGING_MEMORY_BYTES
        command = [sys.executable, "-m", "tests.benchmarks.decrypting_run", str(self._secret), str(staging)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process, PeakMemory(process.pid) as memory:
            output, _ = process.communicate()
        if process.returncode != 0:
            sys.exit(f"{case.name}: the decryptor failed")
        self._check(text)
        return told(output, mib), memory.mib

    def _check(self, text: Text) -> None:
        """What the server received must be the text, to the byte."""
        with urllib.request.urlopen(f"{self._endpoint}/?measure") as answer:
            received = json.loads(answer.read())
        members = {key: told for key, told in received["finished"].items() if key.endswith("/Sent.csv")}
        if list(members.values()) != [[text.size, text.crc()]] or received["open"]:
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
        print(f"{'':<28}{'MiB/s':>15}{'limit MiB/s':>17}{'ratio':>15}{'memory MiB':>18}")
        print(
            f"{'case':<28}{'clock':>8}{'CPU':>7}{'clock':>10}{'CPU':>7}{'clock':>8}{'CPU':>7}{'peak':>8}{'more':>10}"
        )
    results = []
    with bench(asked.official) as ready:
        for case in chosen:
            result = ready.run(case, asked.mib)
            results.append(result)
            print(json.dumps(asdict(result)) if asked.json else _line(result), flush=True)
    return results


def _line(result: Result) -> str:
    limit, ratios = result.limit, result.ratios
    speeds = f"{result.case:<28}{result.speed.wall:>8.0f}{result.speed.cpu:>7.0f}"
    held = f"{limit.wall:>10.0f}{limit.cpu:>7.0f}" if limit else f"{'':>17}"
    compared = f"{ratios[0]:>8.2f}{ratios[1]:>7.2f}" if ratios else f"{'':>15}"
    return f"{speeds}{held}{compared}{result.peak_mib:>8.0f}{result.mib_more:>10.0f}"


if __name__ == "__main__":
    main()
