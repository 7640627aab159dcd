"""How long ``landfall status`` takes with many files: today's page, and one file's story.

Run as ``python -m tests.benchmarks.status_speed``; whole processes are timed, from start to exit.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time

FILES, DAYS, LATENCY_MS = 100_000, 30, 20
RUNS = 5
LIMIT_SECONDS = 2.0

_PROGRAM = """
import sys
from landfall import cli
from landfall.commands import status
from landfall.deployment import Deployment, Queue
from landfall.target import Target
from shared.stages import Stage
queues = {stage: Queue(f"http://127.0.0.1/{stage}", f"http://127.0.0.1/{stage}-dead") for stage in Stage}
names = dict(ingest_bucket="ingest-bucket", curated_bucket="curated-bucket", queues=queues, crawler="crawler")
rest = dict.fromkeys(set(Deployment.__annotations__) - names.keys(), "")
status.find_target = lambda: Target(Deployment(**names, **rest), local=True)
sys.exit(cli.main(["status", *sys.argv[1:]]))
"""


def main() -> int:
    """Time both; 1 where one of them is above the limit."""
    words = [sys.executable, "-m", "tests.benchmarks.listing_server", str(FILES), str(DAYS), str(LATENCY_MS)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            told = json.loads(server.stdout.readline())
            print(f"{FILES:,} files over {DAYS} days, {LATENCY_MS} ms an answer, whole processes:")
            slow = [
                name
                for name, args in _cases(told["file_id"])
                if _time(name, args, told["port"]) > LIMIT_SECONDS
            ]
        finally:
            server.terminate()
    return 1 if slow else 0


def _cases(file_id: str) -> list[tuple[str, list[str]]]:
    return [
        ("landfall status", []),
        ("landfall status FILE_ID", [file_id]),
        ("landfall status --help", ["--help"]),
    ]


def _time(name: str, args: list[str], port: int) -> float:
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ENDPOINT_URL_GLUE": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    seconds: list[float] = []
    cpu: list[float] = []
    for _ in range(RUNS):
        begun, used = time.perf_counter(), _cpu_of_children()
        subprocess.run(
            [sys.executable, "-c", _PROGRAM, *args],
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        seconds.append(time.perf_counter() - begun)
        cpu.append(_cpu_of_children() - used)
    median = statistics.median(seconds)
    print(f"  {name:<26}{median:6.2f} s wall, {statistics.median(cpu):5.2f} s CPU (medians of {RUNS})")
    return median


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    sys.exit(main())
