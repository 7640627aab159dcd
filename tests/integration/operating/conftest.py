"""A deployment of its own without services: what the commands put into queues stays there to be looked at."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest

from landfall.deployment import Deployment
from landfall.local.stack import LocalStack
from landfall.local.starting import Options
from shared.stages import Stage
from tests.commands import Command, json_command


@pytest.fixture(scope="module")
def quiet_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """An emulator that nobody works on."""
    home = tmp_path_factory.mktemp("quiet")
    with LocalStack.up(Options(home=home, endpoint=None, glue_endpoint=None, port=0, services=())) as running:
        yield running


@pytest.fixture
def deployment(quiet_stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """That deployment, with every queue empty and this process's environment pointing at it."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in quiet_stack.environment().items():
        monkeypatch.setenv(name, value)
    sqs = boto3.client("sqs")
    for queue in quiet_stack.deployment.queues.values():
        for url in (queue.url, queue.dead_letter_url):
            sqs.purge_queue(QueueUrl=url)
    return quiet_stack.deployment


@pytest.fixture
def landfall(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command line against that deployment."""
    return json_command(capsys)


def bodies(deployment: Deployment, stage: Stage) -> list[str]:
    """Take everything out of a stage's queue."""
    sqs, url = boto3.client("sqs"), deployment.queues[stage].url
    taken: list[str] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0).get(
        "Messages"
    ):
        for message in messages:
            taken.append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return taken
