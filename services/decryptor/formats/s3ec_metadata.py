"""What an object of the Amazon S3 Encryption Client says of its key, in versions 2 and 3 of the format.

The fields stand in the object's metadata, or in part or whole in an instruction file beside it. They are the
only thing that tells which version applies, so a mixture of versions, which no client writes, is refused: it
is how the key commitment of version 3 could be stripped.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass

from services.decryptor.encryption_errors import (
    S3ecInstructionMissing,
    S3ecMetadataInvalid,
    S3ecMetadataMixed,
    S3ecUnsupported,
    S3ecVersion1,
)
from services.decryptor.formats.s3_metadata_text import decode_metadata
from services.decryptor.landed import MOST_SIBLING_BYTES
from services.decryptor.streams import Source
from shared.layout import INSTRUCTION_SUFFIX

INSTRUCTION_MARK = "x-amz-crypto-instr-file"
_KEY_1, _KEY_2, _KEY_3 = "x-amz-key", "x-amz-key-v2", "x-amz-3"
_CONTENT_2 = frozenset({"x-amz-iv", "x-amz-cek-alg", "x-amz-wrap-alg", "x-amz-matdesc", "x-amz-tag-len"})
_CONTENT_3 = frozenset({"x-amz-c", "x-amz-d", "x-amz-i"})
_WRAPPING_3 = frozenset({_KEY_3, "x-amz-w", "x-amz-t", "x-amz-m"})
_FIELDS = frozenset({_KEY_1, _KEY_2}) | _CONTENT_2 | _CONTENT_3 | _WRAPPING_3
_KEYS = frozenset({_KEY_1, _KEY_2, _KEY_3})
_CONTEXTS = frozenset({"x-amz-matdesc", "x-amz-t", "x-amz-m"})
_BOUND_ALGORITHM = "aws:x-amz-cek-alg"
LENGTH_FIELD = "x-amz-unencrypted-content-length"
_GCM, _COMMITTING = "AES/GCM/NoPadding", "115"
_LEGACY_CONTENT, _LEGACY_WRAPPING = frozenset({"AES/CBC/PKCS5Padding", "AES/CTR/NoPadding"}), "kms"


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A data key as KMS wrapped it, and what its content needs besides.

    ``iv`` is set for version 2; ``message_id`` and ``commitment`` for version 3.
    """

    data_key: bytes
    context: Mapping[str, str]
    plaintext_bytes: int | None
    iv: bytes | None = None
    message_id: bytes | None = None
    commitment: bytes | None = None


def may_be_instruction_file(key: str, size: int, metadata: Mapping[str, str]) -> bool:
    """Whether an object could belong to the one beside it. A sender may choose such a name for any file.

    Only the content decides (:func:`is_instruction`).
    """
    named = key.endswith(INSTRUCTION_SUFFIX) or INSTRUCTION_MARK in metadata
    return named and size <= MOST_SIBLING_BYTES


def is_instruction(content: bytes) -> bool:
    """Whether a small object is what the client writes beside an encrypted one: its wrapped key, as JSON."""
    try:
        fields = {name.lower() for name in _json_pairs(content)}
    except S3ecMetadataInvalid:
        return False
    return not fields.isdisjoint(_KEYS)


def is_marked(source: Source) -> bool:
    """Whether the object's metadata holds any field of the client, of whatever version."""
    return not _FIELDS.isdisjoint(source.metadata)


def read_wrapped(source: Source) -> Wrapped:
    """The wrapped key of an object.

    Raises:
        S3ecVersion1, S3ecUnsupported: a version, wrapping or content algorithm that is not accepted.
        S3ecMetadataMixed, S3ecMetadataInvalid: the fields are not as a client writes them.
        S3ecInstructionMissing: the wrapped key is not in the metadata, and there is no instruction file.
    """
    fields = {
        name: decode_metadata(value) if name in _CONTEXTS else value
        for name, value in source.metadata.items()
        if name in _FIELDS
    }
    if fields.keys().isdisjoint(_KEYS):
        fields |= _instruction(source, fields)
    version_3 = fields.keys() & (_CONTENT_3 | _WRAPPING_3)
    if (version_3 and fields.keys() - version_3) or {_KEY_1, _KEY_2} <= fields.keys():
        raise S3ecMetadataMixed("the metadata mixes fields of different versions of the format")
    if _KEY_1 in fields:
        raise S3ecVersion1("the object is encrypted by version 1 of the client")
    length = source.metadata.get(LENGTH_FIELD)
    plaintext_bytes = int(length) if length is not None and length.isdecimal() else None
    return _version_3(fields, plaintext_bytes) if version_3 else _version_2(fields, plaintext_bytes)


