"""``landfall decrypt`` on a file that only KMS can open."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from landfall.cli import main
from landfall.encryption import encrypt_esdk
from tests.integration.decryptor.conftest import Kms
from tests.unit.decryptor.landing import CSV, zipped


@pytest.fixture
def extract(kms: Kms, tmp_path: Path) -> Path:
    """An encrypted extract of two files."""
    (tmp_path / "plain.zip").write_bytes(zipped({"Sent.csv": CSV, "Opens.csv": CSV[:500]}))
    path = tmp_path / "20260131_Extract.zip"
    with (tmp_path / "plain.zip").open("rb") as source, path.open("wb") as sink:
        encrypt_esdk(source, sink, kms.key_arn, {"purpose": "landing"}, kms.session())
    return path


def test_members_are_written_and_told(
    kms: Kms, extract: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["decrypt", str(extract), "--out", str(out), "--key-arn", kms.key_arn, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["format"] == ["aws-encryption-sdk", "zip"]
    assert told["members"][0] == {
        "name": "Sent.csv",
        "bytes": len(CSV),
        "sha256": hashlib.sha256(CSV).hexdigest(),
        "path": str(out / "Sent.csv"),
    }
    assert (out / "Sent.csv").read_bytes() == CSV
    assert (out / "Opens.csv").read_bytes() == CSV[:500]


@pytest.mark.usefixtures("kms")
def test_without_listed_keys_any_key_of_the_credentials_will_do(extract: Path, tmp_path: Path) -> None:
    assert main(["decrypt", str(extract), "--out", str(tmp_path / "out")]) == 0


def test_a_key_that_is_not_listed_is_refused_and_leaves_nothing(
    kms: Kms,
    extract: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LANDFALL_KMS_KEY_ARNS", kms.other_key_arn)
    assert main(["decrypt", str(extract), "--out", str(tmp_path / "out"), "--json"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "KMS_KEY_NOT_ALLOWED" in said.err
    assert not (tmp_path / "out").exists()
