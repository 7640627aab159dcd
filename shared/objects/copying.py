"""Copying inside S3, with no byte through this process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from shared.objects.multipart import abort_upload, open_upload
from shared.objects.store import ObjectInfo, ObjectStore

if TYPE_CHECKING:
    from types_aiobotocore_s3.literals import ChecksumAlgorithmType, StorageClassType
    from types_aiobotocore_s3.type_defs import (
        CompletedPartTypeDef,
        CopySourceTypeDef,
        CreateMultipartUploadRequestTypeDef,
        GetObjectTaggingRequestTypeDef,
        HeadObjectOutputTypeDef,
        HeadObjectRequestTypeDef,
    )

SINGLE_COPY_BYTES = 5 << 30  # CopyObject's own limit
PART_BYTES = 1 << 30
_PARTS_IN_FLIGHT = 4
_STRONGEST_FIRST: tuple[ChecksumAlgorithmType, ...] = ("SHA256", "SHA1", "CRC64NVME", "CRC32C", "CRC32")
# Of several parts S3 can make a checksum over the whole object only for these.
_WHOLE_OF_PARTS: tuple[ChecksumAlgorithmType, ...] = ("CRC64NVME", "CRC32C", "CRC32")


@dataclass(frozen=True, slots=True)
class Copier:
    """Copies pinned versions to other keys of their bucket, with metadata, tags and content headers.

    Above ``single_copy_bytes`` a copy is made in parts of ``part_bytes``.
    """

    store: ObjectStore
    storage_class: StorageClassType = "STANDARD"
    single_copy_bytes: int = SINGLE_COPY_BYTES
    part_bytes: int = PART_BYTES

    async def copy(self, original: ObjectInfo, key: str, *, sha256_is_known: bool = False) -> None:
        """Copy to ``key``, replacing what is there. A copy that fails leaves no dangling upload.

        S3 makes a checksum of what it writes that can be compared: one that the original has, see
        :meth:`ObjectStore.describe`; SHA-256 where it has none, or where the caller knows its SHA-256.
        """
        source: CopySourceTypeDef = {"Bucket": original.bucket, "Key": original.key}
        if original.version_id is not None:
            source["VersionId"] = original.version_id
        if original.size > self.single_copy_bytes:
            await self._copy_in_parts(original, source, key)
            return
        await self.store.client.copy_object(
            Bucket=original.bucket,
            Key=key,
            CopySource=source,
            ChecksumAlgorithm="SHA256" if sha256_is_known else _comparable(original),
            StorageClass=self.storage_class,
        )

    async def _copy_in_parts(self, original: ObjectInfo, source: CopySourceTypeDef, key: str) -> None:
        client, bucket = self.store.client, original.bucket
        upload_id = await open_upload(client, await self._opening(original, key))
        slots = asyncio.Semaphore(_PARTS_IN_FLIGHT)

        async def copy_part(number: int, start: int) -> CompletedPartTypeDef:
            end = min(start + self.part_bytes, original.size) - 1
            async with slots:
                answer = await client.upload_part_copy(
                    Bucket=bucket,
                    Key=key,
                    UploadId=upload_id,
                    PartNumber=number,
                    CopySource=source,
                    CopySourceRange=f"bytes={start}-{end}",
                )
            return {"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]}

        starts = range(0, original.size, self.part_bytes)
        parts = [asyncio.create_task(copy_part(i, start)) for i, start in enumerate(starts, 1)]
        try:
            done = await asyncio.gather(*parts)
            # Where the upload is gone, it was completed and the answer lost, or another run has aborted it:
            # that is an interruption, and the next try finds the copy or makes it.
            await client.complete_multipart_upload(
                Bucket=bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": list(done)}
            )
        except BaseException:
            # Nothing may dangle, not even when this task is cancelled, nor may a part outlive the abort.
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
            await abort_upload(client, bucket, key, upload_id)
            raise

    async def _opening(self, original: ObjectInfo, key: str) -> CreateMultipartUploadRequestTypeDef:
        """What a copy in parts does not carry over by itself.

        It is all given at the start: once an upload is completed, its copy lacks nothing.
        """
        request: HeadObjectRequestTypeDef = {"Bucket": original.bucket, "Key": original.key}
        if original.version_id is not None:
            request["VersionId"] = original.version_id
        opening: CreateMultipartUploadRequestTypeDef = {
            "Bucket": original.bucket,
            "Key": key,
            "Metadata": original.metadata,
            "StorageClass": self.storage_class,
        }
        _carry_headers(await self.store.client.head_object(**request), opening)
        tags = await self._tags(original)
        if tags:
            opening["Tagging"] = tags
        comparable = next((each for each in _WHOLE_OF_PARTS if each in original.checksums), None)
        if comparable is not None:
            opening["ChecksumAlgorithm"] = comparable
            opening["ChecksumType"] = "FULL_OBJECT"
        return opening

    async def _tags(self, original: ObjectInfo) -> str:
        """As a request carries them: encoded like the query of a URL."""
        request: GetObjectTaggingRequestTypeDef = {"Bucket": original.bucket, "Key": original.key}
        if original.version_id is not None:
            request["VersionId"] = original.version_id
        answer = await self.store.client.get_object_tagging(**request)
        return urlencode([(tag["Key"], tag["Value"]) for tag in answer["TagSet"]], quote_via=quote)


def _comparable(original: ObjectInfo) -> ChecksumAlgorithmType:
    return next((each for each in _STRONGEST_FIRST if each in original.checksums), "SHA256")


def _carry_headers(head: HeadObjectOutputTypeDef, opening: CreateMultipartUploadRequestTypeDef) -> None:
    if "ContentType" in head:
        opening["ContentType"] = head["ContentType"]
    if "ContentEncoding" in head:
        opening["ContentEncoding"] = head["ContentEncoding"]
    if "ContentDisposition" in head:
        opening["ContentDisposition"] = head["ContentDisposition"]
    if "ContentLanguage" in head:
        opening["ContentLanguage"] = head["ContentLanguage"]
    if "CacheControl" in head:
        opening["CacheControl"] = head["CacheControl"]
    if "Expires" in head:  # botocore leaves out what is no date
        opening["Expires"] = head["Expires"]
