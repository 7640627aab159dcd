"""The header of an AWS Encryption SDK message: which keys it is under, and what authenticates it.

The format is that of "AWS Encryption SDK message format reference", versions 1 and 2, and of "AWS Encryption
SDK algorithms reference" (AWS Encryption SDK Developer Guide).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    EllipticCurve,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, Hash
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.decryptor.encryption_errors import (
    EsdkMalformed,
    EsdkTampered,
    EsdkTooManyKeys,
    EsdkTruncated,
)
from services.decryptor.kms import lacking
from services.decryptor.streams import Chunks

TAG_BYTES, IV_BYTES = 16, 12
_VERSION_1, _VERSION_2 = 1, 2
_CUSTOMER_DATA = 0x80
_UNFRAMED, _FRAMED = 1, 2
_MOST_DATA_KEYS = 3
_PUBLIC_KEY = "aws-crypto-public-key"
_Digest: TypeAlias = type[SHA256] | type[SHA384] | type[SHA512]


@dataclass(frozen=True, slots=True)
class Suite:
    """One algorithm suite: AES-GCM, how its key is made of the data key, and who signs."""

    number: int
    key_bytes: int
    derives: _Digest | None = None
    commits: bool = False
    curve: EllipticCurve | None = None

    @property
    def signs_with(self) -> _Digest:
        """The digest that the signature is over."""
        return SHA256 if isinstance(self.curve, SECP256R1) else SHA384

    def content_key(self, data_key: bytes, message_id: bytes) -> bytes:
        """The key of header and content."""
        number = self.number.to_bytes(2, "big")
        if self.derives is None:
            return data_key
        if self.commits:
            return HKDF(self.derives(), self.key_bytes, message_id, number + b"DERIVEKEY").derive(data_key)
        return HKDF(self.derives(), self.key_bytes, None, number + message_id).derive(data_key)


SUITES: Mapping[int, Suite] = {
    suite.number: suite
    for suite in (
        Suite(0x0014, 16),
        Suite(0x0046, 24),
        Suite(0x0078, 32),
        Suite(0x0114, 16, SHA256),
        Suite(0x0146, 24, SHA256),
        Suite(0x0178, 32, SHA256),
        Suite(0x0214, 16, SHA256, curve=SECP256R1()),
        Suite(0x0346, 24, SHA384, curve=SECP384R1()),
        Suite(0x0378, 32, SHA384, curve=SECP384R1()),
        Suite(0x0478, 32, SHA512, commits=True),
        Suite(0x0578, 32, SHA512, commits=True, curve=SECP384R1()),
    )
}


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """The data key as one key provider wrapped it."""

    provider: bytes
    key: str
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """A header, its authentication still to be checked; ``frame_bytes`` is 0 where there are no frames."""

    suite: Suite
    message_id: bytes
    context: Mapping[str, str]
    keys: tuple[WrappedKey, ...]
    frame_bytes: int
    signed_by: EllipticCurvePublicKey | None
    _commitment: bytes = field(repr=False)
    _authenticated: bytes = field(repr=False)
    _iv: bytes = field(repr=False)
    _tag: bytes = field(repr=False)

    def content_key(self, data_key: bytes, unstored: Mapping[str, str]) -> bytes:
        """The key of the content.

        Args:
            data_key: As KMS unwrapped it.
            unstored: Pairs of the encryption context that the header is authenticated with and does not hold.

        Raises:
            EncryptionContextMismatch: the header is authentic without the ``unstored`` pairs.
            EsdkTampered: the header was changed, or the data key is that of another message.
        """
        if len(data_key) != self.suite.key_bytes:
            raise EsdkTampered("the data key does not have the length that the algorithm needs")
        if self.suite.commits:
            committed = HKDF(SHA512(), 32, self.message_id, b"COMMITKEY").derive(data_key)
            if not hmac.compare_digest(committed, self._commitment):
                raise EsdkTampered("the key commitment does not fit the key")
        key = self.suite.content_key(data_key, self.message_id)
        if not self._is_authentic(key, _serialized(unstored)):
            if unstored and self._is_authentic(key, b""):
                raise lacking(unstored)
            raise EsdkTampered("the header does not pass authentication")
        return key

    def _is_authentic(self, key: bytes, unstored: bytes) -> bool:
        try:
            AESGCM(key).decrypt(self._iv, self._tag, self._authenticated + unstored)
        except InvalidTag:
            return False
        return True


class MessageReader:
    """Reads a message piece by piece and notes every piece: first as the header, then for the signature."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")
        self.seen = bytearray()
        self._note: Callable[[memoryview], object] | None = self.seen.extend

    def view(self, size: int) -> memoryview:
        """Exactly ``size`` bytes, not copied where they came in one chunk.

        Raises:
            EsdkTruncated: there are fewer.
        """
        if len(self._rest) < size:
            data = self._across(size)
        else:
            data, self._rest = self._rest[:size], self._rest[size:]
        if self._note is not None:
            self._note(data)
        return data

    def take(self, size: int) -> bytes:
        """A copy of exactly ``size`` bytes.

        Raises:
            EsdkTruncated: there are fewer.
        """
        return bytes(self.view(size))

    def number(self, size: int) -> int:
        """A big-endian number of ``size`` bytes."""
        return int.from_bytes(self.view(size), "big")

    def counted(self) -> bytes:
        """Bytes behind their 16-bit count."""
        return self.take(self.number(2))

    def digest_into(self, digest: Hash | None) -> None:
        """From now on note pieces in ``digest``, which gets all those before, too; or not at all."""
        if digest is not None:
            digest.update(bytes(self.seen))
        self._note = None if digest is None else digest.update

    def at_end(self) -> bool:
        """Whether nothing follows."""
        return not self._rest and all(not chunk for chunk in self._chunks)

    def _across(self, size: int) -> memoryview:
        """Bytes that lie in more than one chunk."""
        pieces, missing = [self._rest], size - len(self._rest)
        while missing > 0:
            chunk = next(self._chunks, None)
            if chunk is None:
                raise EsdkTruncated("the message ends too early")
            view = memoryview(chunk)
            pieces.append(view[:missing])
            self._rest = view[missing:]
            missing -= len(view)
        return memoryview(b"".join(pieces))


