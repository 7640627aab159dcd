"""Objects of the Amazon S3 Encryption Client, versions 2 and 3, with or without an instruction file.

Content is AES-256-GCM with a 16-byte tag at its end. Version 2 uses the data key itself; version 3 derives a
key and a commitment from it by HKDF-SHA-512, so that no ciphertext can be made that opens under two keys
(the client's specification, "key-derivation.md").
"""

from __future__ import annotations

import hmac
from collections.abc import Generator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import AEADDecryptionContext, Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.decryptor.encryption_errors import (
    S3ecMetadataInvalid,
    S3ecTampered,
    S3ecTruncated,
    S3ecUnsupported,
)
from services.decryptor.formats.format import Envelope, Tools
from services.decryptor.formats.s3ec_metadata import (
    LENGTH_FIELD,
    Wrapped,
    is_marked,
    read_wrapped,
)
from services.decryptor.streams import CHUNK_BYTES, MOST_GCM_BYTES, Chunk, Source
from shared.layout import INSTRUCTION_SUFFIX

_TAG_BYTES = 16
_KEY_BYTES, _COMMITMENT_BYTES = 32, 28
_SUITE = (115).to_bytes(2, "big")
_IV_OF_COMMITTING = b"\x01" * 12


def _has_instruction(source: Source) -> bool:
    """Whether an instruction file is there, or due: the client puts it after the object it belongs to."""
    return LENGTH_FIELD in source.metadata or source.sibling(INSTRUCTION_SUFFIX) is not None


def _decode(source: Source, tools: Tools) -> Generator[Chunk, None, None]:
    """Decrypt the content; the tag is checked after the last byte was given.

    Raises:
        S3ecTruncated, S3ecTampered, S3ecUnsupported: the content.
        LandfallError: whatever :func:`read_wrapped` and :meth:`KmsKeys.decrypt` raise.
    """
    wrapped = read_wrapped(source)
    if source.size is None or source.size < _TAG_BYTES:
        raise S3ecTruncated("the object is shorter than an authentication tag")
    left = source.size - _TAG_BYTES
    if left > MOST_GCM_BYTES:
        raise S3ecUnsupported(f"AES-GCM does not encrypt more than {MOST_GCM_BYTES} bytes")
    if wrapped.plaintext_bytes not in (None, left):
        raise S3ecTruncated("the object does not have the length that its metadata states")
    decryptor = _decryptor(wrapped, tools.keyring.kms.decrypt(wrapped.data_key, wrapped.context))
    tag = b""
    for chunk in source.chunks():
        content, behind = memoryview(chunk)[:left], memoryview(chunk)[left:]
        left -= len(content)
        tag += behind
        for start in range(0, len(content), CHUNK_BYTES):
            yield decryptor.update(content[start : start + CHUNK_BYTES])
    if len(tag) != _TAG_BYTES:
        raise S3ecTruncated("the object ended before its stated length")
    try:
        decryptor.finalize_with_tag(tag)
    except InvalidTag:
        raise S3ecTampered("the object does not pass authentication") from None


def _decryptor(wrapped: Wrapped, data_key: bytes) -> AEADDecryptionContext:
    if len(data_key) != _KEY_BYTES:
        raise S3ecMetadataInvalid("the data key does not have the length that AES-256 needs")
    if wrapped.iv is not None:
        return Cipher(AES(data_key), GCM(wrapped.iv)).decryptor()
    key = _derive(data_key, wrapped.message_id, b"DERIVEKEY", _KEY_BYTES)
    if not hmac.compare_digest(
        _derive(data_key, wrapped.message_id, b"COMMITKEY", 28), wrapped.commitment or b""
    ):
        raise S3ecTampered("the key commitment does not fit the key")
    decryptor = Cipher(AES(key), GCM(_IV_OF_COMMITTING)).decryptor()
    decryptor.authenticate_additional_data(_SUITE)
    return decryptor


def _derive(data_key: bytes, message_id: bytes | None, label: bytes, length: int) -> bytes:
    return HKDF(SHA512(), length, salt=message_id, info=_SUITE + label).derive(data_key)


FORMAT = Envelope("s3-encryption-client", is_marked, _decode)

# An object of version 2 with an instruction file carries no mark of its own.
UNMARKED_FORMAT = Envelope("s3-encryption-client", _has_instruction, _decode)
