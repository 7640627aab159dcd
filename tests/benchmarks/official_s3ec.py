"""The sample through AWS's own S3 Encryption Client: streamed from S3, decrypted, and uploaded by boto3.

Runs in an environment of its own, since that client pins another ``cryptography``; ``make bench`` makes one.
Prints JSON as the measured decryptor does. Arguments: bucket and KMS key.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import boto3
from s3_encryption import S3EncryptionClient, S3EncryptionClientConfig  # type: ignore[import-not-found]
from s3_encryption.materials.kms_keyring import KmsKeyring  # type: ignore[import-not-found]
from s3_encryption.materials.materials import CommitmentPolicy  # type: ignore[import-not-found]


def main(bucket: str, key_arn: str) -> None:
    """Run once."""
    config = S3EncryptionClientConfig(
        keyring=KmsKeyring(kms_client=boto3.client("kms"), kms_key_id=key_arn),
        commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT,
        enable_delayed_authentication=True,  # otherwise it holds the whole object in memory
    )
    s3 = boto3.client("s3")
    encrypting: Any = S3EncryptionClient(boto3.client("s3"), config)
    began, used = time.perf_counter(), time.process_time()
    body = encrypting.get_object(Bucket=bucket, Key="landing/Sent.csv")["Body"]
    s3.upload_fileobj(body, bucket, "raw/official/Official.csv")
    print(json.dumps({"wall": time.perf_counter() - began, "cpu": time.process_time() - used}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
