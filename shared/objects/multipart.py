"""Opening and aborting multipart uploads, also where the answer to such a request was lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from shared.aws.faults import AWS_ERRORS, is_missing
from shared.logs import get_logger

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client
    from types_aiobotocore_s3.type_defs import CreateMultipartUploadRequestTypeDef, MultipartUploadTypeDef

_ROUNDING = timedelta(seconds=1)  # S3 tells whole seconds

log = get_logger()


async def open_upload(client: S3Client, request: CreateMultipartUploadRequestTypeDef) -> str:
    """Begin a multipart upload and give its id.

    Where the client had to ask again, S3 may have opened one whose id never arrived. It is aborted, as far as
    S3 lets it be now; the bucket's lifecycle does the rest.
    """
    began = asyncio.get_running_loop().time()
    answer = await client.create_multipart_upload(**request)
    if answer.get("ResponseMetadata", {}).get("RetryAttempts", 0) > 0:
        took = timedelta(seconds=asyncio.get_running_loop().time() - began)
        try:
            await _abort_lost(client, request["Bucket"], request["Key"], answer["UploadId"], took)
        except AWS_ERRORS as error:
            log.warning("upload_left_open", error_type=type(error).__name__)
    return answer["UploadId"]


async def abort_upload(client: S3Client, bucket: str, key: str, upload_id: str) -> None:
    """Abort a multipart upload; that it is gone already is no error."""
    try:
        await client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload_id)
    except ClientError as error:
        if not is_missing(error):
            raise


async def _abort_lost(client: S3Client, bucket: str, key: str, upload_id: str, took: timedelta) -> None:
    """Abort what was begun at the same key while the request for ours was on its way, and no other's."""
    found: list[MultipartUploadTypeDef] = []
    pages = client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=key)
    async for page in pages:
        found += [upload for upload in page.get("Uploads", []) if upload["Key"] == key]
    ours = next((upload for upload in found if upload["UploadId"] == upload_id), None)
    if ours is None:
        return
    earliest = ours["Initiated"] - took - _ROUNDING
    for upload in found:
        if upload is not ours and upload["Initiated"] >= earliest:
            await abort_upload(client, bucket, key, upload["UploadId"])
            log.info("upload_aborted")
