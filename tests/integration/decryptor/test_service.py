"""The decryptor as a service against the emulator: what lands becomes members in raw/, all or none."""

from __future__ import annotations

import io
import json
import random
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import boto3
import pytest

from landfall.landing import Encryption, Sealed, encrypted, land
from landfall.local.stack import LocalStack
from landfall.target import Target
from services.decryptor.__main__ import build
from services.decryptor.encryption_errors import (
    EsdkTampered,
    KmsKeyNotAllowed,
    PgpNoKey,
    PgpSecretUnreadable,
    PgpSignatureMissing,
    S3ecInstructionMissing,
    S3ecTampered,
)
from services.decryptor.errors import ZipChecksumMismatch
from services.decryptor.handler import DecryptHandler
from services.decryptor.settings import DecryptorSettings
from shared.aws.clients import Clients as ServiceClients
from shared.bus import EventBus
from shared.errors import LandfallError
from shared.identity import LandedFile
from shared.layout import raw_prefix
from shared.messages import LandingNotice, Message
from shared.objects.bulk import BulkTransfer
from shared.objects.store import ObjectStore
from shared.worker.handler import Handler
from shared.worker.service import Parts
from tests.stack import Clients
from tests.unit.decryptor.gpg_sender import NEEDS_GPG, PASSPHRASE, Sender, sender
from tests.unit.decryptor.landing import CSV, zipped

SMALL = CSV[:4000]
# Beyond one part of a multipart upload even when deflated.
LARGE = b"SubscriberKey\r\n" + random.Random(1).randbytes(9 << 20).hex().encode()
UNDER_KMS = [each for each in Encryption if each not in (Encryption.NONE, Encryption.PGP)]


@pytest.fixture
def target(stack_environment: LocalStack) -> Target:
    return Target(stack_environment.deployment, local=True)


@pytest.fixture(scope="module")
def by() -> Iterator[Sender]:
    """Who sends PGP files."""
    with sender() as made:
        yield made


@asynccontextmanager
async def decryptor(target: Target, **settings: Any) -> AsyncIterator[Handler]:
    """A decryptor with the deployment's own settings and those given."""
    deployment = target.deployment
    chosen = DecryptorSettings(
        ingest_bucket=deployment.ingest_bucket,
        event_bus=deployment.event_bus,
        queue_url="unused",
        dead_letter_queue_url="unused",
        **{"kms_key_arns": deployment.landing_key_arn, **settings},
    )
    async with ServiceClients() as clients, AsyncExitStack() as closing:
        s3, bus = await clients.s3(), EventBus(await clients.events(), deployment.event_bus)
        bulk = BulkTransfer(s3)
        closing.callback(bulk.close)
        yield await build(chosen, Parts(clients, ObjectStore(s3, bulk), bus, closing))


def landed(
    target: Target,
    plain: bytes,
    name: str,
    encryption: Encryption = Encryption.NONE,
    key: bytes | None = None,
) -> LandedFile:
    with tempfile.TemporaryFile() as file:
        file.write(plain)
        file.seek(0)
        with encrypted(target, file, encryption, None, key) as sealed:
            return land(target, sealed, f"landing/{uuid.uuid4().hex}/{name}")


def damaged(target: Target, plain: bytes, encryption: Encryption) -> LandedFile:
    """A file whose last byte was changed after encryption."""
    with encrypted(target, io.BytesIO(plain), encryption) as sealed:
        content = bytearray(sealed.body.read())
        content[-1] ^= 1
        body = io.BytesIO(content)
        return land(target, Sealed(body, sealed.metadata), f"landing/{uuid.uuid4().hex}/Sent.csv")


async def handle(handler: Handler, file: LandedFile) -> None:
    assert isinstance(handler, DecryptHandler)
    await handler.handle(await handler.identify(LandingNotice(file)), Message("m", "r", "", 1))


def raw(clients: Clients, file: LandedFile) -> dict[str, bytes]:
    prefix = raw_prefix(file.file_id)
    listed = clients.s3.list_objects_v2(Bucket=file.bucket, Prefix=prefix).get("Contents", [])
    return {
        item["Key"].removeprefix(prefix): clients.s3.get_object(Bucket=file.bucket, Key=item["Key"])[
            "Body"
        ].read()
        for item in listed
    }


async def refused(target: Target, clients: Clients, file: LandedFile, error: type[LandfallError]) -> None:
    """The file fails by ``error`` and leaves nothing: no object in raw/, staged or not, no open upload."""
    async with decryptor(target) as handler:
        with pytest.raises(error):
            await handle(handler, file)
    assert raw(clients, file) == {}
    assert clients.s3.list_objects_v2(Bucket=file.bucket, Prefix="raw/.staging/").get("Contents", []) == []
    assert clients.s3.list_multipart_uploads(Bucket=file.bucket).get("Uploads", []) == []


@pytest.mark.parametrize("encryption", [Encryption.NONE, *UNDER_KMS])
async def test_what_put_lands_comes_out(encryption: Encryption, target: Target, clients: Clients) -> None:
    file = landed(target, SMALL, "Sent.csv", encryption)
    async with decryptor(target) as handler:
        await handle(handler, file)
    assert raw(clients, file) == {"Sent.csv": SMALL}


async def test_an_extract_of_several_parts_comes_out(target: Target, clients: Clients) -> None:
    members = {"Sent.csv": LARGE, "Opens.csv": CSV}
    file = landed(target, zipped(members), "x.zip", Encryption.ESDK)
    async with decryptor(target, staging_memory_bytes=1 << 20) as handler:
        await handle(handler, file)
    assert raw(clients, file) == members


