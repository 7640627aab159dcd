"""The normalizer with a pepper in Secrets Manager: identifiers are its HMACs, match keys are as before."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest

from landfall.deployment import Deployment
from landfall.local.stack import LocalStack
from services.normalizer.__main__ import build
from services.normalizer.errors import PepperUnreadable, PepperUnusable
from services.normalizer.settings import NormalizerSettings
from shared.aws.clients import Clients as ServiceClients
from shared.bus import EventBus
from shared.events import FileDecrypted
from shared.identity import LandedFile
from shared.layout import manifest_key, raw_key
from shared.manifests import CuratedObject, DecryptManifest, NormalizeManifest, RawMember, StoredObject
from shared.messages import Message
from shared.objects.bulk import BulkTransfer
from shared.objects.store import ObjectStore
from shared.stages import Stage
from shared.worker.handler import Handler
from shared.worker.service import Parts
from tests.stack import Clients

PEPPER = b"nobody knows this one but the test"
CSV = (
    b"ClientID,SubscriberKey,EmailAddress,SubscriberID,Status,DateHeld,DateCreated,DateUnsubscribed\r\n"
    b"7, Ada-1 ,Ada@Example.com,42,active,,1/31/2026 5:03:02 PM,\r\n"
)


@dataclass(frozen=True)
class Made:
    """The only row that came of the CSV, and how it is recorded."""

    row: dict[str, Any]
    fingerprint: str
    curated: CuratedObject
    footer: dict[bytes, bytes]


@dataclass(frozen=True)
class Lake:
    """The stack's buckets, into which a test puts what the decryptor would have left."""

    deployment: Deployment
    clients: Clients

    async def normalize(self, handler: Handler) -> Made:
        """What becomes of a new file with the CSV as its only member."""
        file = self._decrypted()
        key = manifest_key(file.file_id, Stage.DECRYPT, 0)
        event = FileDecrypted(file=file, generation=0, event_id=uuid.uuid4().hex, manifest_key=key)
        await handler.handle(event, Message("m", "r", "", 1))
        done = self._body(file.bucket, manifest_key(file.file_id, Stage.NORMALIZE, 0))
        manifest = NormalizeManifest.model_validate_json(done)
        (curated,) = manifest.curated
        body = self._body(curated.object.bucket, curated.object.key)
        (row,) = pq.read_table(io.BytesIO(body)).to_pylist()
        footer = pq.read_metadata(io.BytesIO(body)).metadata or {}
        return Made(row, manifest.fingerprint, curated, footer)

    def _decrypted(self) -> LandedFile:
        now = datetime.now(UTC)
        file = LandedFile(
            bucket=self.deployment.ingest_bucket,
            key=f"landing/{uuid.uuid4().hex}/Subscribers.csv",
            version_id="v1",
            size=len(CSV),
            landed_at=now,
        )
        key = raw_key(file.file_id, "Subscribers.csv")
        etag = self.clients.s3.put_object(Bucket=file.bucket, Key=key, Body=CSV)["ETag"]
        stored = StoredObject(bucket=file.bucket, key=key, size=len(CSV), etag=etag)
        manifest = DecryptManifest(
            file=file,
            generation=0,
            fingerprint="the same for every file",
            attempt=1,
            started_at=now,
            finished_at=now,
            formats=(),
            members=(RawMember(name="Subscribers.csv", object=stored),),
        )
        self.clients.s3.put_object(
            Bucket=file.bucket,
            Key=manifest_key(file.file_id, Stage.DECRYPT, 0),
            Body=manifest.model_dump_json().encode(),
        )
        return file

    def _body(self, bucket: str, key: str) -> bytes:
        return self.clients.s3.get_object(Bucket=bucket, Key=key)["Body"].read()


@pytest.fixture
def lake(stack_environment: LocalStack, clients: Clients) -> Lake:
    return Lake(stack_environment.deployment, clients)


