"""Dead letters by the command line, over a real queue: the right ones move, and none is ever lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter

import boto3
import pytest

from landfall import cli
from landfall.deployment import Deployment
from shared.events import FileDecrypted, envelope
from shared.identity import LandedFile
from shared.messages import parse_message
from shared.stages import Stage
from tests.builders import landed
from tests.commands import Command
from tests.integration.operating.conftest import bodies

KINDS = {Stage.DECRYPT: "KMS_KEY_NOT_ALLOWED", Stage.NORMALIZE: "HEADER_MISMATCH", Stage.CATALOG: ""}


def own(deployment: Deployment, key: str) -> LandedFile:
    """A file that landed in the deployment's own bucket."""
    return landed(key).model_copy(update={"bucket": deployment.ingest_bucket})


def dead_letters(deployment: Deployment, count: int) -> None:
    """So many of three kinds: a wrong key, a bad recipe, a worker that died without a word."""
    sqs = boto3.client("sqs")
    for start in range(0, count, 10):
        for stage, code in KINDS.items():
            files = [own(deployment, f"landing/{n}.zip") for n in range(start, min(start + 10, count))]
            events = [
                FileDecrypted(file=file, generation=0, event_id="e", manifest_key="k") for file in files
            ]
            said = {"code": code, "reason": "why"} if code else {}
            sqs.send_message_batch(
                QueueUrl=deployment.queues[stage].dead_letter_url,
                Entries=[
                    {
                        "Id": str(n),
                        "MessageBody": envelope(event),
                        "MessageAttributes": {
                            name: {"DataType": "String", "StringValue": value} for name, value in said.items()
                        },
                    }
                    for n, event in enumerate(events)
                ],
            )


def counted(listed: dict[str, list[dict[str, str]]]) -> Counter[str]:
    return Counter(letter["code"] for letter in listed["dead_letters"])


def test_five_hundred_letters_of_three_kinds_go_their_ways(deployment: Deployment, landfall: Command) -> None:
    dead_letters(deployment, 167)
    assert counted(landfall("dlq", "ls")) == {
        "KMS_KEY_NOT_ALLOWED": 167,
        "HEADER_MISMATCH": 167,
        "WORKER_DIED": 167,
    }
    landfall("dlq", "replay", "--all", "--code", "KMS_KEY_NOT_ALLOWED", "--yes")
    landfall("dlq", "drop", "--all", "--stage", "catalog", "--yes")
    assert counted(landfall("dlq", "ls")) == {"HEADER_MISMATCH": 167}
    back = bodies(deployment, Stage.DECRYPT)
    assert Counter(type(parse_message(body)[0]) for body in back) == {FileDecrypted: 167}
    assert bodies(deployment, Stage.CATALOG) == bodies(deployment, Stage.NORMALIZE) == []


def test_one_letter_goes_back_by_the_id_of_its_file(deployment: Deployment, landfall: Command) -> None:
    dead_letters(deployment, 3)
    file_id = own(deployment, "landing/1.zip").file_id
    told = landfall("dlq", "replay", file_id, "--yes")
    assert [letter["file_ids"] for letter in told["replayed"]] == [[file_id]] * 3
    (body,) = bodies(deployment, Stage.NORMALIZE)
    assert json.loads(body)["detail"]["replay"]["requested_by"]


def test_a_dry_run_moves_nothing(deployment: Deployment, landfall: Command) -> None:
    dead_letters(deployment, 2)
    assert len(landfall("dlq", "replay", "--all", "--dry-run")["replayed"]) == 6
    assert len(landfall("dlq", "drop", "--all", "--dry-run")["dropped"]) == 6
    assert sum(counted(landfall("dlq", "ls")).values()) == 6


def test_nobody_is_asked_in_a_script_so_nothing_happens_without_yes(
    deployment: Deployment, landfall: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    dead_letters(deployment, 2)
    assert cli.main(["dlq", "replay", "--all"]) == 1
    assert "--yes" in capsys.readouterr().err
    assert sum(counted(landfall("dlq", "ls")).values()) == 6


@pytest.mark.parametrize("args", [["dlq", "replay"], ["dlq", "drop"], ["dlq", "drop", "x", "--all"]])
def test_it_must_be_said_which_letters(
    args: list[str], deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(args) == 2
    assert "--all" in capsys.readouterr().err


def test_a_command_that_is_killed_between_send_and_delete_loses_nothing(
    deployment: Deployment, landfall: Command
) -> None:
    dead_letters(deployment, 12)
    program = (
        "import os, signal, sys; from landfall import cli; from landfall.operating import letter_moves;"
        "letter_moves.drop = lambda *args: os.kill(os.getpid(), signal.SIGKILL);"
        "cli.main(['dlq', 'replay', '--all', '--stage', 'normalize', '--yes'])"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program], env=dict(os.environ), check=False, capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL
    sqs, url = boto3.client("sqs"), deployment.queues[Stage.NORMALIZE].dead_letter_url
    counts = sqs.get_queue_attributes(
        QueueUrl=url,
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )["Attributes"]
    assert sum(map(int, counts.values())) == 12
    assert len(bodies(deployment, Stage.NORMALIZE)) == 10
