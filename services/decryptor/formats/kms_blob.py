"""A ciphertext that KMS itself made (kms:Encrypt): up to 4 KiB of plaintext, one call, nothing to stream."""

from __future__ import annotations

from collections.abc import Generator

from services.decryptor.encryption_errors import KmsBlobTooLarge
from services.decryptor.formats.format import Envelope, Tools
from services.decryptor.streams import Source

_MAGIC = b"\x01\x02\x02\x00x"
_MOST_BYTES = 6144  # what kms:Decrypt accepts


def _recognises(source: Source) -> bool:
    return source.head.startswith(_MAGIC) and source.head_is_all and len(source.head) <= _MOST_BYTES


def _decode(source: Source, tools: Tools) -> Generator[bytes, None, None]:
    """Have KMS decrypt the whole; it authenticates the ciphertext and the encryption context.

    The blob does not carry its encryption context, so it must be the one that the settings require.

    Raises:
        KmsBlobTooLarge: the content, declared to be a blob, cannot be one.
        LandfallError: whatever :meth:`KmsKeys.decrypt` raises.
    """
    if not source.head_is_all or len(source.head) > _MOST_BYTES:
        raise KmsBlobTooLarge(f"a KMS ciphertext has at most {_MOST_BYTES} bytes")
    kms = tools.keyring.kms
    yield kms.decrypt(b"".join(source.chunks()), kms.required_context)


FORMAT = Envelope("kms", _recognises, _decode)
