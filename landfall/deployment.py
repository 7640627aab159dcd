"""What is deployed and what it is called: the stacks, and each service's share of their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from landfall import change_sets, stacks
from landfall.errors import OperatorError
from shared.stages import Stage

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

DEFAULT_PREFIX = "landfall"
TEMPLATES = Path(__file__).resolve().parent.parent / "deploy" / "ecs"
# What emulators get, in the order of their needs: S3 refuses to notify a queue that does not exist.
STACKS = ("messaging", "storage", "catalog")
# Everything that an account gets, in the same order.
ACCOUNT_STACKS = (
    "images",
    "network",
    *STACKS,
    "schemas",
    "sfmc",
    "roles",
    "observability",
    "services",
    "schedule",
)
SERVICES: Mapping[str, Stage] = {
    "decryptor": Stage.DECRYPT,
    "normalizer": Stage.NORMALIZE,
    "cataloger": Stage.CATALOG,
    "archiver": Stage.ARCHIVE,
}


@dataclass(frozen=True, slots=True)
class Queue:
    """The URLs of a stage's queue and of its dead-letter queue."""

    url: str
    dead_letter_url: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """The names of everything that one prefix has in one account and region."""

    prefix: str
    ingest_bucket: str
    curated_bucket: str
    bucket_key_arn: str
    landing_key_arn: str
    event_bus: str
    queues: dict[Stage, Queue]
    success_topic_arn: str
    error_topic_arn: str
    database: str
    crawler: str

    def service_environment(self, service: str) -> dict[str, str]:
        """The environment variables that tell ``service`` (one of ``SERVICES``) what to work on."""
        queue = self.queues[SERVICES[service]]
        own = {
            "decryptor": {"LANDFALL_KMS_KEY_ARNS": self.landing_key_arn},
            "cataloger": {"LANDFALL_DATABASE": self.database, "LANDFALL_CRAWLER": self.crawler},
            "archiver": {
                "LANDFALL_SUCCESS_TOPIC_ARN": self.success_topic_arn,
                "LANDFALL_ERROR_TOPIC_ARN": self.error_topic_arn,
            },
        }
        return {
            "LANDFALL_INGEST_BUCKET": self.ingest_bucket,
            "LANDFALL_CURATED_BUCKET": self.curated_bucket,
            "LANDFALL_EVENT_BUS": self.event_bus,
            "LANDFALL_QUEUE_URL": queue.url,
            "LANDFALL_DEAD_LETTER_QUEUE_URL": queue.dead_letter_url,
            **own.get(service, {}),
        }


def deploy(
    cloudformation: CloudFormationClient,
    prefix: str = DEFAULT_PREFIX,
    templates: Path = TEMPLATES,
    parameters: Mapping[str, str] | None = None,
) -> Deployment:
    """Bring the stacks of ``prefix`` to their templates, in order; one that is there already is left alone.

    Each template receives those of ``parameters`` that it declares.

    Raises:
        OperatorError: a template is missing, or a stack failed (the message names resource and reason).
    """
    given = {**(parameters or {}), "Prefix": prefix}
    for name in STACKS:
        ready = change_sets.plan(cloudformation, f"{prefix}-{name}", read_template(name, templates), given)
        if ready is not None:
            change_sets.apply(cloudformation, ready)
    return read_deployment(cloudformation, prefix)


def read_deployment(cloudformation: CloudFormationClient, prefix: str = DEFAULT_PREFIX) -> Deployment:
    """Read the names from the outputs of the stacks that are there.

    Raises:
        OperatorError: a stack is missing, or is older than this program and lacks an output.
    """
    found: dict[str, str] = {}
    for name in STACKS:
        found |= stacks.outputs(cloudformation, f"{prefix}-{name}")
    try:
        return Deployment(
            prefix=prefix,
            ingest_bucket=found["IngestBucket"],
            curated_bucket=found["CuratedBucket"],
            bucket_key_arn=found["BucketKeyArn"],
            landing_key_arn=found["LandingKeyArn"],
            event_bus=found["EventBus"],
            queues={stage: _queue(found, stage) for stage in Stage},
            success_topic_arn=found["SuccessTopicArn"],
            error_topic_arn=found["ErrorTopicArn"],
            database=found["Database"],
            crawler=found["Crawler"],
        )
    except KeyError as missing:
        raise OperatorError(f"The stacks of {prefix} have no output {missing}: deploy them again.") from None


def _queue(found: Mapping[str, str], stage: Stage) -> Queue:
    name = stage.value.capitalize()
    return Queue(found[f"{name}QueueUrl"], found[f"{name}DeadLetterQueueUrl"])


def read_template(name: str, templates: Path = TEMPLATES) -> str:
    """The text of one stack's template.

    Raises:
        OperatorError: it is not there.
    """
    template = templates / f"{name}.yaml"
    try:
        return template.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise OperatorError(
            f"There is no template {template}: run this from a checkout of the project."
        ) from None
