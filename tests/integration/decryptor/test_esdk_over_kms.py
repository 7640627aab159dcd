"""AWS Encryption SDK files under a KMS key: encrypted by the command line, decrypted by the decryptor."""

from __future__ import annotations

import io
import zipfile

import pytest

from landfall.encryption import encrypt_esdk
from services.decryptor.encryption_errors import (
    EncryptionContextMismatch,
    EsdkTampered,
    KmsKeyDisabled,
    KmsKeyNotAllowed,
)
from services.decryptor.keyring import Keyring
from services.decryptor.kms import KmsKeys, kms_clients
from tests.integration.decryptor.conftest import Kms
from tests.stack import Clients
from tests.unit.decryptor.landing import CSV, Landing, layers, unpacked, zipped

CONTEXT = {"purpose": "landing"}
MEMBERS = {"Sent.csv": CSV * 50, "Opens.csv": CSV}


def encrypted(kms: Kms, plaintext: bytes) -> bytes:
    sink = io.BytesIO()
    encrypt_esdk(io.BytesIO(plaintext), sink, kms.key_arn, CONTEXT, kms.session())
    return sink.getvalue()


def keyring(kms: Kms, *arns: str, **context: str) -> Keyring:
    return Keyring(KmsKeys(kms_clients(kms.session()), frozenset(arns), required_context=context))


def test_an_encrypted_extract_comes_out(kms: Kms) -> None:
    landing = Landing("20260131_Extract.zip", encrypted(kms, zipped(MEMBERS)))
    assert unpacked(landing, keyring(kms, kms.key_arn)) == MEMBERS
    assert layers(landing, keyring(kms, kms.key_arn)) == [("aws-encryption-sdk", "zip")] * 2


def test_a_stored_extract_of_many_frames_comes_out(kms: Kms) -> None:
    archive = zipped({"Sent.csv": CSV * 50}, zipfile.ZIP_STORED)
    assert unpacked(Landing("x.zip", encrypted(kms, archive)), keyring(kms, kms.key_arn)) == {
        "Sent.csv": CSV * 50
    }


def test_a_required_encryption_context_is_seen(kms: Kms) -> None:
    landing = Landing("Sent.csv", encrypted(kms, CSV))
    assert unpacked(landing, keyring(kms, kms.key_arn, purpose="landing")) == {"Sent.csv": CSV}
    with pytest.raises(EncryptionContextMismatch):
        unpacked(landing, keyring(kms, kms.key_arn, purpose="other"))


def test_another_key_is_refused(kms: Kms) -> None:
    with pytest.raises(KmsKeyNotAllowed):
        unpacked(Landing("Sent.csv", encrypted(kms, CSV)), keyring(kms, kms.other_key_arn))


def test_a_disabled_key_is_told_apart(kms: Kms, clients: Clients) -> None:
    landing = Landing("Sent.csv", encrypted(kms, CSV))
    clients.kms.disable_key(KeyId=kms.key_arn)
    with pytest.raises(KmsKeyDisabled):
        unpacked(landing, keyring(kms, kms.key_arn))


def test_a_wrong_data_key_is_seen_even_where_kms_gives_it_out(kms: Kms) -> None:
    """The emulator decrypts a damaged data key to something else, which the message's commitment betrays."""
    damaged = bytearray(encrypted(kms, CSV))
    wrapped = damaged.rindex(kms.key_arn.rpartition("/")[2].encode())
    length = int.from_bytes(damaged[wrapped - 2 : wrapped], "big")
    damaged[wrapped + length - 1] ^= 1
    with pytest.raises(EsdkTampered):
        unpacked(Landing("Sent.csv", bytes(damaged)), keyring(kms, kms.key_arn))
