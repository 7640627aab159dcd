"""AWS Encryption SDK messages, versions 1 and 2, framed and not, under KMS keys.

Frames are read here and not by AWS's own library, which is several times as slow where frames are small (its
default is 4 KiB), holds a message without frames in memory, takes no notice of what follows a message, and
makes one and the same error of every refusal of KMS, throttling included. The tests compare the two.

A sender may have pairs of the encryption context required and kept out of the message ("required encryption
context CMM" in the AWS Encryption SDK Developer Guide). They are authenticated with the header all the same:
the pairs that our settings require are tried in their place.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.ciphers import AEADDecryptionContext, Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import Hash

from services.decryptor.encryption_errors import (
    EsdkMalformed,
    EsdkTampered,
    KmsCiphertextRefused,
    KmsKeyNotAllowed,
)
from services.decryptor.errors import TrailingBytes
from services.decryptor.formats.esdk_header import (
    IV_BYTES,
    SUITES,
    TAG_BYTES,
    Header,
    MessageReader,
    read_header,
)
from services.decryptor.formats.format import Envelope, Tools
from services.decryptor.kms import KmsKeys, described, lacking
from services.decryptor.streams import CHUNK_BYTES, MOST_GCM_BYTES, Chunk, Source
from shared.errors import PermanentError

_LEAST_TO_PASS_ON = 16 << 10  # bytes of a frame; smaller ones are gathered first
_V1, _V2 = b"\x01\x80", b"\x02"
_KMS = b"aws-kms"
_FINAL = b"\xff" * 4
_FRAME, _FINAL_FRAME, _SINGLE = (
    b"AWSKMSEncryptionClient " + each for each in (b"Frame", b"Final Frame", b"Single Block")
)


def _recognises(source: Source) -> bool:
    head = source.head
    if head.startswith(_V1):
        return _is_suite(head[2:4], commits=False)
    return head.startswith(_V2) and _is_suite(head[1:3], commits=True)


def _is_suite(number: bytes, *, commits: bool) -> bool:
    suite = SUITES.get(int.from_bytes(number, "big"))
    return suite is not None and suite.commits == commits


def _decode(source: Source, tools: Tools) -> Generator[Chunk, None, None]:
    """Decrypt the message; tags are checked frame by frame, the signature after the last.

    Raises:
        EsdkTruncated, EsdkTampered, EsdkMalformed, EsdkTooManyKeys: the message.
        TrailingBytes: something follows it.
        LandfallError: whatever :meth:`KmsKeys.decrypt` raises.
    """
    reader = MessageReader(source.chunks())
    header = read_header(reader)
    key = _content_key(header, tools.keyring.kms)
    digest = Hash(header.suite.signs_with()) if header.signed_by else None
    reader.digest_into(digest)
    try:
        yield from _frames(reader, header, key) if header.frame_bytes else _unframed(reader, header, key)
    except InvalidTag:
        raise EsdkTampered("a frame of the message does not pass authentication") from None
    if digest is not None:
        reader.digest_into(None)
        _check_signature(reader.counted(), header, digest)
    if not reader.at_end():
        raise TrailingBytes("bytes follow the end of the encrypted message")


def _content_key(header: Header, kms: KmsKeys) -> bytes:
    """The key of the content, under the message's own context and the required pairs that it does not carry.

    Raises:
        EncryptionContextMismatch: a required pair has another value, or is neither in the message nor was
            known when it was encrypted.
        EsdkTampered: the header was changed.
        LandfallError: whatever :func:`_data_key` raises.
    """
    unstored = kms.unstored_context(header.context)
    try:
        data_key = _data_key(header, kms, {**header.context, **unstored})
    except KmsCiphertextRefused:
        if not unstored:
            raise
        raise lacking(unstored) from None
    return header.content_key(data_key, unstored)


def _data_key(header: Header, kms: KmsKeys, context: Mapping[str, str]) -> bytes:
    """The first of the message's data keys that an allowed KMS key unwraps: one call as a rule.

    Raises:
        KmsKeyNotAllowed: no data key is under an allowed key.
        PermanentError: every allowed key refused; the first refusal. A transient failure ends the search.
    """
    refusals: list[PermanentError] = []
    for wrapped in sorted(header.keys, key=lambda wrapped: wrapped.key):
        if wrapped.provider == _KMS and kms.allows(wrapped.key):
            try:
                return kms.decrypt(wrapped.ciphertext, context, wrapped.key)
            except PermanentError as refusal:
                refusals.append(refusal)
    keys = described(wrapped.key for wrapped in header.keys if wrapped.provider == _KMS)
    not_allowed = KmsKeyNotAllowed(f"the settings do not list {keys}")
    raise (*refusals, not_allowed)[0]


def _frames(reader: MessageReader, header: Header, key: bytes) -> Iterator[bytes]:
    """The content of every frame, small ones gathered; all but the last are as long as the header states."""
    length, number = header.frame_bytes, 1
    associated, stated_length = header.message_id + _FRAME, length.to_bytes(8, "big")
    decrypt = AESGCM(key).decrypt
    gathered: list[bytes] = []
    room = CHUNK_BYTES
    while (stated := reader.take(4)) != _FINAL:
        if stated != number.to_bytes(4, "big"):
            raise EsdkMalformed("the frames of the message are not in order")
        number += 1
        if length > CHUNK_BYTES:
            yield from _streamed(reader, key, associated + stated + stated_length, length)
            continue
        sealed = reader.view(IV_BYTES + length + TAG_BYTES)
        content = decrypt(sealed[:IV_BYTES], sealed[IV_BYTES:], associated + stated + stated_length)
        if length >= _LEAST_TO_PASS_ON:
            yield content
            continue
        gathered.append(content)
        room -= length
        if room < length:
            yield b"".join(gathered)
            gathered, room = [], CHUNK_BYTES
    yield b"".join(gathered)
    if reader.number(4) != number:
        raise EsdkMalformed("the frames of the message are not in order")
    iv, length = reader.take(IV_BYTES), reader.number(4)
    if length > header.frame_bytes:
        raise EsdkMalformed("the last frame of the message is longer than the others")
    associated = header.message_id + _FINAL_FRAME + number.to_bytes(4, "big") + length.to_bytes(8, "big")
    yield from _streamed(reader, key, associated, length, iv)


def _unframed(reader: MessageReader, header: Header, key: bytes) -> Iterator[bytes]:
    iv, length = reader.take(IV_BYTES), reader.number(8)
    if length > MOST_GCM_BYTES:
        raise EsdkMalformed("the message states more content than one frame may have")
    associated = header.message_id + _SINGLE + (1).to_bytes(4, "big") + length.to_bytes(8, "big")
    yield from _streamed(reader, key, associated, length, iv)


def _streamed(
    reader: MessageReader, key: bytes, associated: bytes, length: int, iv: bytes | None = None
) -> Iterator[bytes]:
    """Content of any length; its tag is checked at its end."""
    decryptor: AEADDecryptionContext = Cipher(AES(key), GCM(iv or reader.take(IV_BYTES))).decryptor()
    decryptor.authenticate_additional_data(associated)
    while length:
        sealed = reader.view(min(length, CHUNK_BYTES))
        length -= len(sealed)
        yield decryptor.update(sealed)
    decryptor.finalize_with_tag(reader.take(TAG_BYTES))


def _check_signature(signature: bytes, header: Header, digest: Hash) -> None:
    assert header.signed_by is not None  # noqa: S101 - who calls has a digest by it
    try:
        header.signed_by.verify(signature, digest.finalize(), ECDSA(Prehashed(header.suite.signs_with())))
    except InvalidSignature:
        raise EsdkTampered("the signature of the message does not fit") from None


FORMAT = Envelope("aws-encryption-sdk", _recognises, _decode)
