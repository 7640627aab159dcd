"""Small files that KMS itself encrypted."""

from __future__ import annotations

import pytest

from services.decryptor.encryption_errors import KmsBlobTooLarge, KmsCiphertextRefused, KmsKeyNotAllowed
from services.decryptor.errors import UnrecognisedFormat
from tests.unit.decryptor.kms_double import KmsDouble
from tests.unit.decryptor.landing import CSV, Landing, cut, escaped, flipped, keyring, layers, unpacked

KMS = KmsDouble()
KEY, OTHER_KEY = KMS.create_key(), KMS.create_key()
TEXT = CSV[:4096]
BLOB = KMS.encrypt(KEY, TEXT, {})
DECLARED = {"landfall-format": "kms"}


def test_a_blob_is_recognised_and_comes_out() -> None:
    landing = Landing("Sent.csv.enc", BLOB)
    assert unpacked(landing, keyring(KMS)) == {"Sent.csv": TEXT}
    assert layers(landing, keyring(KMS)) == [("kms",)]


def test_the_required_encryption_context_is_that_of_the_blob() -> None:
    blob = KMS.encrypt(KEY, TEXT, {"purpose": "landing"})
    assert unpacked(Landing("Sent.csv", blob), keyring(KMS, purpose="landing")) == {"Sent.csv": TEXT}
    with pytest.raises(KmsCiphertextRefused):
        unpacked(Landing("Sent.csv", blob), keyring(KMS))


def test_a_blob_under_a_key_that_is_not_listed_is_refused() -> None:
    third = KMS.create_key()
    with pytest.raises(KmsKeyNotAllowed):
        unpacked(Landing("Sent.csv", BLOB), keyring(KMS, OTHER_KEY, third))


def test_a_blob_may_be_declared_where_its_first_bytes_are_others() -> None:
    kms = KmsDouble()
    key = kms.create_key()
    kms.plant(b"made by an emulator", TEXT, {})
    landing = Landing("Sent.csv", b"made by an emulator", DECLARED)
    assert unpacked(landing, keyring(kms, key)) == {"Sent.csv": TEXT}


def test_what_is_declared_and_too_large_for_kms_is_refused() -> None:
    with pytest.raises(KmsBlobTooLarge):
        unpacked(Landing("Sent.csv", BLOB + bytes(3000), DECLARED), keyring(KMS))


def test_something_large_that_begins_like_a_blob_is_none() -> None:
    with pytest.raises(UnrecognisedFormat):
        unpacked(Landing("Sent.csv", BLOB + bytes(3000)), keyring(KMS))


def test_an_unknown_declaration_is_refused() -> None:
    with pytest.raises(UnrecognisedFormat):
        unpacked(Landing("Sent.csv", CSV, {"landfall-format": "rot13"}), keyring(KMS))


def test_nothing_is_taken_for_text_by_declaration() -> None:
    with pytest.raises(UnrecognisedFormat):
        unpacked(Landing("Sent.csv", bytes(100), {"landfall-format": "plain"}), keyring(KMS))


def test_no_flipped_bit_goes_unseen() -> None:
    assert escaped(flipped(BLOB, most=100), "Sent.csv", keyring(KMS)) == []


def test_no_cut_blob_comes_out() -> None:
    assert escaped(cut(BLOB, most=100), "Sent.csv", keyring(KMS)) == []


def test_bytes_behind_the_blob_are_refused() -> None:
    with pytest.raises(KmsCiphertextRefused):
        unpacked(Landing("Sent.csv", BLOB + b"\0"), keyring(KMS))
