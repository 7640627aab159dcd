"""Encryption contexts beyond ASCII, as S3 returns them in an object's metadata."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from email.header import Header
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from landfall.cli import main
from landfall.commands import decrypt
from services.decryptor.encryption_errors import EncryptionContextMismatch, S3ecMetadataInvalid
from services.decryptor.formats.s3_metadata_text import decode_metadata
from tests.unit.decryptor.kms_double import KmsDouble
from tests.unit.decryptor.landing import CSV, Landing, keyring, unpacked

CONTEXT = {"Zweck": "Empfänger – Zürich", "部門": "販売" * 12, "aws:x-amz-cek-alg": "AES/GCM/NoPadding"}
MEANT = json.dumps(CONTEXT, ensure_ascii=False)


def as_latin_1(text: str) -> str:
    """UTF-8 whose bytes are taken for characters, as S3 takes them."""
    return text.encode().decode("latin-1")


def quoted(text: str) -> str:
    """One encoded word in Q."""
    octets = "".join(chr(o) if chr(o).isalnum() and o < 128 else f"={o:02X}" for o in text.encode())
    return f"=?UTF-8?Q?{octets}?="


def in_base64(text: str) -> str:
    """One encoded word in B."""
    return f"=?UTF-8?B?{base64.b64encode(text.encode()).decode()}?="


def several(text: str) -> str:
    """Words of a mail's length each, cut between characters."""
    return Header(text, "utf-8", maxlinelen=60).encode(linesep="").replace("  ", " ")


def cut_anywhere(text: str) -> str:
    """Words cut inside characters."""
    octets = text.encode()
    pieces = (octets[start : start + 7] for start in range(0, len(octets), 7))
    return " ".join(f"=?utf-8?b?{base64.b64encode(piece).decode()}?=" for piece in pieces)


WAYS: dict[str, Callable[[str], str]] = {
    "Q": quoted,
    "B": in_base64,
    "several words": several,
    "words cut inside characters": cut_anywhere,
    "Q, UTF-8 twice": lambda text: quoted(as_latin_1(text)),
    "B, UTF-8 twice": lambda text: in_base64(as_latin_1(text)),
    "several words, UTF-8 twice": lambda text: several(as_latin_1(text)),
    "bytes as they are": as_latin_1,
    "text as it is": str,
}
EVERY_WAY = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@EVERY_WAY
def test_the_text_is_what_was_meant(way: Callable[[str], str]) -> None:
    assert decode_metadata(way(MEANT)) == MEANT


@given(st.text(st.characters(codec="utf-8", min_codepoint=0x100), min_size=1))
def test_any_text_comes_back_from_every_way(text: str) -> None:
    value = json.dumps({"a": text}, ensure_ascii=False)
    for way in (quoted, in_base64, cut_anywhere, lambda text: in_base64(as_latin_1(text))):
        assert decode_metadata(way(value)) == value


def test_ascii_stays_as_it_is() -> None:
    assert decode_metadata('{"a": "b = ? c"}') == '{"a": "b = ? c"}'


@pytest.mark.parametrize("value", ["=?no-such-charset?Q?a?=", "=?utf-8?B?/w==?=", "=?utf-8?B?a?="])
def test_words_that_cannot_be_decoded_are_refused(value: str) -> None:
    with pytest.raises(S3ecMetadataInvalid):
        decode_metadata(value)


def version_2(kms: KmsDouble, shown: str) -> tuple[bytes, Mapping[str, str]]:
    """An object of version 2 and its metadata, whose context is ``shown`` so."""
    iv, data_key = bytes(range(12)), hashlib.sha256(b"data key").digest()
    wrapped = kms.encrypt(next(iter(kms.keys)), data_key, CONTEXT)
    return AESGCM(data_key).encrypt(iv, CSV, b""), {
        "x-amz-key-v2": base64.b64encode(wrapped).decode(),
        "x-amz-iv": base64.b64encode(iv).decode(),
        "x-amz-wrap-alg": "kms+context",
        "x-amz-cek-alg": "AES/GCM/NoPadding",
        "x-amz-tag-len": "128",
        "x-amz-matdesc": shown,
    }


@EVERY_WAY
def test_an_object_opens_whichever_way_its_context_is_shown(way: Callable[[str], str]) -> None:
    kms = KmsDouble()
    kms.create_key()
    content, metadata = version_2(kms, way(MEANT))
    assert unpacked(Landing("Sent.csv", content, metadata), keyring(kms, Zweck="Empfänger – Zürich")) == {
        "Sent.csv": CSV
    }
    with pytest.raises(EncryptionContextMismatch):
        unpacked(Landing("Sent.csv", content, metadata), keyring(kms, Zweck="Empfanger"))


def test_the_command_opens_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kms = KmsDouble()
    kms.create_key()
    content, metadata = version_2(kms, several(as_latin_1(MEANT)))
    (tmp_path / "Sent.csv").write_bytes(content)
    monkeypatch.setattr(decrypt, "kms_session", lambda: kms.session)
    options = [part for name, value in metadata.items() for part in ("--metadata", f"{name}={value}")]

    assert main(["decrypt", str(tmp_path / "Sent.csv"), "--out", str(tmp_path / "out"), *options]) == 0
    assert (tmp_path / "out" / "Sent.csv").read_bytes() == CSV
