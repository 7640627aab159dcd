"""Encrypting a file as senders do, so that the way from landing to table can be tried with it.

Every function writes the encrypted file and returns the S3 metadata that must go with it. KMS is reached by
the session: the environment's endpoint, credentials and Region.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from aws_encryption_sdk import CommitmentPolicy, EncryptionSDKClient, StrictAwsKmsMasterKeyProvider
from aws_encryption_sdk.exceptions import GenerateKeyError
from botocore.exceptions import ClientError
from botocore.session import Session
from cryptography.hazmat.primitives.ciphers import AEADEncryptionContext, Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from landfall.errors import OperatorError

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

Metadata = dict[str, str]

_CHUNK_BYTES = 128 * 1024
_MOST_KMS_BYTES = 4096
_SUITE_OF_V3 = (115).to_bytes(2, "big")

# The library logs the traceback of whatever it raises anyway.
logging.getLogger("aws_encryption_sdk").setLevel(logging.CRITICAL)


def encrypt_esdk(
    source: BinaryIO, sink: BinaryIO, key_arn: str, context: Mapping[str, str], session: Session
) -> Metadata:
    """An AWS Encryption SDK message: version 2, key-committing, signed, in frames.

    Args:
        source: what is to be encrypted, from its current position to its end.
        sink: takes the message.
        key_arn: the KMS key that wraps the data key.
        context: the encryption context; it is authenticated and readable by everybody.
        session: makes the KMS client.

    Raises:
        ClientError: KMS refused to make a data key.
    """
    client = EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
    message = client.stream(
        mode="encrypt",
        source=source,
        key_provider=StrictAwsKmsMasterKeyProvider(botocore_session=session, key_ids=[key_arn]),
        encryption_context=dict(context),
        frame_length=_CHUNK_BYTES,
    )
    try:
        while chunk := message.read(_CHUNK_BYTES):
            sink.write(chunk)
    except GenerateKeyError as error:
        if isinstance(error.__cause__, ClientError):
            raise error.__cause__ from None
        raise
    return {}


def encrypt_s3ec_v2(
    source: BinaryIO, sink: BinaryIO, key_arn: str, context: Mapping[str, str], session: Session
) -> Metadata:
    """An object of version 2 of the Amazon S3 Encryption Client; arguments as of :func:`encrypt_esdk`."""
    algorithm, iv = "AES/GCM/NoPadding", os.urandom(12)
    bound = {**context, "aws:x-amz-cek-alg": algorithm}
    data_key, wrapped = _data_key(session, key_arn, bound)
    _encrypt_gcm(source, sink, Cipher(AES(data_key), GCM(iv)).encryptor())
    return {
        "x-amz-key-v2": _text(wrapped),
        "x-amz-iv": _text(iv),
        "x-amz-matdesc": json.dumps(bound),
        "x-amz-wrap-alg": "kms+context",
        "x-amz-cek-alg": algorithm,
        "x-amz-tag-len": "128",
    }


def encrypt_s3ec_v3(
    source: BinaryIO, sink: BinaryIO, key_arn: str, context: Mapping[str, str], session: Session
) -> Metadata:
    """An object of version 3 of the Amazon S3 Encryption Client; arguments as of :func:`encrypt_esdk`."""
    suite, message_id = "115", os.urandom(28)
    bound = {**context, "aws:x-amz-cek-alg": suite}
    data_key, wrapped = _data_key(session, key_arn, bound)
    derived = HKDF(SHA512(), 32, salt=message_id, info=_SUITE_OF_V3 + b"DERIVEKEY").derive(data_key)
    commitment = HKDF(SHA512(), 28, salt=message_id, info=_SUITE_OF_V3 + b"COMMITKEY").derive(data_key)
    encryptor = Cipher(AES(derived), GCM(b"\x01" * 12)).encryptor()
    encryptor.authenticate_additional_data(_SUITE_OF_V3)
    _encrypt_gcm(source, sink, encryptor)
    return {
        "x-amz-c": suite,
        "x-amz-3": _text(wrapped),
        "x-amz-w": "12",
        "x-amz-t": json.dumps(bound),
        "x-amz-d": _text(commitment),
        "x-amz-i": _text(message_id),
    }


def encrypt_kms(
    source: BinaryIO, sink: BinaryIO, key_arn: str, context: Mapping[str, str], session: Session
) -> Metadata:
    """A ciphertext of KMS itself; arguments as of :func:`encrypt_esdk`. It is declared by its metadata.

    Raises:
        OperatorError: the file is larger than KMS encrypts.
        ClientError: KMS refused.
    """
    plaintext = source.read(_MOST_KMS_BYTES + 1)
    if len(plaintext) > _MOST_KMS_BYTES:
        raise OperatorError("KMS itself encrypts 4,096 bytes at most: use another encryption for this file.")
    answer = _kms(session).encrypt(KeyId=key_arn, Plaintext=plaintext, EncryptionContext=context)
    sink.write(answer["CiphertextBlob"])
    return {"landfall-format": "kms"}


def encrypt_pgp(source: BinaryIO, sink: BinaryIO, public_key: bytes, *, armor: bool = False) -> Metadata:
    """An OpenPGP message for the holder of ``public_key``, by gpg; ``source`` and ``sink`` are real files.

    Raises:
        OperatorError: gpg is not installed, or cannot encrypt for this key.
    """
    gpg = shutil.which("gpg")
    if gpg is None:
        raise OperatorError("OpenPGP needs GnuPG: install the program gpg and try again.")
    with tempfile.TemporaryDirectory(prefix="gpg-", ignore_cleanup_errors=True) as home:
        key = Path(home, "recipient.asc")
        key.write_bytes(public_key)
        command = [gpg, "--homedir", home, "--batch", "--no-tty", "--quiet", "--no-options"]
        os.lseek(source.fileno(), source.tell(), os.SEEK_SET)  # gpg goes on where the buffer's reader stands
        sink.flush()
        command += ["--no-autostart", "--trust-model", "always", "--recipient-file", str(key)]
        done = subprocess.run(
            [*command, *(["--armor"] if armor else []), "--encrypt"],
            stdin=source,
            stdout=sink,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    if done.returncode != 0:
        raise OperatorError("gpg cannot encrypt for this key: give an exported public key that may encrypt.")
    return {}


def _kms(session: Session) -> KMSClient:
    return cast("KMSClient", session.create_client("kms"))


def _data_key(session: Session, key_arn: str, context: Mapping[str, str]) -> tuple[bytes, bytes]:
    """A new data key, in the clear and as KMS wrapped it."""
    answer = _kms(session).generate_data_key(KeyId=key_arn, KeySpec="AES_256", EncryptionContext=context)
    return answer["Plaintext"], answer["CiphertextBlob"]


def _encrypt_gcm(source: BinaryIO, sink: BinaryIO, encryptor: AEADEncryptionContext) -> None:
    for chunk in _chunks(source):
        sink.write(encryptor.update(chunk))
    sink.write(encryptor.finalize() + encryptor.tag)


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK_BYTES):
        yield chunk


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
