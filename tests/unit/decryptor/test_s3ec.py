"""Objects that AWS's own S3 Encryption Client made: good, damaged, and with metadata that it never writes."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from services.decryptor.encryption_errors import (
    EncryptionContextMismatch,
    KmsCiphertextRefused,
    S3ecInstructionMissing,
    S3ecMetadataInvalid,
    S3ecMetadataMixed,
    S3ecTampered,
    S3ecTruncated,
    S3ecUnsupported,
    S3ecVersion1,
)
from services.decryptor.errors import TrailingBytes, UnrecognisedFormat
from services.decryptor.keyring import Keyring
from services.decryptor.landed import MOST_SIBLING_BYTES
from shared.errors import LandfallError
from tests.unit.decryptor.kms_double import KmsDouble
from tests.unit.decryptor.landing import CSV, Landing, cut, flipped, keyring, layers, unpacked

WRAPPING = {"x-amz-3", "x-amz-w", "x-amz-t", "x-amz-m"}


@dataclass(frozen=True)
class Vector:
    """An object that the client made, in the bucket of a KMS that knows its key."""

    landing: Landing
    plaintext: bytes
    keys: Keyring

    def with_metadata(self, **changes: str | None) -> Landing:
        """The object with metadata fields changed, or removed where None; ``_`` stands for ``-``."""
        fields = dict(self.landing.metadata)
        for name, value in changes.items():
            fields.pop(name.replace("_", "-"), None)
            if value is not None:
                fields[name.replace("_", "-")] = value
        return replace(self.landing, metadata=fields)

    def with_instruction(self, moved: set[str]) -> Landing:
        """The object with some fields moved to an instruction file."""
        fields = self.landing.metadata
        instruction = {name: value for name, value in fields.items() if name in moved}
        return replace(
            self.landing,
            metadata={name: value for name, value in fields.items() if name not in moved},
            siblings={".instruction": json.dumps(instruction).encode()},
        )


def loaded(vector: Mapping[str, Any]) -> Vector:
    kms = KmsDouble()
    kms.create_key()
    fields = vector["metadata"]
    context = json.loads(fields.get("x-amz-matdesc") or fields["x-amz-t"])
    kms.plant(base64.b64decode(vector["wrapped_key"]), base64.b64decode(vector["data_key"]), context)
    landing = Landing("Sent.csv", base64.b64decode(vector["content"]), fields)
    return Vector(landing, base64.b64decode(vector["plaintext"]), keyring(kms))


VECTORS = {
    each["name"]: loaded(each)
    for each in json.loads(Path(__file__).with_name("vectors").joinpath("s3ec.json").read_text())["vectors"]
}
V2, V3 = VECTORS["v2 put"], VECTORS["v3 put"]
EVERY_VECTOR = pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS.keys())
EITHER_VERSION = pytest.mark.parametrize("vector", [V2, V3], ids=["v2", "v3"])


@EVERY_VECTOR
def test_what_the_client_encrypted_comes_out(vector: Vector) -> None:
    assert unpacked(vector.landing, vector.keys) == {"Sent.csv": vector.plaintext}


def test_the_layer_is_named() -> None:
    assert layers(V3.landing, V3.keys) == [("s3-encryption-client",)]


@EITHER_VERSION
def test_metadata_names_match_in_any_case_and_with_their_prefix(vector: Vector) -> None:
    fields = {f"X-Amz-Meta-{name.upper()}": value for name, value in vector.landing.metadata.items()}
    assert unpacked(replace(vector.landing, metadata=fields), vector.keys) == {"Sent.csv": vector.plaintext}


@pytest.mark.parametrize(
    ("vector", "moved"), [(V2, set(V2.landing.metadata)), (V3, WRAPPING)], ids=["v2", "v3"]
)
def test_an_instruction_file_is_followed(vector: Vector, moved: set[str]) -> None:
    assert unpacked(vector.with_instruction(moved), vector.keys) == {"Sent.csv": vector.plaintext}


def test_a_required_encryption_context_is_demanded() -> None:
    strict = Keyring(replace(V2.keys.kms, required_context={"purpose": "other"}))
    with pytest.raises(EncryptionContextMismatch):
        unpacked(V2.landing, strict)


@EITHER_VERSION
def test_no_flipped_bit_goes_unseen(vector: Vector) -> None:
    escapes = []
    for position, content in flipped(vector.landing.content):
        try:
            unpacked(replace(vector.landing, content=content), vector.keys)
        except S3ecTampered:
            continue
        escapes.append(position)
    assert escapes == []


@EITHER_VERSION
def test_no_cut_object_comes_out(vector: Vector) -> None:
    escapes = []
    for length, content in cut(vector.landing.content):
        try:
            unpacked(replace(vector.landing, content=content), vector.keys)
        except LandfallError:
            continue
        escapes.append(length)
    assert escapes == []


@EITHER_VERSION
def test_bytes_behind_the_tag_are_refused(vector: Vector) -> None:
    with pytest.raises((S3ecTampered, TrailingBytes)):
        unpacked(replace(vector.landing, content=vector.landing.content + b"\0"), vector.keys)


@EITHER_VERSION
def test_a_length_that_the_metadata_does_not_state_is_truncation(vector: Vector) -> None:
    stated = vector.with_metadata(x_amz_unencrypted_content_length=str(len(vector.plaintext)))
    assert unpacked(stated, vector.keys) == {"Sent.csv": vector.plaintext}
    with pytest.raises(S3ecTruncated):
        unpacked(replace(stated, content=stated.content[:-20]), vector.keys)


@EITHER_VERSION
def test_an_object_shorter_than_a_tag_is_truncated(vector: Vector) -> None:
    with pytest.raises(S3ecTruncated):
        unpacked(replace(vector.landing, content=b"x" * 15), vector.keys)


@pytest.mark.parametrize(
    ("vector", "field"),
    [(V2, name) for name in ("x-amz-iv", "x-amz-key-v2", "x-amz-matdesc", "x-amz-wrap-alg", "x-amz-cek-alg")]
    + [(V3, name) for name in ("x-amz-c", "x-amz-3", "x-amz-w", "x-amz-t", "x-amz-d", "x-amz-i")],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("value", [None, "", "AAAA", "{}", "[1]", "€", "\0"])
def test_metadata_that_no_client_writes_is_refused(vector: Vector, field: str, value: str | None) -> None:
    with pytest.raises(LandfallError):
        unpacked(vector.with_metadata(**{field.replace("-", "_"): value}), vector.keys)


def test_a_changed_iv_is_tampering() -> None:
    with pytest.raises(S3ecTampered):
        unpacked(V2.with_metadata(x_amz_iv=base64.b64encode(b"another iv !").decode()), V2.keys)


@pytest.mark.parametrize("field", ["x_amz_d", "x_amz_i"], ids=["commitment", "message id"])
def test_a_commitment_that_does_not_fit_is_tampering(field: str) -> None:
    with pytest.raises(S3ecTampered):
        unpacked(V3.with_metadata(**{field: base64.b64encode(b"x" * 28).decode()}), V3.keys)


def test_another_encryption_context_is_refused_by_kms() -> None:
    context = json.dumps({"purpose": "other", "aws:x-amz-cek-alg": "115"})
    with pytest.raises(KmsCiphertextRefused):
        unpacked(V3.with_metadata(x_amz_t=context), V3.keys)


def test_a_context_that_does_not_bind_the_algorithm_is_refused_without_a_call() -> None:
    with pytest.raises(S3ecMetadataInvalid):
        unpacked(V2.with_metadata(x_amz_matdesc=json.dumps({"purpose": "landing"})), V2.keys)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"x_amz_key": "AAAA", "x_amz_key_v2": None, "x_amz_cek_alg": None}, id="v1"),
        pytest.param({"x_amz_cek_alg": "AES/CBC/PKCS5Padding"}, id="cbc"),
        pytest.param({"x_amz_wrap_alg": "kms"}, id="kms without context"),
    ],
)
def test_version_1_is_refused(changes: dict[str, str | None]) -> None:
    with pytest.raises(S3ecVersion1):
        unpacked(V2.with_metadata(**changes), V2.keys)


@pytest.mark.parametrize(
    ("vector", "changes"),
    [
        (V2, {"x_amz_wrap_alg": "RSA-OAEP-SHA1"}),
        (V2, {"x_amz_wrap_alg": "AES/GCM"}),
        (V2, {"x_amz_tag_len": "96"}),
        (V3, {"x_amz_w": "02"}),
        (V3, {"x_amz_w": "22"}),
        (V3, {"x_amz_c": "114"}),
    ],
)
def test_other_algorithms_are_refused(vector: Vector, changes: dict[str, str | None]) -> None:
    with pytest.raises(S3ecUnsupported):
        unpacked(vector.with_metadata(**changes), vector.keys)


@pytest.mark.parametrize(
    ("vector", "changes"),
    [
        pytest.param(V3, {"x_amz_key_v2": "AAAA"}, id="a v2 key in v3"),
        pytest.param(V3, {"x_amz_key": "AAAA"}, id="a v1 key in v3"),
        pytest.param(V2, {"x_amz_key": "AAAA"}, id="a v1 key in v2"),
        pytest.param(V2, {"x_amz_d": "AAAA"}, id="a commitment in v2"),
        pytest.param(V3, {"x_amz_iv": "AAAA"}, id="an iv in v3"),
    ],
)
def test_mixed_versions_are_refused(vector: Vector, changes: dict[str, str | None]) -> None:
    with pytest.raises(S3ecMetadataMixed):
        unpacked(vector.with_metadata(**changes), vector.keys)


def test_an_instruction_file_cannot_strip_the_key_commitment() -> None:
    """The known attack: a v3 object keeps its content fields, a planted instruction file brings a v2 key."""
    attacked = replace(
        V3.with_instruction(WRAPPING),
        siblings={".instruction": json.dumps(dict(V2.landing.metadata)).encode()},
    )
    with pytest.raises(S3ecMetadataMixed):
        unpacked(attacked, V2.keys)


def test_an_instruction_file_cannot_bring_its_own_commitment() -> None:
    with pytest.raises(S3ecMetadataMixed):
        unpacked(V3.with_instruction({*WRAPPING, "x-amz-d"}), V3.keys)


def test_a_missing_instruction_file_is_waited_for() -> None:
    with pytest.raises(S3ecInstructionMissing):
        unpacked(replace(V3.with_instruction(WRAPPING), siblings={}), V3.keys)


def test_an_object_whose_instruction_file_holds_everything_is_waited_for_too() -> None:
    """All that the object itself says then is how long its plaintext is."""
    bare = {"x-amz-unencrypted-content-length": str(len(V2.plaintext))}
    with pytest.raises(S3ecInstructionMissing):
        unpacked(replace(V2.landing, metadata=bare), V2.keys)
    complete = replace(V2.with_instruction(set(V2.landing.metadata)), metadata=bare)
    assert unpacked(complete, V2.keys) == {"Sent.csv": V2.plaintext}


def test_without_metadata_and_instruction_file_it_is_noise() -> None:
    with pytest.raises(UnrecognisedFormat):
        unpacked(replace(V2.landing, metadata={}), V2.keys)


@pytest.mark.parametrize(
    "instruction",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'{"x-amz-key-v2": 1}',
        b"\xff",
        pytest.param(b"[" * 60_000, id="nested too deeply"),
    ],
)
def test_an_instruction_file_that_is_none_is_refused(instruction: bytes) -> None:
    with pytest.raises(S3ecMetadataInvalid):
        unpacked(replace(V2.landing, metadata={}, siblings={".instruction": instruction}), V2.keys)


def test_an_instruction_file_larger_than_any_client_writes_is_refused() -> None:
    landing = V2.with_instruction(set(V2.landing.metadata))
    padded = landing.siblings[".instruction"].ljust(MOST_SIBLING_BYTES + 1)
    with pytest.raises(S3ecMetadataInvalid, match="larger"):
        unpacked(replace(landing, siblings={".instruction": padded}), V2.keys)


def test_an_object_larger_than_aes_gcm_encrypts_is_refused() -> None:
    with pytest.raises(S3ecUnsupported):
        unpacked(Claimed(**vars(V2.landing)), V2.keys)


class Claimed(Landing):
    """An object of 64 GiB, as far as one can see."""

    size = 1 << 36


def test_text_is_never_taken_for_an_object_with_an_instruction_file() -> None:
    landing = replace(V2.with_instruction(set(V2.landing.metadata)), content=CSV)
    assert unpacked(landing, V2.keys) == {"Sent.csv": CSV}
