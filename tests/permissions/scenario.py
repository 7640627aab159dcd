"""What the services go through while their calls are recorded: every kind of file and of trouble once."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import boto3

from landfall.demo.extract import build_extract
from landfall.demo.subscriber import OutcomeSubscriber
from landfall.landing import Encryption
from landfall.local.reach import environment_without_aws
from landfall.local.stack import LocalStack
from landfall.target import Target
from landfall.waiting import wait_until
from shared.events import Replay, ReplayRequested
from shared.identity import LandedFile
from shared.layout import opened_key, reopened_key
from shared.manifests import GenerationOpened
from shared.outcomes import SuccessOutcome
from shared.stages import Stage
from tests.e2e.conftest import Chain
from tests.extracts import sent, subscribers, zipped
from tests.permissions.policies import ROLES
from tests.permissions.recorded import Note, Recorded, recorded_services
from tests.unit.decryptor.gpg_sender import sender

_PGP_SECRET = "landfall/pgp-test"
_PEPPER_SECRET = "landfall/pepper-test"
# Whatever is encrypted and zipped is staged, however small; what fails for now is tried again at once;
# what is in work at the end is handed back.
PURPOSE = "landing"
_OVERRIDES = {
    "LANDFALL_KMS_ENCRYPTION_CONTEXT": f"purpose={PURPOSE}",
    "LANDFALL_STAGING_MEMORY_BYTES": "0",
    "LANDFALL_BACKOFF_BASE_SECONDS": "0.1",
    "LANDFALL_BACKOFF_CAP_SECONDS": "1",
    "LANDFALL_PGP_PRIVATE_KEYS": _PGP_SECRET,
    "LANDFALL_PEPPER_SECRET_ARN": _PEPPER_SECRET,
    "LANDFALL_SNAPSHOT_GRACE_SECONDS": "0",
    "LANDFALL_SHUTDOWN_GRACE_SECONDS": "0.1",
}


def scenario(stack: LocalStack, note: Note) -> AbstractContextManager[Recorded]:
    """The services as the scenario needs them, and recorders for all roles."""
    secrets = stack.session().client("secretsmanager", endpoint_url=stack.endpoint)
    secrets.create_secret(Name=_PEPPER_SECRET, SecretString="a pepper of more than a few bytes")
    return recorded_services(stack, note, overrides=_OVERRIDES, roles=ROLES)


def play(recorded: Recorded, recipes: Path) -> None:
    """Send files through the chain until each call that it can make was made."""
    stack = recorded.stack
    os.environ.update(stack.environment())
    target = Target(stack.deployment, local=True)
    with OutcomeSubscriber(stack.deployment, "permissions") as outcomes, sender_of_pgp() as pgp:
        chain = Chain(stack.home, target, outcomes, "")
        first = _extracts(chain)
        _late_duplicate(chain, first)
        _succeeds(chain, pgp(subscribers(3)), "pgp/Subscribers.csv.pgp")
        rejecting = _succeeds(chain, subscribers(150) + b"7,too,few\r\n", "bad-row/Subscribers.csv")
        _fails(chain, b"", "empty/Subscribers.csv")
        _refreshed_twice_in_a_second(chain)
        held_back = _fails(chain, zipped(Subscribers=subscribers(0)), "unit/20260202_Extract.zip")
        _replayed(chain, held_back, Stage.CATALOG, generation=1, accepts_shrink=True)
        _fails(chain, large_zip(damaged=True), "damaged/Large.zip")
        _stopped_in_mid_file(recorded, chain)
        for stage in (Stage.NORMALIZE, Stage.CATALOG, Stage.ARCHIVE):
            _fails_after_all_tries(chain, first, stage)
        _replayed(chain, first, Stage.DECRYPT, generation=1)
        _replayed(chain, rejecting, Stage.NORMALIZE, generation=1)  # whose rejected rows replace the first's
        moved = _succeeds(chain, zipped(Sent=sent(3)), "moved/20260131_Extract.zip")
        recorded.stop("normalizer")
        recorded.start("normalizer", LANDFALL_RECIPES=str(recipes))
        _replayed(chain, moved, Stage.DECRYPT, generation=1)
        _replayed(chain, moved, Stage.NORMALIZE, generation=2)
        recorded.stop("cataloger")
        recorded.start("cataloger", LANDFALL_CATALOG_MODE="direct")
        _succeeds(chain, zipped(Unsubs=unsubs()), "direct/20260131_Extract.zip")
        _letter_of_a_crash(chain, first)
        _sweep(recorded)


def _sweep(recorded: Recorded) -> None:
    """Run the sweep as the schedule does, in a folder where no local stack is recorded."""
    environment = environment_without_aws() | recorded.reaches["sweep"].environment()
    command = [sys.executable, "-m", "landfall.cli", "sweep", "--full", "--announce"]
    subprocess.run(
        [*command, "--older-than", "0m"],
        env=environment,
        cwd=recorded.stack.home / "logs",
        check=True,
        capture_output=True,
    )


@contextmanager
def sender_of_pgp() -> Iterator[Callable[[bytes], bytes]]:
    """Encrypts for the key in the secret that the decryptor is told of."""
    with sender() as by:
        boto3.client("secretsmanager").create_secret(Name=_PGP_SECRET, SecretBinary=by.secret("plain"))
        yield by.encrypt


def _extracts(chain: Chain) -> LandedFile:
    """Two full extracts of one unit, the second of which replaces the first one's snapshots."""
    extract = build_extract(seed=3, subscribers=50, events=200)
    first = _succeeds(chain, extract.zip_bytes, "unit/20260131_Extract.zip", Encryption.ESDK)
    _succeeds(chain, extract.zip_bytes, "unit/20260201_Extract.zip", Encryption.S3EC_V2)
    return first


