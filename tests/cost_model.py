"""What Landfall costs at a volume: public prices times measured needs.

Prices are those of us-east-1 on demand, in US dollars, without free tiers; docs/scaling.md names
their sources. The needs were measured by ``python -m tests.benchmarks.cpu_of_services`` and
``python -m tests.benchmarks.requests_of_a_file``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

DAYS = 30
HOURS = 730  # a month

# Prices.
VCPU_HOUR, GB_HOUR = 0.03238, 0.00356  # Fargate, ARM
S3_PUT, S3_GET = 0.005 / 1000, 0.0004 / 1000
S3_GB_MONTH = ((50_000, 0.023), (450_000, 0.022), (float("inf"), 0.021))  # the first GB, the next, the rest
SQS, EVENT, SNS = 0.40 / 1e6, 1.00 / 1e6, 0.50 / 1e6
KMS_KEY_MONTH, KMS_REQUEST = 1.00, 0.03 / 10_000
CATALOG_REQUEST, CATALOG_FREE = 1.00 / 1e6, 1e6  # the first million of a month costs nothing, now and later
ENDPOINT_HOUR, ENDPOINT_GB = 0.01, 0.01
ALARM_METRIC_MONTH, METRIC_MONTH, DASHBOARD_MONTH, LOG_GB = 0.10, 0.30, 3.00, 0.50
CRAWL_HOUR = 0.44 * 2  # two DPUs, which is an assumption: Glue decides
CRAWL_LEAST_SECONDS = 600  # are billed for every crawl
BREW_NODE_HOUR = 0.48

# Measured: CPU seconds of the four services together; requests of one file of one member.
CPU_A_FILE = 0.112
CPU_A_MB = 0.060
LOG_BYTES_A_FILE = 4_040
REQUESTS_A_FILE = {"s3 put": 20.15, "s3 get": 21.15, "sqs": 4.0, "events": 4.0, "sns": 1.0}
# Events are billed one by one: 2.65 calls put the four of a file, since files that come together share calls.
DELIVERIES_A_FILE = 8  # SQS: four messages that AWS sends to the queues, four that are received
CATALOG_A_FILE = 2.1  # in direct mode; by crawls less than half a request
PARQUET_TIMES = 2.4  # of the CSV: 2.1 to 2.9 were measured, since a hash is 64 digits that do not compress

# Set by deploy/ecs: CPU units and MiB of a task at rest, of which one of each service runs.
RESTING_VCPU = 1.0 + 2.0 + 0.25 + 0.25
RESTING_GB = 2 + 4 + 0.5 + 0.5
GB_A_VCPU = 2.0
SWEEPS_A_DAY, SWEEP_HOURS, SWEEP_VCPU, SWEEP_GB = 96 + 1, 2 / 60, 0.5, 1.0  # two minutes each: an assumption
INTERFACE_ENDPOINTS, ZONES = 11, 2
OWN_KEYS = 3
ARCHIVE_DAYS = 90  # then originals and decrypted members expire; curated Parquet never does
CRAWL_INTERVAL = 900
CRAWL_POLL = 10
CRAWL_LIMIT = 3_600  # a file that has waited so long for its crawl goes back to the queue

# Assumptions; docs/scaling.md says what is known of each.
ARCHIVE_TIMES = 1.2  # of the CSV: the original, zipped to a fifth, and the member as it was decrypted
BUCKET_KEY_SHARE = 0.01  # of S3's requests ask KMS: AWS promises up to 99 % fewer by bucket keys
CRAWL_BASE_SECONDS, CRAWLED_A_SECOND = 120, 1_000  # a crawl takes the first, and longer by its objects

# What deploy/ecs/observability.yaml looks at, and each scaling service's two alarms on three metrics.
ALARM_METRICS = 44 + 3 * 2 * 3
OWN_METRICS = 28  # of docs/operations.md, by stage, without those that only failures make
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
    """S3, SQS, EventBridge, SNS, KMS and the catalog a month.

    Larger files take more reads and parts, 8 MB each. KMS is asked once a file that its sender has encrypted,
    which all are here.
    """
    prices = {"s3 put": S3_PUT, "s3 get": S3_GET, "sqs": SQS, "events": EVENT, "sns": SNS}
    a_file = sum(prices[kind] * count for kind, count in REQUESTS_A_FILE.items()) + DELIVERIES_A_FILE * SQS
    of_s3 = REQUESTS_A_FILE["s3 put"] + REQUESTS_A_FILE["s3 get"]
    a_file += (1 + BUCKET_KEY_SHARE * of_s3) * KMS_REQUEST
    a_chunk = 2 * (S3_PUT + S3_GET + 2 * BUCKET_KEY_SHARE * KMS_REQUEST)
    chunks = volume.gigabytes * 1000 / 8
    polling = 4 * 3 * 60 * HOURS * SQS  # four queues, each asked every twenty seconds
    return DAYS * (volume.files * a_file + chunks * a_chunk) + polling + catalog(volume)


def catalog(volume: Volume) -> float:
    """The requests of Glue's catalog a month."""
    return max(0.0, volume.files * DAYS * CATALOG_A_FILE - CATALOG_FREE) * CATALOG_REQUEST


