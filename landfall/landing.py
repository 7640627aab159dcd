"""Landing a file in the ingest bucket as a sender does: encrypted or not, by one PUT or in parts."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO

from botocore.session import Session, get_session

from landfall.encryption import (
    Metadata,
    encrypt_esdk,
    encrypt_kms,
    encrypt_pgp,
    encrypt_s3ec_v2,
    encrypt_s3ec_v3,
)
from landfall.errors import OperatorError
from landfall.target import Target
from shared.identity import LandedFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MOST_AT_ONCE = 5 << 30  # bytes that S3 takes in one request


class Encryption(StrEnum):
    """How a file is encrypted before it lands."""

    NONE = "none"
    ESDK = "esdk"
    S3EC_V2 = "s3ec-v2"
    S3EC_V3 = "s3ec-v3"
    PGP = "pgp"
    KMS = "kms"


_UNDER_KMS: Mapping[Encryption, Callable[[BinaryIO, BinaryIO, str, Mapping[str, str], Session], Metadata]] = {
    Encryption.ESDK: encrypt_esdk,
    Encryption.S3EC_V2: encrypt_s3ec_v2,
    Encryption.S3EC_V3: encrypt_s3ec_v3,
    Encryption.KMS: encrypt_kms,
}


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file as it is to land, and the S3 metadata that goes with it."""

    body: BinaryIO
    metadata: Metadata


@contextmanager
def encrypted(
    target: Target,
    plain: BinaryIO,
    encryption: Encryption,
    context: Mapping[str, str] | None = None,
    recipient: bytes | None = None,
) -> Iterator[Sealed]:
    """The file as it is to land, for as long as the context lasts.

    Args:
        target: whose landing key encrypts, where the encryption takes a KMS key.
        plain: the file; for PGP a real one, for gpg reads it itself.
        encryption: how.
        context: the KMS encryption context, which everybody may read.
        recipient: the public key to encrypt for, where the encryption is PGP.

    Raises:
        OperatorError: the file or the recipient does not suit the encryption.
        ClientError: KMS refused.
    """
    if encryption is Encryption.NONE:
        yield Sealed(plain, {})
        return
    with tempfile.TemporaryFile() as body:  # of ciphertext only
        if encryption is Encryption.PGP:
            if recipient is None:
                raise OperatorError("PGP needs the public key to encrypt for: name its file by --pgp-key.")
            metadata = encrypt_pgp(plain, body, recipient)
        else:
            key_arn = target.deployment.landing_key_arn
            metadata = _UNDER_KMS[encryption](plain, body, key_arn, context or {}, get_session())
        body.seek(0)
        yield Sealed(body, metadata)


def land(target: Target, sealed: Sealed, key: str) -> LandedFile:
    """Upload to ``key`` and give the identity of the version that landed.

    Raises:
        OperatorError: the bucket keeps no versions.
    """
    s3, bucket = target.s3(), target.deployment.ingest_bucket
    version = _upload(s3, bucket, key, sealed)
    if version is None:
        raise OperatorError(f"The bucket {bucket} is not versioned: turn versioning on, then put again.")
    info = s3.head_object(Bucket=bucket, Key=key, VersionId=version)
    return LandedFile(
        bucket=bucket, key=key, version_id=version, size=info["ContentLength"], landed_at=info["LastModified"]
    )


def _upload(s3: S3Client, bucket: str, key: str, sealed: Sealed) -> str | None:
    """Upload, and give the version that S3 made of it; None where it makes none."""
    size = sealed.body.seek(0, os.SEEK_END)
    sealed.body.seek(0)
    if size <= _MOST_AT_ONCE:
        return s3.put_object(Bucket=bucket, Key=key, Body=sealed.body, Metadata=sealed.metadata).get(
            "VersionId"
        )
    s3.upload_fileobj(sealed.body, bucket, key, ExtraArgs={"Metadata": sealed.metadata})
    return s3.head_object(Bucket=bucket, Key=key).get("VersionId")  # the upload itself does not tell it
