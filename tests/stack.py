"""A real emulator with the project's templates in it and the local Glue crawler before it, without services.

One is started for the whole run of the tests that ask for it; each test uses keys and names of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from landfall.local.stack import LocalStack
from landfall.local.starting import Options

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

CRAWL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Clients:
    """boto3 clients of the stack."""

    cloudformation: CloudFormationClient
    events: EventBridgeClient
    glue: GlueClient
    kms: KMSClient
    s3: S3Client
    sns: SNSClient
    sqs: SQSClient


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """An emulator of this test run's own."""
    options = Options(
        home=tmp_path_factory.mktemp("stack"),
        endpoint=None,
        glue_endpoint=None,
        port=0,
        services=(),
        crawl_seconds=CRAWL_SECONDS,
    )
    with LocalStack.up(options) as running:
        yield running


@pytest.fixture(scope="session")
def clients(stack: LocalStack) -> Clients:
    """Clients of that emulator."""
    session = stack.session()
    return Clients(
        cloudformation=session.client("cloudformation", endpoint_url=stack.endpoint),
        events=session.client("events", endpoint_url=stack.endpoint),
        glue=session.client("glue", endpoint_url=stack.glue_endpoint),
        kms=session.client("kms", endpoint_url=stack.endpoint),
        s3=session.client("s3", endpoint_url=stack.endpoint),
        sns=session.client("sns", endpoint_url=stack.endpoint),
        sqs=session.client("sqs", endpoint_url=stack.endpoint),
    )


@pytest.fixture
def stack_environment(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> LocalStack:
    """The stack, with this process's AWS variables set so that code under test reaches it by itself."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in stack.environment().items():
        monkeypatch.setenv(name, value)
    return stack
