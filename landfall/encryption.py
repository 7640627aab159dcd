"""Encrypting a file as the senders do, so that the way from landing to table can be tried with it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import BinaryIO

from aws_encryption_sdk import CommitmentPolicy, EncryptionSDKClient, StrictAwsKmsMasterKeyProvider
from aws_encryption_sdk.exceptions import GenerateKeyError
from botocore.exceptions import ClientError
from botocore.session import Session

_FRAME_BYTES = 128 * 1024

# The library logs the traceback of whatever it raises anyway.
logging.getLogger("aws_encryption_sdk").setLevel(logging.CRITICAL)


def encrypt_esdk(
    source: BinaryIO, sink: BinaryIO, key_arn: str, context: Mapping[str, str], session: Session
) -> None:
    """Write ``source`` to ``sink`` as an AWS Encryption SDK message: version 2, committing, signed, framed.

    Args:
        source: what is to be encrypted, from its current position to its end.
        sink: takes the message.
        key_arn: the KMS key that wraps the data key.
        context: the encryption context; it is authenticated and readable by everybody.
        session: makes the KMS client, from the environment's endpoint, credentials and Region.

    Raises:
        ClientError: KMS refused to make a data key.
    """
    client = EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
    keys = StrictAwsKmsMasterKeyProvider(botocore_session=session, key_ids=[key_arn])
    message = client.stream(
        mode="encrypt",
        source=source,
        key_provider=keys,
        encryption_context=dict(context),
        frame_length=_FRAME_BYTES,
    )
    try:
        while chunk := message.read(_FRAME_BYTES):
            sink.write(chunk)
    except GenerateKeyError as error:
        if isinstance(error.__cause__, ClientError):
            raise error.__cause__ from None
        raise