def archived(volume: Volume, day: int) -> float:
    """GB in archive/ on that day since the first: it is full when the first files expire."""
    return volume.gigabytes * ARCHIVE_TIMES * min(day, ARCHIVE_DAYS)


def curated(volume: Volume, day: int) -> float:
    """GB of Parquet on that day since the first: all that ever came."""
    return volume.gigabytes * PARQUET_TIMES * day


def storage(gigabytes: float) -> float:
    """S3 a month for so much."""
    left, amount = gigabytes, 0.0
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


def crawl_seconds(objects: float) -> float:
    """How long a crawl takes that lists so many objects: assumed."""
    return CRAWL_BASE_SECONDS + objects / CRAWLED_A_SECOND


def in_reach(objects: float, interval: int = CRAWL_INTERVAL) -> bool:
    """Whether each file sees the end of a crawl in time, also if it came when one had just begun."""
    seconds = crawl_seconds(objects)
    return max(seconds, interval) + seconds <= CRAWL_LIMIT


def most_objects() -> int:
    """With how many objects in the curated bucket a crawler is just in reach."""
    return (CRAWL_LIMIT // 2 - CRAWL_BASE_SECONDS) * CRAWLED_A_SECOND


def crawls(volume: Volume, interval: int, objects: float = 0) -> float:
    """Crawls a month where files come evenly over the day. They run one at a time."""
    seconds = crawl_seconds(objects)
    a_day = min(volume.files, 86_400 / max(interval, seconds))
    return a_day * DAYS * max(seconds, CRAWL_LEAST_SECONDS) / 3600 * CRAWL_HOUR


def crawler_requests(volume: Volume, interval: int, objects: float = 0) -> float:
    """ListCrawls, GetCrawler and StartCrawler a month, of one cataloger task; AWS bills none of them.

    One of each starts a crawl; while it runs, its history is asked for once a poll.
    """
    seconds = crawl_seconds(objects)
    a_day = min(volume.files, 86_400 / max(interval, seconds))
    return a_day * DAYS * (3 + ceil(seconds / CRAWL_POLL + 0.05))


def guidance(volume: Volume, stored: float) -> float:
    """The daily batch a month: a DataBrew job a dataset and day, one crawl, storage the same."""
    minutes = BREW_JOBS * BREW_MINUTES_A_JOB
    hours = BREW_NODES * minutes / 60 + volume.gigabytes * 1000 / BREW_MB_A_NODE_SECOND / 3600
    return DAYS * hours * BREW_NODE_HOUR + crawls(Volume(1, 0), 86_400) + stored
