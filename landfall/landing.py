"""Landing a file in the ingest bucket as a sender does: encrypted or not, then one PUT."""

from __future__ import annotations

import io
from enum import StrEnum
from typing import BinaryIO

from botocore.session import get_session

from landfall.encryption import encrypt_esdk
from landfall.errors import OperatorError
from landfall.target import Target
from shared.identity import LandedFile


class Encryption(StrEnum):
    """How a file is encrypted before it lands."""

    NONE = "none"
    ESDK = "esdk"


def encrypted(target: Target, plain: BinaryIO, encryption: Encryption) -> BinaryIO:
    """The file as it is to land: itself, or encrypted under the deployment's landing key."""
    if encryption is Encryption.NONE:
        return plain
    sealed = io.BytesIO()
    encrypt_esdk(plain, sealed, target.deployment.landing_key_arn, {"purpose": "landfall"}, get_session())
    sealed.seek(0)
    return sealed


def land(target: Target, body: BinaryIO, key: str) -> LandedFile:
    """Upload to ``key`` and give the identity of the version that landed.

    Raises:
        OperatorError: the bucket keeps no versions.
    """
    s3, bucket = target.s3(), target.deployment.ingest_bucket
    answer = s3.put_object(Bucket=bucket, Key=key, Body=body)
    if "VersionId" not in answer:
        raise OperatorError(f"The bucket {bucket} is not versioned: turn versioning on, then put again.")
    version = answer["VersionId"]
    info = s3.head_object(Bucket=bucket, Key=key, VersionId=version)
    return LandedFile(
        bucket=bucket, key=key, version_id=version, size=info["ContentLength"], landed_at=info["LastModified"]
    )
