"""What Landfall costs at a volume: public prices times measured needs. Writes the tables of docs/scaling.md.

Prices are those of us-east-1 on demand, in US dollars, without free tiers; docs/scaling.md names
their sources. The needs were measured by ``python -m tests.benchmarks.cpu_of_services`` and
``python -m tests.benchmarks.requests_of_a_file``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_BEGIN, _END = "<!-- costs: written by `make docs` -->", "<!-- end of costs -->"

DAYS = 30
HOURS = 730  # a month

# Prices.
VCPU_HOUR, GB_HOUR = 0.03238, 0.00356  # Fargate, ARM
S3_PUT, S3_GET = 0.005 / 1000, 0.0004 / 1000
S3_GB_MONTH = ((50_000, 0.023), (450_000, 0.022), (float("inf"), 0.021))  # the first GB, the next, the rest
SQS, EVENT, SNS = 0.40 / 1e6, 1.00 / 1e6, 0.50 / 1e6
KMS_KEY_MONTH = 1.00
ENDPOINT_HOUR, ENDPOINT_GB = 0.01, 0.01
ALARM_METRIC_MONTH, METRIC_MONTH, DASHBOARD_MONTH, LOG_GB = 0.10, 0.30, 3.00, 0.50
CRAWL = 0.44 * 2 / 6  # ten minutes, the least that is billed, of two DPUs (assumed: Glue decides)
BREW_NODE_HOUR = 0.48

# Measured: CPU seconds of the four services together; requests of one file of one member.
CPU_A_FILE = 0.118
CPU_A_MB = 0.065
LOG_BYTES_A_FILE = 4_040
REQUESTS_A_FILE = {"s3 put": 16.25, "s3 get": 20.1, "sqs": 4.0, "events": 3.05, "sns": 1.0}
DELIVERIES_A_FILE = 8  # SQS: four messages that AWS sends to the queues, four that are received

# Set by deploy/ecs: CPU units and MiB of a task at rest, of which one of each service runs.
RESTING_VCPU = 1.0 + 2.0 + 0.25 + 0.25
RESTING_GB = 2 + 4 + 0.5 + 0.5
GB_A_VCPU = 2.0
SWEEPS_A_DAY, SWEEP_HOURS, SWEEP_VCPU, SWEEP_GB = 96 + 1, 2 / 60, 0.5, 1.0  # two minutes each: an assumption
INTERFACE_ENDPOINTS, ZONES = 11, 2
OWN_KEYS = 3
STORED_TIMES = 1.6  # original, decrypted copy, Parquet, each for its retention: see the text
STORED_DAYS = 90
# What deploy/ecs/observability.yaml looks at, and each scaling service's two alarms on three metrics.
ALARM_METRICS = 25 + 3 * 2 * 3
OWN_METRICS = 21  # of docs/operations.md, by stage, without those that only failures make
# A task is busy for this share of the time it runs: scaling follows the load with some delay.
BUSY = 0.5

# The guidance's daily batch, of which nothing here was measured.
BREW_JOBS, BREW_NODES, BREW_MINUTES_A_JOB, BREW_MB_A_NODE_SECOND = 19, 5, 3.0, 4.0


@dataclass(frozen=True, slots=True)
class Volume:
    """What arrives in a day."""

    files: int
    gigabytes: float

    @property
    def cpu_hours(self) -> float:
        """CPU hours a day, of all services."""
        return (self.files * CPU_A_FILE + self.gigabytes * 1000 * CPU_A_MB) / 3600


VOLUMES = (
    Volume(10, 1),
    Volume(1_000, 10),
    Volume(1_000, 100),
    Volume(100_000, 1_000),
    Volume(100_000, 10_000),
)


def compute(volume: Volume) -> float:
    """Fargate a month: one task of each service always, the sweeps, and tasks for what is beyond these."""
    resting = HOURS * (RESTING_VCPU * VCPU_HOUR + RESTING_GB * GB_HOUR)
    beyond = max(0.0, volume.cpu_hours / BUSY - 24 * RESTING_VCPU) * DAYS
    sweeps = SWEEPS_A_DAY * DAYS * SWEEP_HOURS * (SWEEP_VCPU * VCPU_HOUR + SWEEP_GB * GB_HOUR)
    return resting + sweeps + beyond * (VCPU_HOUR + GB_A_VCPU * GB_HOUR)


def requests(volume: Volume) -> float:
    """S3, SQS, EventBridge and SNS a month. Larger files take more ranged reads and parts, 8 MB each."""
    prices = {"s3 put": S3_PUT, "s3 get": S3_GET, "sqs": SQS, "events": EVENT, "sns": SNS}
    a_file = sum(prices[kind] * count for kind, count in REQUESTS_A_FILE.items()) + DELIVERIES_A_FILE * SQS
    chunks = volume.gigabytes * 1000 / 8
    polling = 4 * 3 * 60 * HOURS * SQS  # four queues, each asked every twenty seconds
    return DAYS * (volume.files * a_file + chunks * 2 * (S3_PUT + S3_GET)) + polling


def storage(volume: Volume) -> float:
    """S3 a month, once it has filled up."""
    left, amount = volume.gigabytes * STORED_TIMES * STORED_DAYS, 0.0
    for room, price in S3_GB_MONTH:
        amount += min(left, room) * price
        left = max(0.0, left - room)
    return amount


def watching(volume: Volume) -> float:
    """CloudWatch a month: alarms, metrics, the dashboard, and what the services log."""
    fixed = ALARM_METRICS * ALARM_METRIC_MONTH + OWN_METRICS * METRIC_MONTH + DASHBOARD_MONTH
    return fixed + volume.files * DAYS * LOG_BYTES_A_FILE / 1e9 * LOG_GB


def network(volume: Volume) -> float:
    """The endpoints; bytes of objects go by the S3 gateway, which is free."""
    return INTERFACE_ENDPOINTS * ZONES * HOURS * ENDPOINT_HOUR + volume.files * DAYS * 1e-4 * ENDPOINT_GB


def crawls(volume: Volume, interval_seconds: int) -> float:
    """Crawls a month where files come evenly over the day."""
    return min(volume.files, 86_400 / interval_seconds) * DAYS * CRAWL


def guidance(volume: Volume) -> float:
    """The daily batch a month: a DataBrew job a dataset and day, one crawl, storage the same."""
    minutes = BREW_JOBS * BREW_MINUTES_A_JOB
    hours = BREW_NODES * minutes / 60 + volume.gigabytes * 1000 / BREW_MB_A_NODE_SECOND / 3600
    return DAYS * (hours * BREW_NODE_HOUR + CRAWL) + storage(volume)


def tables() -> str:
    """The generated part of docs/scaling.md."""
    lines = [
        "| A day | CPU hours a day | Fargate | requests | storage | endpoints, keys | CloudWatch | "
        "crawls, every 15 min | **crawler mode** | **direct mode** | daily batch (estimated) |",
        "| --- " * 11 + "|",
    ]
    for volume in VOLUMES:
        fixed = network(volume) + OWN_KEYS * KMS_KEY_MONTH
        steady = (compute(volume), requests(volume), storage(volume), fixed, watching(volume))
        base, crawling = sum(steady), crawls(volume, 900)
        cells = [
            f"{volume.files:,} files, {volume.gigabytes:,g} GB",
            f"{volume.cpu_hours:,.2f}",
            *map(_dollars, (*steady, crawling)),
            f"**{_dollars(base + crawling)}**",
            f"**{_dollars(base)}**",
            _dollars(guidance(volume)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def with_cost_tables(root: Path) -> str:
    """docs/scaling.md with its table brought up to date; the text around it is written by hand."""
    text = (root / "docs/scaling.md").read_text(encoding="utf-8")
    before, _, rest = text.partition(f"{_BEGIN}\n")
    after = rest.partition(_END)[2]
    return f"{before}{_BEGIN}\n\n{tables()}\n{_END}{after}"


def _dollars(amount: float) -> str:
    return f"${amount:,.0f}" if amount >= 10 else f"${amount:,.2f}"
