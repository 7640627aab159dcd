"""AWS Encryption SDK messages, made by the library in any of its configurations."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache

from aws_encryption_sdk import CommitmentPolicy, EncryptionSDKClient, StrictAwsKmsMasterKeyProvider
from aws_encryption_sdk.identifiers import AlgorithmSuite

from tests.unit.decryptor.kms_double import KmsDouble

# The library logs the traceback of whatever it raises anyway.
logging.getLogger("aws_encryption_sdk").setLevel(logging.CRITICAL)

SUITES: tuple[AlgorithmSuite, ...] = tuple(AlgorithmSuite)
COMMITTING = AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY
SIGNING = AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384
VERSION_1 = AlgorithmSuite.AES_256_GCM_IV12_TAG16_HKDF_SHA256


def esdk_message(
    kms: KmsDouble,
    key_arns: list[str],
    plaintext: bytes,
    suite: AlgorithmSuite = SIGNING,
    frame_length: int = 4096,
    context: Mapping[str, str] | None = None,
) -> bytes:
    """``plaintext`` under each of ``key_arns``; a ``frame_length`` of 0 makes a message without frames."""
    policy = (
        CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
        if suite.is_committing()
        else CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT
    )
    message, _ = EncryptionSDKClient(commitment_policy=policy).encrypt(
        source=plaintext,
        key_provider=library_provider(kms, key_arns),
        algorithm=suite,
        frame_length=frame_length,
        encryption_context=dict(context or {}),
    )
    return bytes(message)


def library_provider(kms: KmsDouble, key_arns: list[str]) -> StrictAwsKmsMasterKeyProvider:
    """What the library reaches KMS by."""
    return _provider(kms, tuple(key_arns))


@cache
def _provider(kms: KmsDouble, key_arns: tuple[str, ...]) -> StrictAwsKmsMasterKeyProvider:
    return StrictAwsKmsMasterKeyProvider(botocore_session=kms.session, key_ids=list(key_arns))
