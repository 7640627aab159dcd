"""AWS Encryption SDK messages of every suite and framing, good and damaged."""

from __future__ import annotations

import gzip

import pytest
from aws_encryption_sdk.identifiers import AlgorithmSuite

from services.decryptor.encryption_errors import (
    EncryptionContextMismatch,
    EsdkMalformed,
    EsdkTampered,
    EsdkTooManyKeys,
    EsdkTruncated,
    KmsCiphertextRefused,
    KmsKeyDisabled,
    KmsKeyNotAllowed,
    KmsUnavailable,
)
from services.decryptor.errors import EmptyObject, TrailingBytes, UnrecognisedFormat
from shared.errors import LandfallError, TransientError
from tests.unit.decryptor.esdk_messages import COMMITTING, SIGNING, SUITES, VERSION_1, esdk_message
from tests.unit.decryptor.kms_double import KmsDouble
from tests.unit.decryptor.landing import (
    CSV,
    Landing,
    cut,
    escaped,
    flipped,
    keyring,
    layers,
    unpacked,
    zipped,
)

FRAME_LENGTHS = [4096, 128 * 1024, 0]
KMS = KmsDouble()
KEY = KMS.create_key()
OTHER_KEY = KMS.create_key()
CONTEXT = {"purpose": "landing", "unit": "7"}


def message(plaintext: bytes = CSV, suite: AlgorithmSuite = COMMITTING, frame_length: int = 4096) -> bytes:
    return esdk_message(KMS, [KEY], plaintext, suite, frame_length, CONTEXT)


MESSAGES = {
    "framed": message(CSV[:900], frame_length=256),
    "unframed": message(CSV[:900], frame_length=0),
    "signed": message(CSV[:900], SIGNING),
    "version 1": message(CSV[:900], VERSION_1),
}
EVERY_MESSAGE = pytest.mark.parametrize("encrypted", MESSAGES.values(), ids=MESSAGES.keys())


@pytest.mark.parametrize("frame_length", [0, 256, 4096, 1 << 15])
@pytest.mark.parametrize("suite", [COMMITTING, SIGNING, VERSION_1], ids=lambda suite: suite.name)
def test_frames_may_lie_across_the_pieces_that_are_read(suite: AlgorithmSuite, frame_length: int) -> None:
    text = CSV * 10
    landing = Landing("Sent.csv.enc", message(text, suite, frame_length), viewed=True)
    assert unpacked(landing, keyring(KMS)) == {"Sent.csv": text}


@EVERY_MESSAGE
def test_damage_is_seen_across_the_pieces_that_are_read(encrypted: bytes) -> None:
    for _, damaged in (*flipped(encrypted, 40), *cut(encrypted, 40)):
        with pytest.raises(LandfallError):
            unpacked(Landing("Sent.csv.enc", damaged, viewed=True), keyring(KMS))


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_every_suite_comes_out(suite: AlgorithmSuite) -> None:
    assert unpacked(Landing("Sent.csv.enc", message(suite=suite)), keyring(KMS)) == {"Sent.csv": CSV}


