"""Which Landfall a command works on: the local stack of this checkout if one is up, else what AWS has."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import boto3

from landfall import console
from landfall.deployment import DEFAULT_PREFIX, SERVICES, Deployment, read_deployment
from landfall.errors import OperatorError
from landfall.local import state

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Target:
    """A deployed Landfall. Clients find its endpoint, Region and credentials in the environment."""

    deployment: Deployment
    local: bool

    @property
    def on_aws(self) -> bool:
        """Whether this is AWS itself rather than something that speaks its protocols."""
        return not self.local and "AWS_ENDPOINT_URL" not in os.environ

    def s3(self) -> S3Client:
        """A client for its objects."""
        return boto3.client("s3")

    def sqs(self) -> SQSClient:
        """A client for its queues."""
        return boto3.client("sqs")


def find_target() -> Target:
    """The local stack that is up, unless ``AWS_ENDPOINT_URL`` leads elsewhere; else what the account has.

    The environment of this process is set so that every AWS client made from now on reaches it.

    Raises:
        OperatorError: nothing is deployed where the environment points.
    """
    given = os.environ.get("AWS_ENDPOINT_URL")
    running = state.load(state.home_directory())
    if running is not None and given in (None, running.reach.endpoint):
        if running.deployment is None or not running.ready:
            raise OperatorError(
                "The local stack is not up completely: run `landfall local down`, then `landfall local up`."
            )
        _tell_of_dead(running)
        os.environ.update(running.reach.environment())
        return Target(running.deployment, local=True)
    if boto3.Session().region_name is None:
        where = "No local stack is up here" if given is None else "AWS_ENDPOINT_URL is set"
        raise OperatorError(f"{where} and no AWS Region is set: run `landfall local up`, or set AWS_REGION.")
    prefix = os.environ.get("LANDFALL_PREFIX", DEFAULT_PREFIX)
    return Target(read_deployment(boto3.client("cloudformation"), prefix), local=False)


def _tell_of_dead(running: state.State) -> None:
    """Work can go on without a service, and without the emulator or its crawler it cannot.

    Raises:
        OperatorError: nothing answers any more.
    """
    for process in running.dead():
        if process.name not in SERVICES:
            raise OperatorError(
                f"The {process.name} of the local stack has ended (log: {process.log}): "
                "run `landfall local down`, then `landfall local up`."
            )
        console.say(
            f"The {process.name} has ended (log: {process.log}): `landfall local up` starts it again."
        )


def run(work: Coroutine[object, object, T]) -> T:
    """Run a coroutine that uses the services' own asynchronous code."""
    return asyncio.run(work)
