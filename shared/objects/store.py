"""The few S3 operations that the services need, with S3's answers turned into plain values."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from shared.aws.faults import is_missing, is_precondition

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

GENERATION = "landfall-generation"
FINGERPRINT = "landfall-fingerprint"


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

    @property
    def generation(self) -> int:
        """The run that wrote it; -1 where the object is not one of ours."""
        return int(self.metadata.get(GENERATION, "-1"))

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


class ObjectStore:
    """S3 through aiobotocore. Errors of AWS pass through unless a method says otherwise."""

    def __init__(self, client: S3Client) -> None:
        self.client = client

    async def head(self, bucket: str, key: str, version_id: str | None = None) -> ObjectInfo | None:
        """What S3 says of an object (or of one version), None where it does not exist."""
        try:
            if version_id is None:
                answer = await self.client.head_object(Bucket=bucket, Key=key)
            else:
                answer = await self.client.head_object(Bucket=bucket, Key=key, VersionId=version_id)
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        return ObjectInfo(
            bucket=bucket,
            key=key,
            size=answer["ContentLength"],
            etag=answer["ETag"],
            last_modified=answer["LastModified"],
            version_id=answer.get("VersionId"),
            metadata={name.lower(): value for name, value in answer["Metadata"].items()},
        )

    async def read(self, bucket: str, key: str) -> bytes | None:
        """A small object whole, None where it does not exist."""
        try:
            answer = await self.client.get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        async with answer["Body"] as body:
            return await body.read()

    async def read_range(
        self, bucket: str, key: str, start: int, length: int, version_id: str | None = None
    ) -> bytes:
        """Exactly ``length`` bytes from ``start`` of a pinned version (or of the current one)."""
        span = f"bytes={start}-{start + length - 1}"
        if version_id is None:
            answer = await self.client.get_object(Bucket=bucket, Key=key, Range=span)
        else:
            answer = await self.client.get_object(Bucket=bucket, Key=key, Range=span, VersionId=version_id)
        async with answer["Body"] as body:
            content = await body.read()
        # HTTP lets a server ignore Range and send all; emulators do so for versions, S3 never does.
        return content if answer.get("ContentRange") else content[start : start + length]

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

    async def list(self, bucket: str, prefix: str) -> AsyncIterator[Listed]:
        """Every object under a prefix, in key order."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        async for page in pages:
            for item in page.get("Contents", []):
                yield Listed(item["Key"], item["Size"], item["ETag"], item["LastModified"])

    async def delete(self, bucket: str, key: str, version_id: str | None = None) -> None:
        """Delete the object, or exactly one version of it; a missing one is no error."""
        if version_id is None:
            await self.client.delete_object(Bucket=bucket, Key=key)
        else:
            await self.client.delete_object(Bucket=bucket, Key=key, VersionId=version_id)

    async def is_versioned(self, bucket: str) -> bool:
        """Whether the bucket keeps versions now."""
        answer = await self.client.get_bucket_versioning(Bucket=bucket)
        return answer.get("Status") == "Enabled"
