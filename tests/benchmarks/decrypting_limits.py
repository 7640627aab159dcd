"""What the decryptor's speed is held against: the same bytes through the bare tool, right beside it."""

from __future__ import annotations

import io
import json
import resource
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aws_encryption_sdk import CommitmentPolicy, EncryptionSDKClient, StrictAwsKmsMasterKeyProvider
from botocore.session import get_session
from isal import isal_zlib

from tests.benchmarks.decrypting_samples import Case, Text
from tests.benchmarks.streaming_s3 import BUCKET, KEY_ARN
from tests.unit.decryptor.gpg_sender import Sender

_IN_MEMORY_MIB = 32
_INPUT_BYTES, _CHUNK_BYTES = 32 << 10, 128 << 10


@dataclass(frozen=True, slots=True)
class Speed:
    """MiB of plaintext a second: by the clock, and by the processor time that was used."""

    wall: float
    cpu: float


def measure(case: Case, mib: int, folder: Path, sender: Sender, official: Path | None) -> Speed | None:
    """The case's limit; None where it has none, or none can be measured here."""
    match case.limit:
        case "library":
            return _library(case, sender)
        case "inflate":
            return _inflate(mib)
        case "gpg":
            return _gpg(folder, mib, sender)
        case "official" if official is not None:
            return told(
                subprocess.run(
                    [official, Path(__file__).with_name("official_s3ec.py"), BUCKET, KEY_ARN],
                    stdout=subprocess.PIPE,
                    check=True,
                ).stdout,
                mib,
            )
        case _:
            return None


def told(output: bytes, mib: int) -> Speed:
    """What a measured process printed last."""
    seconds = json.loads(output.splitlines()[-1])
    return Speed(mib / seconds["wall"], mib / seconds["cpu"])


def _timed(work: Callable[[], object], mib: int, who: int = resource.RUSAGE_SELF) -> Speed:
    def used() -> float:
        usage = resource.getrusage(who)
        return usage.ru_utime + usage.ru_stime

    began, cpu = time.perf_counter(), used()
    work()
    return Speed(mib / (time.perf_counter() - began), mib / (used() - cpu))


def _library(case: Case, sender: Sender) -> Speed:
    """AWS's own library, from memory to nowhere; it reads frames best one at a time."""
    sealed = io.BytesIO()
    case.make(Text(_IN_MEMORY_MIB), sealed, sender)
    message = sealed.getvalue()
    client = EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
    provider = StrictAwsKmsMasterKeyProvider(botocore_session=get_session(), key_ids=[KEY_ARN])

    def work() -> None:
        with client.stream(mode="decrypt", source=io.BytesIO(message), key_provider=provider) as stream:
            while stream.read(1 << 16):
                pass

    return _timed(work, _IN_MEMORY_MIB)


def _inflate(mib: int) -> Speed:
    """ISA-L's inflate, from memory to nowhere."""
    size = min(mib, _IN_MEMORY_MIB)
    packer = isal_zlib.compressobj(isal_zlib.ISAL_DEFAULT_COMPRESSION, isal_zlib.DEFLATED, -15)
    packed = b"".join([*(packer.compress(block) for block in Text(size).blocks()), packer.flush()])

    def work() -> None:
        inflater, source = isal_zlib.decompressobj(-15), io.BytesIO(packed)
        while data := source.read(_INPUT_BYTES):
            while inflater.decompress(data, _CHUNK_BYTES):
                data = inflater.unconsumed_tail

    return _timed(work, size)


def _gpg(folder: Path, mib: int, sender: Sender) -> Speed:
    """gpg by itself between two pipes, from a file to nowhere."""
    gpg = f"gpg --homedir '{sender.folder}' --batch --quiet --skip-verify --decrypt"
    pipe = f"cat '{folder / 'landing%Sent.csv'}' | {gpg} | cat > /dev/null"
    return _timed(lambda: subprocess.run(["sh", "-c", pipe], check=True), mib, resource.RUSAGE_CHILDREN)