@pytest.mark.parametrize("frame_length", FRAME_LENGTHS)
@pytest.mark.parametrize("size", [8, 4096, 3 * 128 * 1024, 3 * 128 * 1024 + 1])
def test_every_framing_comes_out(frame_length: int, size: int) -> None:
    text = (CSV * (size // len(CSV) + 1))[:size]
    encrypted = message(
        text, frame_length=frame_length if size < 100_000 else max(frame_length, 4096) * (frame_length > 0)
    )
    assert unpacked(Landing("Sent.csv", encrypted), keyring(KMS)) == {"Sent.csv": text}


@pytest.mark.parametrize(
    ("inner", "name", "expected"),
    [
        pytest.param(
            zipped({"Sent.csv": CSV, "Opens.csv": CSV}),
            "x.zip",
            {"Sent.csv": CSV, "Opens.csv": CSV},
            id="zip",
        ),
        pytest.param(gzip.compress(CSV), "Sent.csv.gz", {"Sent.csv": CSV}, id="gzip"),
        pytest.param(
            zipped({"Sent.csv.gz": gzip.compress(CSV)}), "x.zip", {"Sent.csv": CSV}, id="gzip in zip"
        ),
    ],
)
def test_what_is_inside_is_taken_off_too(inner: bytes, name: str, expected: dict[str, bytes]) -> None:
    assert unpacked(Landing(name, message(inner)), keyring(KMS)) == expected


def test_messages_inside_a_zip_are_decrypted() -> None:
    archive = zipped({"Sent.csv.enc": message(CSV), "Opens.csv.enc": message(CSV[:500])})
    assert unpacked(Landing("x.zip", archive), keyring(KMS)) == {"Sent.csv": CSV, "Opens.csv": CSV[:500]}


def test_the_layers_are_named_outermost_first() -> None:
    encrypted = message(zipped({"Sent.csv": CSV}))
    assert layers(Landing("x.zip", encrypted), keyring(KMS)) == [("aws-encryption-sdk", "zip")]


def test_a_message_around_nothing_is_refused() -> None:
    with pytest.raises(EmptyObject):
        unpacked(Landing("Sent.csv", message(b"")), keyring(KMS))


def test_one_call_unwraps_a_message_under_several_keys() -> None:
    encrypted = esdk_message(KMS, [OTHER_KEY, KEY], CSV)
    KMS.calls.clear()
    assert unpacked(Landing("Sent.csv", encrypted), keyring(KMS, KEY)) == {"Sent.csv": CSV}
    assert KMS.calls == ["Decrypt"]


def test_a_key_that_is_not_listed_is_refused_without_a_call() -> None:
    encrypted = message()
    KMS.calls.clear()
    with pytest.raises(KmsKeyNotAllowed, match=KEY):
        unpacked(Landing("Sent.csv", encrypted), keyring(KMS, OTHER_KEY))
    assert KMS.calls == []


def test_more_data_keys_than_three_are_refused_without_a_call() -> None:
    kms = KmsDouble()
    encrypted = esdk_message(kms, [kms.create_key() for _ in range(4)], CSV)
    kms.calls.clear()
    with pytest.raises(EsdkTooManyKeys):
        unpacked(Landing("Sent.csv", encrypted), keyring(kms))
    assert kms.calls == []


def test_a_required_encryption_context_is_met() -> None:
    assert unpacked(Landing("Sent.csv", message()), keyring(KMS, purpose="landing")) == {"Sent.csv": CSV}


@pytest.mark.parametrize("required", [{"purpose": "other"}, {"missing": "landing"}], ids=["value", "key"])
def test_an_encryption_context_without_what_is_required_is_refused(required: dict[str, str]) -> None:
    with pytest.raises(EncryptionContextMismatch):
        unpacked(Landing("Sent.csv", message()), keyring(KMS, **required))


@EVERY_MESSAGE
def test_bytes_behind_the_message_are_refused(encrypted: bytes) -> None:
    with pytest.raises(TrailingBytes):
        unpacked(Landing("Sent.csv", encrypted + b"\0"), keyring(KMS))


@EVERY_MESSAGE
def test_no_flipped_bit_goes_unseen(encrypted: bytes) -> None:
    assert escaped(flipped(encrypted), "Sent.csv", keyring(KMS)) == []


@EVERY_MESSAGE
def test_no_cut_message_comes_out(encrypted: bytes) -> None:
    assert escaped(cut(encrypted), "Sent.csv", keyring(KMS)) == []


@EVERY_MESSAGE
def test_a_message_without_its_last_byte_is_truncated(encrypted: bytes) -> None:
    with pytest.raises(EsdkTruncated):
        unpacked(Landing("Sent.csv", encrypted[:-1]), keyring(KMS))


@pytest.mark.parametrize("name", ["framed", "unframed", "version 1"])
def test_a_changed_tag_is_tampering(name: str) -> None:
    damaged = MESSAGES[name][:-1] + bytes([MESSAGES[name][-1] ^ 1])
    with pytest.raises(EsdkTampered):
        unpacked(Landing("Sent.csv", damaged), keyring(KMS))


def test_a_changed_frame_of_a_signed_message_is_tampering() -> None:
    encrypted = bytearray(MESSAGES["signed"])
    encrypted[-400] ^= 1
    with pytest.raises(EsdkTampered):
        unpacked(Landing("Sent.csv", bytes(encrypted)), keyring(KMS))


def test_more_content_than_one_frame_may_have_is_malformed() -> None:
    encrypted = message(CSV, VERSION_1, frame_length=0)
    stated = encrypted.replace(len(CSV).to_bytes(8, "big"), (1 << 36).to_bytes(8, "big"))
    with pytest.raises(EsdkMalformed):
        unpacked(Landing("Sent.csv", stated), keyring(KMS))


def test_frames_in_another_order_are_malformed() -> None:
    encrypted = MESSAGES["framed"]
    frame = 4 + 12 + 256 + 16
    first = encrypted.index(b"\0\0\0\1" + b"\0" * 11 + b"\1")
    swapped = (
        encrypted[:first]
        + encrypted[first + frame : first + 2 * frame]
        + encrypted[first : first + frame]
        + encrypted[first + 2 * frame :]
    )
    with pytest.raises(EsdkMalformed):
        unpacked(Landing("Sent.csv", swapped), keyring(KMS))


def test_a_data_key_of_another_message_is_tampering() -> None:
    """A wrapped key that KMS accepts, for a message it does not belong to."""
    encrypted = message(suite=VERSION_1)
    at = encrypted.index(b"\x01\x02\x02\x00x")
    length = int.from_bytes(encrypted[at - 2 : at], "big")
    foreign = KMS.encrypt(KEY, b"k" * 32, CONTEXT)
    assert len(foreign) == length
    with pytest.raises(EsdkTampered):
        unpacked(Landing("Sent.csv", encrypted[:at] + foreign + encrypted[at + length :]), keyring(KMS))


def test_a_changed_encryption_context_is_refused_by_kms() -> None:
    with pytest.raises(KmsCiphertextRefused):
        unpacked(Landing("Sent.csv", message().replace(b"landing", b"leaking", 1)), keyring(KMS))


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [("ThrottlingException", 400, KmsUnavailable), ("DisabledException", 400, KmsKeyDisabled)],
)
def test_a_refusal_by_kms_keeps_its_cause(code: str, status: int, error: type[Exception]) -> None:
    kms = KmsDouble()
    encrypted = esdk_message(kms, [kms.create_key()], CSV)
    kms.fail_with, kms.status = code, status
    with pytest.raises(error):
        unpacked(Landing("Sent.csv", encrypted), keyring(kms))


def test_one_throttled_key_of_several_is_tried_again_later_not_passed_over() -> None:
    kms = KmsDouble()
    encrypted = esdk_message(kms, [kms.create_key(), kms.create_key()], CSV)
    kms.fail_with = "ThrottlingException"
    kms.calls.clear()
    with pytest.raises(TransientError):
        unpacked(Landing("Sent.csv", encrypted), keyring(kms))
    assert len(set(kms.calls)) == 1


@pytest.mark.parametrize("head", [b"\x01\x80\xff\xff", b"\x02\x06\x78", b"\x01\x81\x03\x78"])
def test_what_only_resembles_a_message_is_not_taken_for_one(head: bytes) -> None:
    with pytest.raises(UnrecognisedFormat):
        unpacked(Landing("Sent.csv", head + bytes(200)), keyring(KMS))
