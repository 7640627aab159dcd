"""Whatever KMS refuses keeps its cause, whichever format asked."""

from __future__ import annotations

import io

import pytest

from landfall.encryption import encrypt_kms, encrypt_s3ec_v2, encrypt_s3ec_v3
from services.decryptor.encryption_errors import (
    KmsAccessDenied,
    KmsCiphertextRefused,
    KmsKeyDisabled,
    KmsKeyNotFound,
    KmsUnavailable,
    KmsWrongKey,
)
from shared.errors import LandfallError
from tests.unit.decryptor.esdk_messages import esdk_message
from tests.unit.decryptor.kms_double import KmsDouble
from tests.unit.decryptor.landing import CSV, Landing, keyring, unpacked

SMALL = CSV[:4000]
REFUSALS: dict[str, type[LandfallError]] = {
    "AccessDeniedException": KmsAccessDenied,
    "DisabledException": KmsKeyDisabled,
    "KMSInvalidStateException": KmsKeyDisabled,
    "NotFoundException": KmsKeyNotFound,
    "IncorrectKeyException": KmsWrongKey,
    "InvalidCiphertextException": KmsCiphertextRefused,
    "ThrottlingException": KmsUnavailable,
}


def landed(kms: KmsDouble, key: str, way: str) -> Landing:
    if way == "esdk":
        return Landing("Sent.csv", esdk_message(kms, [key], SMALL))
    encrypt = {"s3ec-v2": encrypt_s3ec_v2, "s3ec-v3": encrypt_s3ec_v3, "kms": encrypt_kms}[way]
    sink = io.BytesIO()
    metadata = encrypt(io.BytesIO(SMALL), sink, key, {}, kms.session)
    return Landing("Sent.csv", sink.getvalue(), metadata)


@pytest.mark.parametrize("way", ["esdk", "s3ec-v2", "s3ec-v3", "kms"])
@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_keeps_its_cause(code: str, way: str) -> None:
    kms = KmsDouble()
    landing = landed(kms, kms.create_key(), way)
    kms.fail_with = code
    with pytest.raises(REFUSALS[code]):
        unpacked(landing, keyring(kms))


@pytest.mark.parametrize("way", ["esdk", "s3ec-v2", "s3ec-v3", "kms"])
def test_a_file_takes_one_call(way: str) -> None:
    kms = KmsDouble()
    landing = landed(kms, kms.create_key(), way)
    kms.calls.clear()
    assert unpacked(landing, keyring(kms)) == {"Sent.csv": SMALL}
    assert kms.calls == ["Decrypt"]
