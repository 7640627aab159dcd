"""Copying inside S3, with no byte through this process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from shared.objects.store import ObjectInfo, ObjectStore

if TYPE_CHECKING:
    from types_aiobotocore_s3.type_defs import CompletedPartTypeDef, CopySourceTypeDef

_SINGLE_COPY_BYTES = 5 << 30  # CopyObject's own limit
_COPY_PART_BYTES = 1 << 30
_PARTS_IN_FLIGHT = 4


async def copy_object(
    store: ObjectStore, original: ObjectInfo, key: str, single_copy_bytes: int = _SINGLE_COPY_BYTES
) -> None:
    """Copy one pinned version to another key of its bucket, with metadata and tags.

    Above ``single_copy_bytes`` the copy is made in parts, which carries metadata but needs tags set by hand.
    """
    source: CopySourceTypeDef = {"Bucket": original.bucket, "Key": original.key}
    if original.version_id is not None:
        source["VersionId"] = original.version_id
    if original.size <= single_copy_bytes:
        await store.client.copy_object(Bucket=original.bucket, Key=key, CopySource=source)
    else:
        part_bytes = min(_COPY_PART_BYTES, single_copy_bytes)
        await _copy_in_parts(store, original, source, key, part_bytes)


async def _copy_in_parts(
    store: ObjectStore, original: ObjectInfo, source: CopySourceTypeDef, key: str, part_bytes: int
) -> None:
    client, bucket = store.client, original.bucket
    opened = await client.create_multipart_upload(Bucket=bucket, Key=key, Metadata=original.metadata)
    upload_id = opened["UploadId"]
    slots = asyncio.Semaphore(_PARTS_IN_FLIGHT)

    async def copy_part(number: int, start: int) -> CompletedPartTypeDef:
        end = min(start + part_bytes, original.size) - 1
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

    try:
        starts = range(0, original.size, part_bytes)
        parts = await asyncio.gather(*(copy_part(i, start) for i, start in enumerate(starts, 1)))
        await client.complete_multipart_upload(
            Bucket=bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": list(parts)}
        )
    except BaseException:
        # Nothing may dangle, not even when this task is cancelled; the cause goes on its way.
        await client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload_id)
        raise
    await _copy_tags(store, original, key)


async def _copy_tags(store: ObjectStore, original: ObjectInfo, key: str) -> None:
    if original.version_id is None:
        tagging = await store.client.get_object_tagging(Bucket=original.bucket, Key=original.key)
    else:
        tagging = await store.client.get_object_tagging(
            Bucket=original.bucket, Key=original.key, VersionId=original.version_id
        )
    if tagging["TagSet"]:
        await store.client.put_object_tagging(
            Bucket=original.bucket, Key=key, Tagging={"TagSet": tagging["TagSet"]}
        )
