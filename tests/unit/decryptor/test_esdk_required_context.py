"""Messages whose sender kept required pairs of the encryption context out of them, by AWS's own library."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from landfall.cli import main
from landfall.commands import decrypt
from services.decryptor.encryption_errors import (
    EncryptionContextMismatch,
    EsdkTampered,
    KmsAccessDenied,
    KmsCiphertextRefused,
)
from services.decryptor.formats.esdk_header import MessageReader, read_header
from tests.unit.decryptor.esdk_messages import esdk_message
from tests.unit.decryptor.kms_double import KmsDouble
from tests.unit.decryptor.landing import CSV, Landing, escaped, flipped, keyring, unpacked


@dataclass(frozen=True)
class Vector:
    """A message and a KMS that knows its key; ``required`` is what the message does not carry."""

    message: bytes
    plaintext: bytes
    required: Mapping[str, str]
    kms: KmsDouble


def loaded(vector: Mapping[str, Any]) -> Vector:
    kms = KmsDouble()
    kms.create_key()
    binary = {
        name: base64.b64decode(vector[name]) for name in ("message", "plaintext", "data_key", "wrapped_key")
    }
    kms.plant(binary["wrapped_key"], binary["data_key"], vector["kms_context"])
    return Vector(binary["message"], binary["plaintext"], vector["required"], kms)


FILE = Path(__file__).with_name("vectors") / "esdk_required_context.json"
VECTORS = {each["name"]: loaded(each) for each in json.loads(FILE.read_text())["vectors"]}
EVERY_VECTOR = pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
ONE_PAIR = VECTORS["one pair, nothing stored"]


@EVERY_VECTOR
def test_the_required_pairs_of_the_settings_open_the_message(vector: Vector) -> None:
    keys = keyring(vector.kms, **vector.required)
    assert unpacked(Landing("Sent.csv.enc", vector.message), keys) == {"Sent.csv": vector.plaintext}


@EVERY_VECTOR
def test_the_pairs_are_really_not_in_the_message(vector: Vector) -> None:
    header = read_header(MessageReader(iter([vector.message])))
    assert not vector.required.keys() & header.context.keys()


@EVERY_VECTOR
def test_without_the_setting_the_message_stays_closed(vector: Vector) -> None:
    with pytest.raises(KmsCiphertextRefused):
        unpacked(Landing("Sent.csv.enc", vector.message), keyring(vector.kms))


@pytest.mark.parametrize("required", [{"purpose": "other"}, {"purpose": "landing", "unit": "7"}])
def test_other_pairs_than_the_sender_s_are_a_mismatch(required: dict[str, str]) -> None:
    with pytest.raises(EncryptionContextMismatch, match="purpose"):
        unpacked(Landing("Sent.csv.enc", ONE_PAIR.message), keyring(ONE_PAIR.kms, **required))


def test_a_message_without_the_pairs_is_a_mismatch_where_kms_does_not_look_at_the_context() -> None:
    """The emulators of KMS do not. The header's own tag shows that the sender did not know the pairs."""
    kms = KmsDouble()
    message = esdk_message(kms, [kms.create_key()], CSV)
    header = read_header(MessageReader(iter([message])))
    data_key = keyring(kms).kms.decrypt(header.keys[0].ciphertext, header.context)
    kms.plant(header.keys[0].ciphertext, data_key, {**header.context, "purpose": "landing"})
    with pytest.raises(EncryptionContextMismatch):
        unpacked(Landing("Sent.csv.enc", message), keyring(kms, purpose="landing"))


def test_a_pair_with_another_value_in_the_message_is_refused_without_a_call() -> None:
    kms = KmsDouble()
    message = esdk_message(kms, [kms.create_key()], CSV, context={"purpose": "other"})
    kms.calls.clear()
    with pytest.raises(EncryptionContextMismatch):
        unpacked(Landing("Sent.csv.enc", message), keyring(kms, purpose="landing"))
    assert kms.calls == []


def test_other_refusals_of_kms_are_told_as_they_are() -> None:
    kms = KmsDouble(fail_with="AccessDeniedException")
    kms.create_key()
    with pytest.raises(KmsAccessDenied):
        unpacked(Landing("Sent.csv.enc", ONE_PAIR.message), keyring(kms, purpose="landing"))


def test_no_flipped_bit_goes_unseen() -> None:
    keys = keyring(ONE_PAIR.kms, **ONE_PAIR.required)
    assert escaped(flipped(ONE_PAIR.message), "Sent.csv.enc", keys) == []


def test_a_changed_header_is_tampered_and_no_mismatch() -> None:
    damaged = bytearray(ONE_PAIR.message)
    damaged[10] ^= 1  # in the message id
    with pytest.raises(EsdkTampered):
        unpacked(Landing("Sent.csv.enc", bytes(damaged)), keyring(ONE_PAIR.kms, **ONE_PAIR.required))


def test_the_command_takes_the_pairs_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Sent.csv.enc").write_bytes(ONE_PAIR.message)
    monkeypatch.setattr(decrypt, "kms_session", lambda: ONE_PAIR.kms.session)
    command = ["decrypt", str(tmp_path / "Sent.csv.enc"), "--out", str(tmp_path / "out")]

    assert main(command) == 1
    assert "KMS_CIPHERTEXT_REFUSED" in capsys.readouterr().err

    monkeypatch.setenv("LANDFALL_KMS_ENCRYPTION_CONTEXT", "purpose=landing")
    assert main(command) == 0
    assert (tmp_path / "out" / "Sent.csv").read_bytes() == ONE_PAIR.plaintext
