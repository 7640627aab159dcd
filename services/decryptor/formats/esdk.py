"""AWS Encryption SDK messages, versions 1 and 2, framed and not, under KMS keys, by AWS's own library.

Data keys are unwrapped by :mod:`services.decryptor.kms`, because the library's own KMS provider turns every
refusal, throttling included, into one and the same error.
"""

from __future__ import annotations

import io
import logging
import struct
from collections.abc import Collection, Generator, Iterator, Mapping
from typing import Protocol

from aws_encryption_sdk import CommitmentPolicy, StreamDecryptor
from aws_encryption_sdk.exceptions import (
    AWSEncryptionSDKClientError,
    CustomMaximumValueExceeded,
    MasterKeyProviderError,
    MaxEncryptedDataKeysExceeded,
)
from aws_encryption_sdk.key_providers.base import MasterKeyProvider, MasterKeyProviderConfig
from aws_encryption_sdk.structures import DataKey
from cryptography.exceptions import InvalidSignature, InvalidTag

from services.decryptor.encryption_errors import (
    EsdkFrameTooLarge,
    EsdkMalformed,
    EsdkTampered,
    EsdkTooManyKeys,
    EsdkTruncated,
    KmsKeyNotAllowed,
)
from services.decryptor.errors import TrailingBytes
from services.decryptor.formats.format import Envelope, Tools
from services.decryptor.kms import KmsKeys
from services.decryptor.streams import Chunk, Source, bounded
from shared.errors import PermanentError

_V1, _V2 = b"\x01\x80", b"\x02"
_V1_SUITES = frozenset({0x0014, 0x0046, 0x0078, 0x0114, 0x0146, 0x0178, 0x0214, 0x0346, 0x0378})
_V2_SUITES = frozenset({0x0478, 0x0578})
_MOST_DATA_KEYS = 3
_LEAST_READ_BYTES = 64 * 1024

# The library logs each step, and tracebacks of what it raises anyway.
logging.getLogger("aws_encryption_sdk").setLevel(logging.CRITICAL)


def _recognises(source: Source) -> bool:
    head = source.head
    if head.startswith(_V1):
        return int.from_bytes(head[2:4], "big") in _V1_SUITES
    return head.startswith(_V2) and int.from_bytes(head[1:3], "big") in _V2_SUITES


def _decode(source: Source, tools: Tools) -> Generator[Chunk, None, None]:
    """Decrypt the message; each frame's tag is checked before it is given, the signature after the last.

    Raises:
        EsdkTruncated, EsdkTampered, EsdkMalformed, EsdkTooManyKeys, EsdkFrameTooLarge: the message.
        TrailingBytes: something follows it.
        LandfallError: whatever :meth:`KmsKeys.decrypt` raises.
    """
    return bounded(_decrypted(source.reader(), tools.keyring.kms, tools.limits.max_frame_bytes))


def _decrypted(reader: io.BufferedReader, kms: KmsKeys, most_frame_bytes: int) -> Iterator[bytes]:
    provider = _Unwrapper()
    provider.kms = kms
    message = StreamDecryptor(
        source=reader,
        key_provider=provider,
        commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT,
        max_encrypted_data_keys=_MOST_DATA_KEYS,
        max_body_length=most_frame_bytes,
    )
    try:
        # A read below the frame's length copies what is left of the frame; an unframed body is read whole.
        size = max(message.header.frame_length or most_frame_bytes, _LEAST_READ_BYTES)
        while chunk := message.read(size):
            yield chunk
    except _LIBRARY_ERRORS as error:
        raise _failure(error, reader) from None
    finally:
        io.IOBase.close(message)  # its own close() raises where a message was not read to its end
    if reader.read(1):
        raise TrailingBytes("bytes follow the end of the encrypted message")


class _KeyInfo(Protocol):
    provider_id: str
    key_info: bytes


class _EncryptedDataKey(Protocol):
    key_provider: _KeyInfo
    encrypted_data_key: bytes


class _Unwrapper(MasterKeyProvider):  # type: ignore[misc]  # the library has no types
    """Gives the library a message's data key."""

    provider_id = "aws-kms"
    _config_class = MasterKeyProviderConfig
    kms: KmsKeys

    def _new_master_key(self, _key_id: bytes) -> None:
        raise MasterKeyProviderError("data keys are unwrapped here, not by master keys")

    def decrypt_data_key_from_list(
        self,
        encrypted_data_keys: Collection[_EncryptedDataKey],
        algorithm: object,  # noqa: ARG002  # the library names it
        encryption_context: Mapping[str, str],
    ) -> DataKey:
        """The first of the message's data keys that an allowed KMS key unwraps: one call as a rule.

        Raises:
            KmsKeyNotAllowed: no data key is under an allowed key.
            PermanentError: every allowed key refused; the first refusal. A transient failure ends the search.
        """
        self.kms.require_context(encryption_context)
        refusal: PermanentError = KmsKeyNotAllowed(
            "none of the message's data keys is under a KMS key that the settings list"
        )
        refused = False
        for offered in sorted(encrypted_data_keys, key=lambda key: key.key_provider.key_info):
            arn = offered.key_provider.key_info.decode()
            if offered.key_provider.provider_id != self.provider_id or not self.kms.allows(arn):
                continue
            try:
                plaintext = self.kms.decrypt(offered.encrypted_data_key, encryption_context, arn)
            except PermanentError as error:
                refusal, refused = (refusal if refused else error), True
                continue
            return DataKey(offered.key_provider, plaintext, offered.encrypted_data_key)
        raise refusal


_HEADER_REFUSED = "Header authorization failed"  # the only mark by which the library tells this apart

# What the library lets out when it reads damaged bytes; the tests damage every byte of a message.
_LIBRARY_ERRORS = (AWSEncryptionSDKClientError, InvalidTag, InvalidSignature, ValueError, struct.error)


def _failure(error: Exception, reader: io.BufferedReader) -> PermanentError:
    """Our failure for one of the library's; its text is dropped, for it can quote the message."""
    if isinstance(error, MaxEncryptedDataKeysExceeded):
        return EsdkTooManyKeys(f"the message offers more than {_MOST_DATA_KEYS} encrypted data keys")
    if isinstance(error, CustomMaximumValueExceeded):
        return EsdkFrameTooLarge("a frame of the message is too large to be verified in memory")
    unauthentic = isinstance(error, InvalidTag | InvalidSignature | MasterKeyProviderError)
    if unauthentic or error.args == (_HEADER_REFUSED,):
        return EsdkTampered("the message does not pass authentication")
    if not reader.read(1):
        return EsdkTruncated("the message ends too early")
    return EsdkMalformed("the message is not well formed")


FORMAT = Envelope("aws-encryption-sdk", _recognises, _decode)
