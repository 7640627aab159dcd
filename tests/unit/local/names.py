"""A deployment as the stacks' outputs name it."""

from __future__ import annotations

from landfall.deployment import Deployment, Queue
from shared.stages import Stage

DEPLOYMENT = Deployment(
    prefix="landfall",
    ingest_bucket="landfall-ingest",
    curated_bucket="landfall-curated",
    bucket_key_arn="arn:aws:kms:us-east-1:000000000000:key/bucket",
    landing_key_arn="arn:aws:kms:us-east-1:000000000000:key/landing",
    event_bus="landfall",
    queues={stage: Queue(f"http://sqs/{stage}", f"http://sqs/{stage}-dead-letters") for stage in Stage},
    success_topic_arn="arn:aws:sns:us-east-1:000000000000:landfall-success",
    error_topic_arn="arn:aws:sns:us-east-1:000000000000:landfall-error",
    database="landfall",
    crawler="landfall-curated",
)
