"""An SQS queue that receives what both outcome topics publish."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import boto3

from landfall.deployment import Deployment


@contextmanager
def subscribed_queue(deployment: Deployment, name: str) -> Iterator[str]:
    """The URL of a queue of this name; queue and subscriptions go when the block ends."""
    sqs, sns = boto3.client("sqs"), boto3.client("sns")
    topics = (deployment.success_topic_arn, deployment.error_topic_arn)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": _policy(arn, topics)})
    subscriptions = [
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)
        for topic in topics
    ]
    try:
        yield url
    finally:
        for subscription in subscriptions:
            sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
        sqs.delete_queue(QueueUrl=url)


def _policy(arn: str, topics: Sequence[str]) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": list(topics)}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
