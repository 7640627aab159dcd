"""Our reader of AWS Encryption SDK messages and AWS's own make the same of any message, or both refuse it."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

import pytest
from aws_encryption_sdk import CommitmentPolicy, StreamDecryptor
from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError, SerializationError
from aws_encryption_sdk.identifiers import AlgorithmSuite
from cryptography.exceptions import InvalidSignature, InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import LandfallError
from tests.unit.decryptor.esdk_messages import SUITES, esdk_message, library_provider
from tests.unit.decryptor.kms_double import KmsDouble
from tests.unit.decryptor.landing import CSV, Landing, cut, flipped, keyring, unpacked

KMS = KmsDouble()
KEYS = [KMS.create_key(), KMS.create_key()]
CONTEXT = {"purpose": "landing", "größe": "7"}
EVERY_SUITE = pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
EITHER_FRAMING = pytest.mark.parametrize("frame_length", [128, 0], ids=["framed", "unframed"])
# Of damaged messages the library lets out more than errors of its own.
REFUSALS = (AWSEncryptionSDKClientError, InvalidTag, InvalidSignature, ValueError, KeyError, TypeError)


class Reader(StreamDecryptor):  # type: ignore[misc]  # it ships no types
    """The library's reader, which complains once more when Python 3.13 disposes of it after a refusal."""

    def close(self) -> None:
        with contextlib.suppress(SerializationError):
            super().close()


def by_library(message: bytes) -> bytes | None:
    """What the library makes of a message, with nothing left of it; None where it refuses."""
    source = io.BytesIO(message)
    try:
        with Reader(
            source=source,
            key_provider=library_provider(KMS, KEYS),
            commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT,
            max_encrypted_data_keys=3,
        ) as stream:
            plaintext = bytes(stream.read())
    except REFUSALS:
        return None
    return None if source.read(1) else plaintext


def by_us(message: bytes) -> bytes | None:
    """What we make of a message; None where we refuse."""
    try:
        return unpacked(Landing("Sent.csv", message), keyring(KMS))["Sent.csv"]
    except LandfallError:
        return None


def disagreements(variants: Iterator[tuple[int, bytes]]) -> list[int]:
    return [position for position, message in variants if by_us(message) != by_library(message)]


@settings(max_examples=60)
@given(
    suite=st.sampled_from(SUITES),
    frame_length=st.sampled_from([0, 128, 512, 4096, 200_064]),
    size=st.integers(2, 3000) | st.sampled_from([4096, 8192, 8193]),
    context=st.dictionaries(st.text(min_size=1, max_size=5), st.text(min_size=1, max_size=5), max_size=3),
    keys=st.sampled_from([KEYS, KEYS[:1]]),
)
def test_any_message_comes_out_alike(
    suite: AlgorithmSuite, frame_length: int, size: int, context: dict[str, str], keys: list[str]
) -> None:
    context = {name: value for name, value in context.items() if not name.startswith("aws-crypto")}
    text = CSV[:size]
    message = esdk_message(KMS, keys, text, suite, frame_length, context)
    assert by_us(message) == by_library(message) == text


@EVERY_SUITE
@EITHER_FRAMING
def test_a_flipped_bit_is_judged_alike(suite: AlgorithmSuite, frame_length: int) -> None:
    message = esdk_message(KMS, KEYS[:1], CSV[:300], suite, frame_length, CONTEXT)
    assert disagreements(each for each in flipped(message, most=40)) == []


@EVERY_SUITE
@EITHER_FRAMING
def test_a_cut_is_judged_alike(suite: AlgorithmSuite, frame_length: int) -> None:
    message = esdk_message(KMS, KEYS[:1], CSV[:300], suite, frame_length, CONTEXT)
    assert disagreements(each for each in cut(message, most=20)) == []


@EVERY_SUITE
def test_a_part_of_another_message_is_judged_alike(suite: AlgorithmSuite) -> None:
    """Everything from some byte on is that of another message of the same shape."""
    one, other = (esdk_message(KMS, KEYS[:1], CSV[:300], suite, 128, CONTEXT) for _ in range(2))
    joined = ((at, one[:at] + other[at:]) for at in range(0, min(len(one), len(other)), 11))
    assert disagreements(joined) == []