@asynccontextmanager
async def normalizer(lake: Lake, secret: str | None = None) -> AsyncIterator[Handler]:
    """A normalizer with the deployment's own settings, and a pepper if a secret is named."""
    deployment = lake.deployment
    settings = NormalizerSettings(
        ingest_bucket=deployment.ingest_bucket,
        curated_bucket=deployment.curated_bucket,
        event_bus=deployment.event_bus,
        queue_url="unused",
        dead_letter_queue_url="unused",
        pepper_secret_arn=secret,
    )
    async with ServiceClients() as clients, AsyncExitStack() as closing:
        s3, bus = await clients.s3(), EventBus(await clients.events(), deployment.event_bus)
        bulk = BulkTransfer(s3)
        closing.callback(bulk.close)
        yield await build(settings, Parts(clients, ObjectStore(s3, bulk), bus, closing))


def stored(**content: Any) -> str:
    """A new secret's ARN."""
    created = boto3.client("secretsmanager").create_secret(Name=f"pepper-{uuid.uuid4().hex}", **content)
    return created["ARN"]


def hmac_of(text: str) -> str:
    return hmac.new(PEPPER, text.encode(), hashlib.sha256).hexdigest()


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"SecretBinary": PEPPER}, id="bytes"),
        pytest.param({"SecretString": PEPPER.decode()}, id="text"),
        pytest.param({"SecretString": json.dumps({"pepper": PEPPER.decode()})}, id="JSON"),
    ],
)
async def test_identifiers_are_hmacs_under_the_pepper(content: dict[str, Any], lake: Lake) -> None:
    async with normalizer(lake, stored(**content)) as handler:
        row = (await lake.normalize(handler)).row

    assert (row["subscriber_key_hash"], row["subscriber_id_hash"]) == (hmac_of("Ada-1"), hmac_of("42"))


async def test_without_a_pepper_they_are_plain_hashes(lake: Lake) -> None:
    async with normalizer(lake) as handler:
        row = (await lake.normalize(handler)).row

    assert (row["subscriber_key_hash"], row["subscriber_id_hash"]) == (sha256_of("Ada-1"), sha256_of("42"))


async def test_match_keys_know_no_pepper(lake: Lake) -> None:
    async with normalizer(lake, stored(SecretBinary=PEPPER)) as handler:
        row = (await lake.normalize(handler)).row

    assert row["email_plain"] == sha256_of("ada@example.com")


async def test_the_fingerprint_tells_versions_of_the_pepper_apart(lake: Lake) -> None:
    arn = stored(SecretBinary=PEPPER)
    made = []
    for secret in (None, arn, arn):
        async with normalizer(lake, secret) as handler:
            made.append((await lake.normalize(handler)).fingerprint)
    boto3.client("secretsmanager").put_secret_value(SecretId=arn, SecretBinary=PEPPER)
    async with normalizer(lake, arn) as handler:
        made.append((await lake.normalize(handler)).fingerprint)

    without, first, again, renewed = made
    assert first == again
    assert len({without, first, renewed}) == 3


async def test_manifest_and_parquet_name_the_version_of_the_pepper(lake: Lake) -> None:
    arn = stored(SecretBinary=PEPPER)
    version = boto3.client("secretsmanager").get_secret_value(SecretId=arn)["VersionId"]
    async with normalizer(lake, arn) as handler:
        made = await lake.normalize(handler)

    assert made.curated.pepper_version == version
    assert made.footer[b"landfall.pepper"].decode() == version
    assert made.footer[b"landfall.fingerprint"].decode() == made.curated.recipe_fingerprint


async def test_a_secret_that_is_not_there_stops_the_service_before_it_starts(lake: Lake) -> None:
    with pytest.raises(PepperUnreadable):
        async with normalizer(lake, f"no-such-{uuid.uuid4().hex}"):
            pass


async def test_a_secret_without_a_pepper_stops_the_service_before_it_starts(lake: Lake) -> None:
    arn = stored(SecretString='{"salt": "x"}')
    with pytest.raises(PepperUnusable):
        async with normalizer(lake, arn):
            pass
