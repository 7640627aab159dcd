"""The few S3 operations that the services need, with S3's answers turned into plain values."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

import aiohttp
from botocore.exceptions import BotoCoreError, ClientError

from shared.aws.faults import error_code, is_missing, is_precondition, is_unexplained
from shared.errors import AwsUnavailable
from shared.objects.bulk import BulkTransfer, Payload

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client
    from types_aiobotocore_s3.type_defs import (
        GetObjectOutputTypeDef,
        GetObjectRequestTypeDef,
        HeadObjectOutputTypeDef,
        HeadObjectRequestTypeDef,
        ObjectTypeDef,
    )

GENERATION = "landfall-generation"
FINGERPRINT = "landfall-fingerprint"
_WRITE_IN_PROGRESS = "ConditionalRequestConflict"
_EMPTY = "InvalidRange"  # what S3 says of the first byte of an object that has none
_LOOKS = 4  # at one object, before the whole work is tried again later
_BROKEN_READS = 3  # of one body in a row, before the whole work is tried again later
_BREAKS = (BotoCoreError, aiohttp.ClientError, TimeoutError, ConnectionError)


class WriteCondition(TypedDict, total=False):
    """What must hold for a write to happen."""

    IfMatch: str
    IfNoneMatch: str


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What HEAD says of an object."""

    bucket: str
    key: str
    size: int
    etag: str
    last_modified: datetime
    version_id: str | None
    metadata: dict[str, str] = field(default_factory=dict)
    etag_is_md5: bool = False
    checksums: dict[str, str] = field(default_factory=dict)
    """Over the whole object, in Base64, the strongest first; :meth:`ObjectStore.describe` asks for them."""

    @property
    def generation(self) -> int:
        """The run that wrote it; -1 where the object is not one of ours."""
        told = self.metadata.get(GENERATION, "")  # a sender may have given any metadata
        return int(told) if told.isdecimal() else -1

    @property
    def fingerprint(self) -> str:
        """How it was made; empty where the object is not one of ours."""
        return self.metadata.get(FINGERPRINT, "")


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a listing."""

    key: str
    size: int
    etag: str
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class ListedVersion:
    """One version of an object in a listing of versions."""

    version_id: str
    last_modified: datetime


class ObjectStore:
    """S3 through aiobotocore. Errors of AWS pass through unless a method says otherwise.

    With ``bulk``, large reads and parts take the faster way there is.
    """

    def __init__(self, client: S3Client, bulk: BulkTransfer | None = None) -> None:
        self.client = client
        self._bulk = bulk

    async def head(self, bucket: str, key: str, version_id: str | None = None) -> ObjectInfo | None:
        """What S3 says of an object (or of one version), None where it does not exist."""
        return await self._head({"Bucket": bucket, "Key": key}, version_id)

    async def describe(self, bucket: str, key: str, version_id: str | None = None) -> ObjectInfo | None:
        """As :meth:`head`, with checksums; for an object under a KMS key this takes ``kms:Decrypt``."""
        return await self._head({"Bucket": bucket, "Key": key, "ChecksumMode": "ENABLED"}, version_id)

    async def _head(self, request: HeadObjectRequestTypeDef, version_id: str | None) -> ObjectInfo | None:
        if version_id is not None:
            request["VersionId"] = version_id
        try:
            answer = await self._look(request)
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        encrypted = answer.get("ServerSideEncryption", "AES256") != "AES256"
        whole = answer.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT"
        return ObjectInfo(
            bucket=request["Bucket"],
            key=request["Key"],
            size=answer["ContentLength"],
            etag=answer["ETag"],
            last_modified=answer["LastModified"],
            version_id=answer.get("VersionId"),
            metadata={name.lower(): value for name, value in answer["Metadata"].items()},
            etag_is_md5="-" not in answer["ETag"] and not encrypted,
            checksums=_checksums(answer) if whole else {},
        )

    async def _look(self, request: HeadObjectRequestTypeDef) -> HeadObjectOutputTypeDef:
        """HeadObject; where that is refused without a word, GetObject of one byte is asked for the reason.

        Raises:
            AwsUnavailable: there is none. Both take the same rights, so this is not for lack of them.
        """
        for _ in range(_LOOKS):
            try:
                return await self.client.head_object(**request)
            except ClientError as error:
                if not is_unexplained(error):
                    raise
            await self._ask_why(request)
        raise AwsUnavailable("HeadObject is refused where GetObject is not")

    async def _ask_why(self, request: HeadObjectRequestTypeDef) -> None:
        reading: GetObjectRequestTypeDef = {
            "Bucket": request["Bucket"],
            "Key": request["Key"],
            "Range": "bytes=0-0",
        }
        if "VersionId" in request:
            reading["VersionId"] = request["VersionId"]
        try:
            await self._get(reading)
        except ClientError as error:
            if error_code(error) != _EMPTY:
                raise

    async def read(self, bucket: str, key: str) -> bytes | None:
        """A small object whole, None where it does not exist."""
        dated = await self.read_dated(bucket, key)
        return None if dated is None else dated[0]

    async def read_dated(self, bucket: str, key: str) -> tuple[bytes, datetime] | None:
        """As :meth:`read`, with the time of its last change by S3's clock."""
        try:
            answer, content = await self._get({"Bucket": bucket, "Key": key})
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        return content, answer["LastModified"]

    async def read_tagged(self, bucket: str, key: str) -> tuple[bytes, str] | None:
        """As :meth:`read`, with the ETag that :meth:`put_if_unchanged` takes."""
        try:
            answer, content = await self._get({"Bucket": bucket, "Key": key})
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        return content, answer["ETag"]

    async def read_range(
        self, bucket: str, key: str, start: int, length: int, version_id: str | None = None
    ) -> bytes:
        """Exactly ``length`` bytes from ``start`` of a pinned version (or of the current one)."""
        request: GetObjectRequestTypeDef = {
            "Bucket": bucket,
            "Key": key,
            "Range": f"bytes={start}-{start + length - 1}",
        }
        if version_id is not None:
            request["VersionId"] = version_id
        answer, content = await self._get(request)
        # HTTP lets a server ignore Range and send all; emulators do so for versions, S3 never does.
        return content if answer.get("ContentRange") else content[start : start + length]

    async def _get(self, request: GetObjectRequestTypeDef) -> tuple[GetObjectOutputTypeDef, bytes]:
        """GetObject to the end of its body: botocore tries calls again, but not bodies that break off."""
        for _ in range(_BROKEN_READS):
            with contextlib.suppress(*_BREAKS):
                return await self._get_once(request)
        return await self._get_once(request)

    async def _get_once(self, request: GetObjectRequestTypeDef) -> tuple[GetObjectOutputTypeDef, bytes]:
        answer = await self.client.get_object(**request)
        async with answer["Body"] as body:
            return answer, await body.read()

    async def read_into(
        self, target: memoryview, bucket: str, key: str, start: int, version_id: str | None = None
    ) -> int:
        """Fill ``target`` as :meth:`read_range` would, and give how many bytes there were."""
        if self._bulk is not None:
            which = {"Bucket": bucket, "Key": key}
            if version_id is not None:
                which["VersionId"] = version_id
            if await self._bulk.read_into(target, start, which):
                return len(target)
        content = await self.read_range(bucket, key, start, len(target), version_id)
        target[: len(content)] = content
        return len(content)

    async def upload_part(self, bucket: str, key: str, upload_id: str, number: int, body: Payload) -> str:
        """Send one part of a multipart upload and give its ETag."""
        if self._bulk is not None:
            etag = await self._bulk.upload_part(
                body, {"Bucket": bucket, "Key": key, "UploadId": upload_id, "PartNumber": number}
            )
            if etag is not None:
                return etag
        answer = await self.client.upload_part(
            Bucket=bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=bytes(body)
        )
        return answer["ETag"]

    async def put_if_absent(self, bucket: str, key: str, body: bytes) -> bool:
        """Create a small object; False where one is there already."""
        try:
            await self.client.put_object(
                Bucket=bucket, Key=key, Body=body, IfNoneMatch="*", ContentType="application/json"
            )
        except ClientError as error:
            if is_precondition(error):
                return False
            raise
        return True

    async def put_if_unchanged(self, bucket: str, key: str, body: bytes, etag: str | None) -> bool:
        """Replace a small object that still has this ETag; without one, create it.

        Returns:
            False where the object is no longer as it was read, or another conditional write is in progress.
        """
        condition: WriteCondition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
        try:
            await self.client.put_object(
                Bucket=bucket, Key=key, Body=body, ContentType="application/json", **condition
            )
        except ClientError as error:
            if is_precondition(error) or is_missing(error) or error_code(error) == _WRITE_IN_PROGRESS:
                return False
            raise
        return True

    async def list(self, bucket: str, prefix: str) -> AsyncIterator[Listed]:
        """Every object under a prefix, in key order."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        async for page in pages:
            for item in page.get("Contents", []):
                yield _listed(item)

    async def folders(self, bucket: str, prefix: str = "") -> AsyncIterator[str]:
        """The prefixes one level below, each with its slash."""
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=prefix, Delimiter="/"
        )
        async for page in pages:
            for item in page.get("CommonPrefixes", []):
                yield item["Prefix"]

    async def holds_any(self, bucket: str, prefix: str) -> bool:
        """Whether there is any object under a prefix."""
        return await self.first_under(bucket, prefix) is not None

    async def first_under(self, bucket: str, prefix: str) -> Listed | None:
        """The first object under a prefix in key order, None where there is none; one LIST."""
        answer = await self.client.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)
        return next((_listed(item) for item in answer.get("Contents", [])), None)

    async def delete(self, bucket: str, key: str, version_id: str | None = None) -> None:
        """Delete the object, or exactly one version of it; a missing one is no error."""
        if version_id is None:
            await self.client.delete_object(Bucket=bucket, Key=key)
        else:
            await self.client.delete_object(Bucket=bucket, Key=key, VersionId=version_id)

    async def expunge(self, bucket: str, key: str, generation: int) -> None:
        """Delete every version of an object, unless a later generation than the given one wrote the newest.

        Version by version, the oldest first: nothing older comes to light, and what is put meanwhile stays.
        """
        versions: list[str] = []
        markers: list[str] = []
        pages = self.client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key)
        async for page in pages:
            versions += [each["VersionId"] for each in page.get("Versions", []) if each["Key"] == key]
            markers += [each["VersionId"] for each in page.get("DeleteMarkers", []) if each["Key"] == key]
        newest = await self.head(bucket, key, versions[0]) if versions else None
        if newest is not None and newest.generation > generation:
            return
        for version_id in (*reversed(versions), *markers):
            await self.delete(bucket, key, version_id)

    async def versions(self, bucket: str, key: str) -> AsyncIterator[ListedVersion]:
        """Every version of exactly this key, the newest first as S3 stored them; delete markers are none."""
        pages = self.client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key)
        async for page in pages:
            listed = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            for each in page.get("Versions", []):
                if each["Key"] == key:
                    yield ListedVersion(each["VersionId"], each["LastModified"])
            if any(each["Key"] != key for each in listed):
                return  # longer keys follow after all versions of this one

    async def is_versioned(self, bucket: str) -> bool:
        """Whether the bucket keeps versions now."""
        answer = await self.client.get_bucket_versioning(Bucket=bucket)
        return answer.get("Status") == "Enabled"


def _listed(item: ObjectTypeDef) -> Listed:
    return Listed(item["Key"], item["Size"], item["ETag"], item["LastModified"])


def _checksums(answer: HeadObjectOutputTypeDef) -> dict[str, str]:
    told = {
        "SHA256": answer.get("ChecksumSHA256"),
        "SHA1": answer.get("ChecksumSHA1"),
        "CRC64NVME": answer.get("ChecksumCRC64NVME"),
        "CRC32C": answer.get("ChecksumCRC32C"),
        "CRC32": answer.get("ChecksumCRC32"),
    }
    return {algorithm: checksum for algorithm, checksum in told.items() if checksum}