@pytest.mark.parametrize(
    ("encryption", "error"),
    [
        (Encryption.ESDK, EsdkTampered),
        (Encryption.S3EC_V2, S3ecTampered),
        (Encryption.S3EC_V3, S3ecTampered),
    ],
)
async def test_a_large_file_that_is_found_damaged_at_its_end_leaves_nothing(
    encryption: Encryption, error: type[LandfallError], target: Target, clients: Clients
) -> None:
    await refused(target, clients, damaged(target, LARGE, encryption), error)


async def test_a_damaged_member_takes_those_before_it_with_it(target: Target, clients: Clients) -> None:
    archive = bytearray(zipped({"Sent.csv": LARGE, "Opens.csv": CSV}, method=0))
    archive[len(LARGE) + 1000] ^= 1
    await refused(target, clients, landed(target, bytes(archive), "x.zip"), ZipChecksumMismatch)


async def test_a_staged_archive_leaves_nothing_when_a_member_is_damaged(
    target: Target, clients: Clients
) -> None:
    archive = bytearray(zipped({"Sent.csv": LARGE, "Opens.csv": CSV}, method=0))
    archive[len(LARGE) + 1000] ^= 1
    file = landed(target, bytes(archive), "x.zip", Encryption.S3EC_V3)
    async with decryptor(target, staging_memory_bytes=0) as handler:
        with pytest.raises(ZipChecksumMismatch):
            await handle(handler, file)
    versions = clients.s3.list_object_versions(Bucket=file.bucket, Prefix="raw/.staging/")
    assert (versions.get("Versions", []), versions.get("DeleteMarkers", [])) == ([], [])


async def test_a_file_under_another_key_is_refused(target: Target, clients: Clients) -> None:
    file = landed(target, SMALL, "Sent.csv", Encryption.ESDK)
    other = clients.kms.create_key()["KeyMetadata"]["Arn"]
    async with decryptor(target, kms_key_arns=other) as handler:
        with pytest.raises(KmsKeyNotAllowed):
            await handle(handler, file)


async def test_an_instruction_file_is_waited_for_and_is_no_file_of_its_own(
    target: Target, clients: Clients
) -> None:
    with encrypted(target, io.BytesIO(SMALL), Encryption.S3EC_V3) as sealed:
        metadata, key = sealed.metadata, f"landing/{uuid.uuid4().hex}/Sent.csv"
        wrapping = {name: metadata.pop(name) for name in ("x-amz-3", "x-amz-w", "x-amz-t")}
        file = land(target, Sealed(sealed.body, metadata), key)
    async with decryptor(target) as handler:
        with pytest.raises(S3ecInstructionMissing):
            await handle(handler, file)
        mark = {"x-amz-crypto-instr-file": ""}
        body = io.BytesIO(json.dumps(wrapping).encode())
        instruction = land(target, Sealed(body, mark), f"{key}.instruction")
        await handle(handler, instruction)
        await handle(handler, file)
    assert raw(clients, instruction) == {}
    assert raw(clients, file) == {"Sent.csv": SMALL}


@NEEDS_GPG
async def test_pgp_keys_come_from_secrets(target: Target, clients: Clients, by: Sender) -> None:
    """Two private keys, as while one replaces the other; one of them protected by a passphrase."""
    plain, locked = uuid.uuid4().hex, uuid.uuid4().hex
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name=plain, SecretBinary=by.secret("plain"))
    described = {"private_key": by.secret("locked", "--armor").decode(), "passphrase": PASSPHRASE}
    secrets.create_secret(Name=locked, SecretString=json.dumps(described))
    async with decryptor(target, pgp_private_keys=f"{plain},{locked}") as handler:
        for recipient in ("plain", "locked"):
            file = landed(target, SMALL, "Sent.csv.pgp", Encryption.PGP, by.public(recipient))
            await handle(handler, file)
            assert raw(clients, file) == {"Sent.csv": SMALL}


@NEEDS_GPG
async def test_a_required_signature_is_demanded(target: Target, clients: Clients, by: Sender) -> None:
    ours, signer = uuid.uuid4().hex, uuid.uuid4().hex
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name=ours, SecretString=by.secret("plain", "--armor").decode())
    secrets.create_secret(Name=signer, SecretBinary=by.public("signer"))
    signed = landed(target, by.signed(SMALL), "Sent.csv.pgp")
    unsigned = landed(target, by.encrypt(SMALL), "Sent.csv.pgp")
    settings = {"pgp_private_keys": ours, "pgp_signer_keys": signer, "pgp_signers": by.fingerprint("signer")}
    async with decryptor(target, **settings) as handler:
        await handle(handler, signed)
        assert raw(clients, signed) == {"Sent.csv": SMALL}
        with pytest.raises(PgpSignatureMissing):
            await handle(handler, unsigned)


@NEEDS_GPG
async def test_without_keys_only_pgp_files_fail(target: Target, clients: Clients, by: Sender) -> None:
    pgp, plain = landed(target, by.encrypt(SMALL), "Sent.csv.pgp"), landed(target, SMALL, "Sent.csv")
    for names, error in ((), PgpNoKey), (("not-there",), PgpSecretUnreadable):
        async with decryptor(target, pgp_private_keys=names) as handler:
            with pytest.raises(error):
                await handle(handler, pgp)
            await handle(handler, plain)
    assert raw(clients, plain) == {"Sent.csv": SMALL}
