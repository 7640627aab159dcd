"""The files that the decryptor is measured with: one text, packed and encrypted in every way, at any size."""

from __future__ import annotations

import gzip
import json
import random
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import BinaryIO, cast

from aws_encryption_sdk import CommitmentPolicy, EncryptionSDKClient, StrictAwsKmsMasterKeyProvider
from aws_encryption_sdk.identifiers import AlgorithmSuite
from botocore.session import get_session
from isal import isal_zlib

from landfall.encryption import Metadata, encrypt_s3ec_v2, encrypt_s3ec_v3
from tests.benchmarks.streaming_s3 import KEY_ARN
from tests.unit.decryptor.gpg_sender import Sender

MIB = 1 << 20
_BLOCK_BYTES = 4 * MIB
_UNSIGNED = AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY
_SIGNED = AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384
Make = Callable[["Text", BinaryIO, Sender], Metadata]


class Text(RawIOBase):
    """A CSV file of so many MiB, from nowhere: one block of records again and again."""

    def __init__(self, mib: int) -> None:
        super().__init__()
        dice = random.Random(mib % 7)
        lines = [b"SubscriberKey,EmailAddress,SendID,EventDate"]
        left = _BLOCK_BYTES
        while left > 0:
            number = dice.randrange(10**7)
            date = f"1/{dice.randint(1, 31)}/2026 {dice.randint(1, 12)}:{dice.randint(10, 59)}"
            lines.append(f"{number},name{number}@example.com,{number % 97},{date}:00 AM".encode())
            left -= len(lines[-1]) + 2
        self.block = b"\r\n".join(lines)[:_BLOCK_BYTES]
        self.size = mib * MIB
        self._at = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # callers pass writable bytes
        view, offset = memoryview(buffer).cast("B"), self._at % _BLOCK_BYTES
        count = min(len(view), _BLOCK_BYTES - offset, self.size - self._at)
        view[:count] = self.block[offset : offset + count]
        self._at += count
        return count

    def blocks(self) -> Iterator[bytes]:
        """The text, block by block."""
        for start in range(0, self.size, _BLOCK_BYTES):
            yield self.block[: min(_BLOCK_BYTES, self.size - start)]

    def crc(self) -> int:
        """Its CRC-32."""
        crc = 0
        for block in self.blocks():
            crc = isal_zlib.crc32(block, crc)
        return crc


@dataclass(frozen=True, slots=True)
class Case:
    """One way in which a file may land; ``limit`` names what its speed is compared with."""

    name: str
    limit: str
    make: Make
    staged: bool = False


def _plain(text: Text, sink: BinaryIO, _sender: Sender) -> Metadata:
    for block in text.blocks():
        sink.write(block)
    return {}


def _gzip(text: Text, sink: BinaryIO, _sender: Sender) -> Metadata:
    packed = {len(block): gzip.compress(block, 6) for block in {text.block, *_last(text)}}
    for block in text.blocks():
        sink.write(packed[len(block)])
    return {}


def _last(text: Text) -> list[bytes]:
    return [text.block[: text.size % _BLOCK_BYTES]] if text.size % _BLOCK_BYTES else []


class _Repeating:
    """Deflates equal blocks once only: a block behind a full flush is the same wherever it stands."""

    def __init__(self) -> None:
        self._known: dict[int, bytes] = {}

    def compress(self, block: bytes) -> bytes:
        if len(block) not in self._known:
            packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
            self._known[len(block)] = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
        return self._known[len(block)]

    def flush(self) -> bytes:
        return b"\x03\x00"  # a last block without content


def _zip(text: Text, sink: BinaryIO, _sender: Sender) -> Metadata:
    archive = zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED)
    with archive, archive.open("Sent.csv", "w", force_zip64=True) as member:
        member._compressor = _Repeating()  # type: ignore[attr-defined]  # zlib would take minutes
        for block in text.blocks():
            member.write(block)
    return {}


def _s3ec_v2(text: Text, sink: BinaryIO, _sender: Sender) -> Metadata:
    return encrypt_s3ec_v2(cast("BinaryIO", text), sink, KEY_ARN, {}, get_session())


def _s3ec_v3(text: Text, sink: BinaryIO, _sender: Sender) -> Metadata:
    return encrypt_s3ec_v3(cast("BinaryIO", text), sink, KEY_ARN, {}, get_session())


def _esdk(frame_bytes: int, suite: AlgorithmSuite, inner: Make = _plain) -> Make:
    def make(text: Text, sink: BinaryIO, sender: Sender) -> Metadata:
        source: BinaryIO = cast("BinaryIO", text)
        if inner is not _plain:
            path = Path(sender.folder, "inner")
            with path.open("wb") as packed:
                inner(text, packed, sender)
            source = path.open("rb")
        message = EncryptionSDKClient(
            commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
        ).stream(
            mode="encrypt",
            source=source,
            key_provider=StrictAwsKmsMasterKeyProvider(botocore_session=get_session(), key_ids=[KEY_ARN]),
            algorithm=suite,
            frame_length=frame_bytes,
        )
        while chunk := message.read(max(frame_bytes, 1 << 16)):
            sink.write(chunk)
        source.close()
        return {}

    return make


def _pgp(*options: str) -> Make:
    def make(text: Text, sink: BinaryIO, sender: Sender) -> Metadata:
        plain, sealed = Path(sender.folder, "plain"), Path(sender.folder, "sealed")
        with plain.open("wb") as file:
            _plain(text, file, sender)
        recipient = ["--recipient", "plain", "--output", str(sealed)]
        sender.gpg(*recipient, *options, "--encrypt", str(plain))
        with sealed.open("rb") as file:
            while chunk := file.read(MIB):
                sink.write(chunk)
        plain.unlink()
        sealed.unlink()
        return {}

    return make


CASES = (
    Case("plain", "none", _plain),
    Case("s3ec-v2", "official", _s3ec_v2),
    Case("s3ec-v3", "official", _s3ec_v3),
    Case("esdk, 4 KiB frames", "library", _esdk(4096, _UNSIGNED)),
    Case("esdk, 4 KiB frames, signed", "library", _esdk(4096, _SIGNED)),
    Case("esdk, 64 KiB frames", "library", _esdk(1 << 16, _UNSIGNED)),
    Case("zip", "inflate", _zip),
    Case("gzip", "inflate", _gzip),
    Case("pgp, not compressed", "gpg", _pgp("--compress-algo", "none")),
    Case("pgp, compressed", "gpg", _pgp()),
    Case("zip in esdk, staged", "inflate", _esdk(1 << 16, _UNSIGNED, _zip), staged=True),
)


def make_sample(case: Case, mib: int, folder: Path, sender: Sender, name: str = "Sent.csv") -> Text:
    """Write the case's file as the streaming server keeps objects, and give the text that is in it."""
    text, path = Text(mib), folder / f"landing%{name}"
    with path.open("wb") as sink:
        metadata = case.make(text, sink, sender)
    path.with_name(path.name + ".metadata").write_text(json.dumps(metadata))
    return text