def read_header(reader: MessageReader) -> Header:
    """The header at the start of a message.

    Raises:
        EsdkTruncated, EsdkMalformed, EsdkTooManyKeys: it is not as the format has it.
    """
    version = reader.number(1)
    if version not in (_VERSION_1, _VERSION_2):
        raise EsdkMalformed("the message is of no known version")
    if version == _VERSION_1 and reader.number(1) != _CUSTOMER_DATA:
        raise EsdkMalformed("the message is of no known type")
    suite = SUITES.get(reader.number(2))
    if suite is None or suite.commits != (version == _VERSION_2):
        raise EsdkMalformed("the message is under an unknown algorithm")
    message_id = reader.take(16 if version == _VERSION_1 else 32)
    context = _context(reader.counted())
    keys = _wrapped_keys(reader)
    framing = reader.number(1)
    if version == _VERSION_1 and (reader.number(4), reader.number(1)) != (0, IV_BYTES):
        raise EsdkMalformed("a fixed field of the header has another value")
    frame_bytes = reader.number(4)
    if (framing, bool(frame_bytes)) not in ((_UNFRAMED, False), (_FRAMED, True)):
        raise EsdkMalformed("the header contradicts itself about frames")
    commitment = reader.take(32) if suite.commits else b""
    authenticated = bytes(reader.seen)
    iv = bytes(IV_BYTES) if version == _VERSION_2 else reader.take(IV_BYTES)
    tag = reader.take(TAG_BYTES)
    return Header(
        suite,
        message_id,
        context,
        keys,
        frame_bytes,
        _signer(suite, context),
        commitment,
        authenticated,
        iv,
        tag,
    )


def _serialized(context: Mapping[str, str]) -> bytes:
    """An encryption context as messages hold it, in the order of the names' bytes; nothing if it is empty."""
    pairs = sorted((name.encode(), value.encode()) for name, value in context.items())
    counted = b"".join(len(text).to_bytes(2, "big") + text for pair in pairs for text in pair)
    return len(pairs).to_bytes(2, "big") + counted if pairs else b""


def _context(data: bytes) -> dict[str, str]:
    """The encryption context: names and values behind their lengths; nothing at all where there is none."""
    context: dict[str, str] = {}
    try:
        texts = [text.decode() for text in _texts(data)]
    except (UnicodeDecodeError, IndexError):
        raise EsdkMalformed("the encryption context is not well formed") from None
    for name, value in zip(texts[::2], texts[1::2], strict=True):
        if name in context:
            raise EsdkMalformed("the encryption context names a pair twice")
        context[name] = value
    return context


def _texts(data: bytes) -> Iterator[bytes]:
    if not data:
        return
    left, at = 2 * int.from_bytes(data[:2], "big"), 2
    while left:
        length = (data[at] << 8) + data[at + 1]
        at += 2 + length
        if at > len(data):
            raise IndexError
        yield data[at - length : at]
        left -= 1
    if at != len(data):
        raise IndexError


def _wrapped_keys(reader: MessageReader) -> tuple[WrappedKey, ...]:
    count = reader.number(2)
    if count == 0:
        raise EsdkMalformed("the message has no encrypted data key")
    if count > _MOST_DATA_KEYS:
        raise EsdkTooManyKeys(
            f"the message offers {count} encrypted data keys, the limit is {_MOST_DATA_KEYS}"
        )
    return tuple(
        WrappedKey(reader.counted(), reader.counted().decode(errors="replace"), reader.counted())
        for _ in range(count)
    )


def _signer(suite: Suite, context: Mapping[str, str]) -> EllipticCurvePublicKey | None:
    """The public key that a signing suite puts into the encryption context, and no other suite may."""
    if (suite.curve is not None) != (_PUBLIC_KEY in context):
        raise EsdkMalformed(
            "the algorithm and the encryption context contradict each other about a signature"
        )
    if suite.curve is None:
        return None
    try:
        point = base64.b64decode(context[_PUBLIC_KEY], validate=True)
        return EllipticCurvePublicKey.from_encoded_point(suite.curve, point)
    except (binascii.Error, ValueError):
        raise EsdkMalformed("the public key in the encryption context is none") from None