def unsubs() -> bytes:
    """A member whose table has partitions already; under the other recipes it brings a new column."""
    header = "ClientID,SendID,SubscriberKey,EmailAddress,SubscriberID,ListID,EventDate,EventType,UnsubReason"
    line = "7,9,k1,k1@example.com,1,1,1/31/2026 5:03:02 PM,Unsubscribe,link"
    return "\r\n".join([header, line, ""]).encode()


def large_zip(*, damaged: bool) -> bytes:
    """A member that is uploaded in parts and has no recipe; damaged, it fails after its first parts."""
    packed = io.BytesIO()
    body = b"a\r\n" + b"".join(os.urandom(40).hex().encode() + b"\r\n" for _ in range(1_000_000))
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("Orders.csv", body)
    content = bytearray(packed.getvalue())
    if damaged:
        content[len(body) - 1000] ^= 1
    return bytes(content)


def _succeeds(chain: Chain, body: bytes, key: str, encryption: Encryption = Encryption.NONE) -> LandedFile:
    file = chain.land(body, key, encryption, {"purpose": PURPOSE})
    outcome = chain.outcome(file)
    assert isinstance(outcome, SuccessOutcome), outcome
    return file


def _refreshed_twice_in_a_second(chain: Chain) -> None:
    """Two full refreshes at one key. The older one comes again after both were archived."""
    tie = False
    while not tie:
        older, newer = (chain.land(subscribers(rows), "tie/Subscribers.csv") for rows in (3, 4))
        assert isinstance(chain.outcome(older), SuccessOutcome)
        assert isinstance(chain.outcome(newer), SuccessOutcome)
        tie = older.landed_at == newer.landed_at
    _replayed(chain, older, Stage.CATALOG, generation=1)


def _fails(chain: Chain, body: bytes, key: str) -> LandedFile:
    file = chain.land(body, key)
    assert chain.outcome(file).status == "failed"
    return file