def _instruction(source: Source, fields: Mapping[str, str]) -> Mapping[str, str]:
    """The fields of the instruction file, which may not repeat or replace what the metadata must hold."""
    content = source.sibling(INSTRUCTION_SUFFIX)
    if content is None:
        raise S3ecInstructionMissing("the wrapped key is neither in the metadata nor in an instruction file")
    if len(content) > MOST_SIBLING_BYTES:
        raise S3ecMetadataInvalid(f"the instruction file is larger than {MOST_SIBLING_BYTES} bytes")
    instruction = {name.lower(): value for name, value in _json_pairs(content).items()}
    if not instruction.keys() & _FIELDS:
        raise S3ecMetadataInvalid("the instruction file holds no field of the client")
    allowed = _WRAPPING_3 if fields.keys() & _CONTENT_3 else frozenset({_KEY_1, _KEY_2}) | _CONTENT_2
    if instruction.keys() & _FIELDS - allowed or fields.keys() & allowed:
        raise S3ecMetadataMixed("metadata and instruction file do not belong to one version of the format")
    return {name: value for name, value in instruction.items() if name in _FIELDS}


def _version_2(fields: Mapping[str, str], plaintext_bytes: int | None) -> Wrapped:
    wrapping, content = _field(fields, "x-amz-wrap-alg"), _field(fields, "x-amz-cek-alg")
    if wrapping == _LEGACY_WRAPPING or content in _LEGACY_CONTENT:
        raise S3ecVersion1("the object is encrypted as version 1 of the client does")
    if (wrapping, content, fields.get("x-amz-tag-len", "128")) != ("kms+context", _GCM, "128"):
        raise S3ecUnsupported("the key is not wrapped by KMS, or the content not encrypted by AES-GCM")
    return Wrapped(
        _bytes(fields, _KEY_2),
        _bound_context(fields, "x-amz-matdesc", _GCM),
        plaintext_bytes,
        iv=_bytes(fields, "x-amz-iv", 12),
    )


def _version_3(fields: Mapping[str, str], plaintext_bytes: int | None) -> Wrapped:
    if (_field(fields, "x-amz-w"), _field(fields, "x-amz-c")) != ("12", _COMMITTING):
        raise S3ecUnsupported("the key is not wrapped by KMS, or the content not encrypted by AES-GCM")
    return Wrapped(
        _bytes(fields, _KEY_3),
        _bound_context(fields, "x-amz-t", _COMMITTING),
        plaintext_bytes,
        message_id=_bytes(fields, "x-amz-i", 28),
        commitment=_bytes(fields, "x-amz-d", 28),
    )


def _bound_context(fields: Mapping[str, str], name: str, algorithm: str) -> Mapping[str, str]:
    """The encryption context, which must bind the content's algorithm to the key."""
    context = _json_pairs(_field(fields, name).encode())
    if context.get(_BOUND_ALGORITHM) != algorithm:
        raise S3ecMetadataInvalid("the encryption context does not bind the content's algorithm")
    return context


def _field(fields: Mapping[str, str], name: str) -> str:
    if name not in fields:
        raise S3ecMetadataInvalid(f"the encryption field {name} is missing")
    return fields[name]


def _bytes(fields: Mapping[str, str], name: str, length: int | None = None) -> bytes:
    try:
        value = base64.b64decode(_field(fields, name), validate=True)
    except (binascii.Error, ValueError):
        raise S3ecMetadataInvalid(f"the encryption field {name} is not base64") from None
    if not value or length not in (None, len(value)):
        raise S3ecMetadataInvalid(f"the encryption field {name} has a wrong length")
    return value


def _json_pairs(content: bytes) -> dict[str, str]:
    try:
        pairs = json.loads(content)
    except (ValueError, RecursionError):  # the latter where it is nested too deeply
        raise S3ecMetadataInvalid("an encryption field or the instruction file is not JSON") from None
    if not isinstance(pairs, dict) or not all(isinstance(value, str) for value in pairs.values()):
        raise S3ecMetadataInvalid("an encryption field or the instruction file is not a JSON object of texts")
    return pairs
