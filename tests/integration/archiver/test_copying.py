"""Copies inside a real bucket: everything of the original comes along, in one request or in parts."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import pytest
from botocore.exceptions import ClientError

from landfall.local.stack import LocalStack
from shared.aws.clients import Clients as AsyncClients
from shared.objects.copying import Copier
from shared.objects.sameness import proof_of_sameness
from shared.objects.store import GENERATION, ObjectInfo, ObjectStore
from tests.stack import Clients

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

EXPIRES = datetime(2027, 1, 31, 12, 0, tzinfo=UTC)
TAGS = {"unit": "a + b", "kind": "daily"}
BODY = bytes(range(256)) * 4096
ODD_KEYS = ["a b+c%2F.zip", "ünïcode/日本.zip", "//./..//x", "q?x=1&y#z"]


def in_one_request(store: ObjectStore) -> Copier:
    return Copier(store, "STANDARD_IA")


def in_parts(store: ObjectStore) -> Copier:
    return Copier(store, "STANDARD_IA", single_copy_bytes=1000, part_bytes=300_000)


both_ways = pytest.mark.parametrize("copier", [in_one_request, in_parts], ids=lambda copier: copier.__name__)


@pytest.fixture
async def store(stack_environment: LocalStack) -> AsyncIterator[ObjectStore]:
    async with AsyncClients() as opened:
        yield ObjectStore(await opened.s3())


@pytest.fixture
def bucket(stack: LocalStack) -> str:
    return stack.deployment.ingest_bucket


async def landed(store: ObjectStore, s3: S3Client, bucket: str, key: str) -> ObjectInfo:
    version = s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=BODY,
        Metadata={"sender": "sfmc"},
        Tagging=urlencode(TAGS),
        ContentType="application/zip",
        ContentDisposition="attachment",
        ContentLanguage="de",
        CacheControl="no-store",
        Expires=EXPIRES,
    )["VersionId"]
    s3.put_object(Bucket=bucket, Key=key, Body=b"a newer version")
    info = await store.describe(bucket, key, version)
    assert info is not None
    return info


@both_ways
async def test_the_pinned_version_comes_with_metadata_and_headers(
    store: ObjectStore, clients: Clients, bucket: str, copier: Callable[[ObjectStore], Copier]
) -> None:
    original = await landed(store, clients.s3, bucket, f"copying/{uuid.uuid4()}")
    target = f"archive/copying/{uuid.uuid4()}.zip"
    await copier(store).copy(original, target)
    copy = clients.s3.get_object(Bucket=bucket, Key=target)
    assert copy["Body"].read() == BODY
    assert copy["Metadata"] == {"sender": "sfmc"}
    assert (copy["ContentType"], copy["ContentDisposition"]) == ("application/zip", "attachment")
    assert (copy["ContentLanguage"], copy["CacheControl"], copy["Expires"]) == ("de", "no-store", EXPIRES)
    assert copy["StorageClass"] == "STANDARD_IA"


async def test_tags_come_along(store: ObjectStore, clients: Clients, bucket: str) -> None:
    original = await landed(store, clients.s3, bucket, f"copying/{uuid.uuid4()}")
    target = f"archive/copying/{uuid.uuid4()}.zip"
    await in_one_request(store).copy(original, target)
    tags = clients.s3.get_object_tagging(Bucket=bucket, Key=target)["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == TAGS


async def test_the_upload_of_a_copy_in_parts_is_opened_with_the_tags(
    store: ObjectStore, clients: Clients, bucket: str
) -> None:
    """Looked at on its way: the emulator forgets what tags an upload was opened with."""
    asked: list[str] = []

    def look(params: dict[str, Any], **_: object) -> None:
        asked.append(params["headers"]["x-amz-tagging"])

    store.client.meta.events.register("before-call.s3.CreateMultipartUpload", look)
    original = await landed(store, clients.s3, bucket, f"copying/{uuid.uuid4()}")
    await in_parts(store).copy(original, f"archive/copying/{uuid.uuid4()}.zip")
    assert [dict(parse_qsl(each)) for each in asked] == [TAGS]


@both_ways
@pytest.mark.parametrize("name", ODD_KEYS)
async def test_every_legal_key_can_be_copied(
    store: ObjectStore, clients: Clients, bucket: str, name: str, copier: Callable[[ObjectStore], Copier]
) -> None:
    original = await landed(store, clients.s3, bucket, f"copying/{uuid.uuid4()}/{name}")
    target = f"archive/copying/{uuid.uuid4()}.zip"
    await copier(store).copy(original, target)
    assert clients.s3.get_object(Bucket=bucket, Key=target)["Body"].read() == BODY


async def test_a_copy_is_compared_by_the_checksum_that_s3_has_of_both(
    store: ObjectStore, clients: Clients, bucket: str
) -> None:
    original = await landed(store, clients.s3, bucket, f"copying/{uuid.uuid4()}")
    target = f"archive/copying/{uuid.uuid4()}.zip"
    await Copier(store).copy(original, target)
    copy = await store.describe(bucket, target)
    assert copy is not None
    assert proof_of_sameness(original, copy) == "CRC32"


async def test_parts_that_cannot_be_copied_leave_no_dangling_upload(
    store: ObjectStore, clients: Clients, bucket: str
) -> None:
    original = await landed(store, clients.s3, bucket, f"copying/{uuid.uuid4()}")
    target = f"archive/copying/{uuid.uuid4()}.zip"
    broken = replace(original, size=original.size + 400_000)
    with pytest.raises(ClientError):
        await in_parts(store).copy(broken, target)
    uploads = clients.s3.list_multipart_uploads(Bucket=bucket, Prefix=target).get("Uploads", [])
    assert uploads == []
    assert not await store.holds_any(bucket, target)


async def test_expunging_leaves_no_version_and_no_marker(
    store: ObjectStore, clients: Clients, bucket: str
) -> None:
    key = f"copying/{uuid.uuid4()}"
    for generation in ("0", "1"):
        clients.s3.put_object(Bucket=bucket, Key=key, Body=b"x", Metadata={GENERATION: generation})
    clients.s3.delete_object(Bucket=bucket, Key=key)
    clients.s3.put_object(Bucket=bucket, Key=f"{key}-neighbour", Body=b"x")
    await store.expunge(bucket, key, 1)
    left = clients.s3.list_object_versions(Bucket=bucket, Prefix=key)
    assert [version["Key"] for version in left["Versions"]] == [f"{key}-neighbour"]
    assert left.get("DeleteMarkers", []) == []


async def test_expunging_spares_what_a_later_generation_wrote(
    store: ObjectStore, clients: Clients, bucket: str
) -> None:
    key = f"copying/{uuid.uuid4()}"
    for generation in ("0", "2"):
        clients.s3.put_object(Bucket=bucket, Key=key, Body=b"x", Metadata={GENERATION: generation})
    await store.expunge(bucket, key, 1)
    assert len(clients.s3.list_object_versions(Bucket=bucket, Prefix=key)["Versions"]) == 2
