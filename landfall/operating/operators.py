"""Who asks: the person or role that has files run again."""

from __future__ import annotations

import getpass
import uuid
from datetime import UTC, datetime

import boto3

from landfall.target import Target
from shared.events import Replay


def new_replay(target: Target) -> Replay:
    """A request for a replay under an id of its own: by the caller's ARN on AWS, else by the local user."""
    now = datetime.now(UTC)
    return Replay(replay_id=str(uuid.uuid4()), requested_by=caller_of(target), requested_at=now)


def caller_of(target: Target) -> str:
    """Who runs the command: the caller's ARN on AWS, else the local user."""
    if not target.on_aws:
        return getpass.getuser()
    arn: str = boto3.client("sts").get_caller_identity()["Arn"]
    return arn