def _fails_after_all_tries(chain: Chain, file: LandedFile, stage: Stage) -> None:
    """A replay from a stage on whose earlier manifests were deleted: not there, try after try."""
    ghost = _ghost_of(file, stage)
    request = ReplayRequested(file=ghost, generation=7)
    _send(chain, stage, json.dumps({"detail": request.model_dump(mode="json")}))
    assert chain.outcome(ghost).status == "failed"


def _ghost_of(file: LandedFile, stage: Stage) -> LandedFile:
    """A version that never was, of which an operator opened generation 7 at a stage."""
    ghost = file.model_copy(update={"version_id": uuid.uuid4().hex})
    replay = Replay(replay_id=uuid.uuid4().hex, requested_by="an operator", requested_at=datetime.now(UTC))
    opened = GenerationOpened(file=ghost, generation=7, from_stage=stage, replay=replay)
    key = opened_key(ghost.file_id, 7)
    boto3.client("s3").put_object(Bucket=ghost.bucket, Key=key, Body=opened.model_dump_json())
    return ghost


def _stopped_in_mid_file(recorded: Recorded, chain: Chain) -> None:
    """A deployment replaces the decryptor while it has a file in work: it hands the file back."""
    sqs = boto3.client("sqs")  # takes longer to make than the decryptor to begin
    file = chain.land(large_zip(damaged=False), "large/Large.zip")
    url = chain.target.deployment.queues[Stage.DECRYPT].url

    def in_work() -> bool | None:
        told = sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"]
        )
        return told["Attributes"]["ApproximateNumberOfMessagesNotVisible"] != "0" or None

    wait_until(in_work, within=30, every=0.01)
    recorded.stop("decryptor")
    recorded.start("decryptor")
    assert chain.outcome(file).status == "failed"  # no recipe knows it


def _letter_of_a_crash(chain: Chain, file: LandedFile) -> None:
    """A message that SQS moved because its worker died each time: nobody has told of it."""
    ghost = _ghost_of(file, Stage.NORMALIZE)
    body = json.dumps({"detail": ReplayRequested(file=ghost, generation=7).model_dump(mode="json")})
    url = chain.target.deployment.queues[Stage.NORMALIZE].dead_letter_url
    boto3.client("sqs").send_message(QueueUrl=url, MessageBody=body)


def _late_duplicate(chain: Chain, file: LandedFile) -> None:
    """S3 delivers the notification again after the file was archived."""
    described = {"key": file.key, "size": file.size, "versionId": file.version_id}
    record = {
        "eventName": "ObjectCreated:Put",
        "eventTime": file.landed_at.isoformat(),
        "s3": {"bucket": {"name": file.bucket}, "object": described},
    }
    _send(chain, Stage.DECRYPT, json.dumps({"Records": [record]}))


def _replayed(
    chain: Chain, file: LandedFile, stage: Stage, generation: int, *, accepts_shrink: bool = False
) -> None:
    """An operator forces a new generation of a file that is archived."""
    chain.outcomes.forget(file.file_id)
    replay = Replay(replay_id=uuid.uuid4().hex, requested_by="an operator", requested_at=datetime.now(UTC))
    opened = GenerationOpened(
        file=file, generation=generation, from_stage=stage, replay=replay, accepts_shrink=accepts_shrink
    )
    s3 = boto3.client("s3")
    s3.put_object(Bucket=file.bucket, Key=reopened_key(file.file_id, generation), Body=b"{}")
    s3.put_object(Bucket=file.bucket, Key=opened_key(file.file_id, generation), Body=opened.model_dump_json())
    request = ReplayRequested(file=file, generation=generation, replay=replay)
    _send(chain, stage, json.dumps({"detail": request.model_dump(mode="json")}))
    outcome = chain.outcome(file)
    assert isinstance(outcome, SuccessOutcome), outcome


def _send(chain: Chain, stage: Stage, body: str) -> None:
    url = chain.target.deployment.queues[stage].url
    boto3.client("sqs").send_message(QueueUrl=url, MessageBody=body)
