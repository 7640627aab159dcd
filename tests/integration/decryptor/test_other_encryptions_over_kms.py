"""S3 Encryption Client objects and KMS ciphertexts: made by the command line, opened by the decryptor."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import BinaryIO

import pytest
from botocore.session import Session

from landfall.encryption import Metadata, encrypt_kms, encrypt_s3ec_v2, encrypt_s3ec_v3
from landfall.errors import OperatorError
from services.decryptor.encryption_errors import KmsCiphertextRefused, KmsKeyDisabled, S3ecTampered
from services.decryptor.keyring import Keyring
from services.decryptor.kms import KmsKeys, kms_clients
from tests.integration.decryptor.conftest import Kms
from tests.stack import Clients
from tests.unit.decryptor.landing import CSV, Landing, layers, unpacked, zipped

Encrypt = Callable[[BinaryIO, BinaryIO, str, Mapping[str, str], Session], Metadata]
CONTEXT = {"purpose": "landing"}
SMALL = CSV[:4000]
EVERY_WAY = pytest.mark.parametrize(
    ("encrypt", "layer"),
    [
        (encrypt_s3ec_v2, "s3-encryption-client"),
        (encrypt_s3ec_v3, "s3-encryption-client"),
        (encrypt_kms, "kms"),
    ],
    ids=["s3ec-v2", "s3ec-v3", "kms"],
)


def encrypted(kms: Kms, encrypt: Encrypt, plaintext: bytes = SMALL, name: str = "Sent.csv") -> Landing:
    sink = io.BytesIO()
    metadata = encrypt(io.BytesIO(plaintext), sink, kms.key_arn, CONTEXT, kms.session())
    return Landing(name, sink.getvalue(), metadata)


def keyring(kms: Kms, **context: str) -> Keyring:
    arns = frozenset({kms.key_arn})
    return Keyring(KmsKeys(kms_clients(kms.session()), arns, required_context=context))


@EVERY_WAY
def test_a_file_comes_out(encrypt: Encrypt, layer: str, kms: Kms) -> None:
    landing = encrypted(kms, encrypt)
    keys = keyring(kms, purpose="landing")
    assert unpacked(landing, keys) == {"Sent.csv": SMALL}
    assert layers(landing, keys) == [(layer,)]


@pytest.mark.parametrize("encrypt", [encrypt_s3ec_v2, encrypt_s3ec_v3], ids=["s3ec-v2", "s3ec-v3"])
def test_an_extract_comes_out(encrypt: Encrypt, kms: Kms) -> None:
    members = {"Sent.csv": CSV * 50, "Opens.csv": CSV}
    assert unpacked(encrypted(kms, encrypt, zipped(members), "x.zip"), keyring(kms)) == members


@EVERY_WAY
def test_a_disabled_key_is_told_apart(encrypt: Encrypt, layer: str, kms: Kms, clients: Clients) -> None:
    landing = encrypted(kms, encrypt)
    clients.kms.disable_key(KeyId=kms.key_arn)
    with pytest.raises(KmsKeyDisabled):
        unpacked(landing, keyring(kms, purpose="landing"))


@pytest.mark.parametrize("encrypt", [encrypt_s3ec_v2, encrypt_s3ec_v3], ids=["s3ec-v2", "s3ec-v3"])
def test_a_changed_byte_is_tampering(encrypt: Encrypt, kms: Kms) -> None:
    landing = encrypted(kms, encrypt)
    landing.content = landing.content[:100] + b"?" + landing.content[101:]
    with pytest.raises(S3ecTampered):
        unpacked(landing, keyring(kms))


def test_a_kms_ciphertext_needs_its_encryption_context(kms: Kms) -> None:
    with pytest.raises(KmsCiphertextRefused):
        unpacked(encrypted(kms, encrypt_kms), keyring(kms))


def test_kms_itself_takes_small_files_only(kms: Kms) -> None:
    with pytest.raises(OperatorError):
        encrypted(kms, encrypt_kms, CSV[:4097])
