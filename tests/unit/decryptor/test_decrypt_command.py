"""``landfall decrypt`` on files of this machine that need no key."""

from __future__ import annotations

import hashlib
import json
from base64 import encodebytes
from pathlib import Path

import pytest

from landfall.cli import main
from tests.unit.decryptor.landing import CSV, zipped


def test_a_plain_file_is_copied_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Sent.csv").write_bytes(CSV)
    assert main(["decrypt", str(tmp_path / "Sent.csv"), "--out", str(tmp_path / "out"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["format"] == ["plain"]
    assert (tmp_path / "out" / "Sent.csv").read_bytes() == CSV


def test_members_replace_those_of_an_earlier_run(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(zipped({"Sent.csv": CSV}))
    out = tmp_path / "out"
    out.mkdir()
    (out / "Sent.csv").write_bytes(b"old")
    assert main(["decrypt", str(tmp_path / "x.zip"), "--out", str(out)]) == 0
    assert [(path.name, path.read_bytes()) for path in out.iterdir()] == [("Sent.csv", CSV)]


@pytest.mark.parametrize("depth", ["out", "a/b/out"])
def test_a_failure_leaves_nothing(depth: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damaged = bytearray(zipped({"Sent.csv": CSV, "Opens.csv": CSV}, method=0))
    damaged[len(CSV) + 200] ^= 1  # in the second member, after the first was written
    (tmp_path / "x.zip").write_bytes(damaged)
    assert main(["decrypt", str(tmp_path / "x.zip"), "--out", str(tmp_path / depth), "--json"]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "ZIP_CRC_MISMATCH" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["x.zip"]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"\0")
    out = tmp_path / "out"
    out.mkdir()
    (out / "kept").touch()
    assert main(["decrypt", str(tmp_path / "x.csv"), "--out", str(out)]) == 1
    assert [path.name for path in out.iterdir()] == ["kept"]


def test_a_missing_file_is_said_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decrypt", str(tmp_path / "none.zip"), "--out", str(tmp_path / "out")]) == 1
    assert "none.zip" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_limits_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.zip").write_bytes(zipped({"Sent.csv": CSV, "Opens.csv": CSV}))
    monkeypatch.setenv("LANDFALL_MAX_MEMBERS", "1")
    assert main(["decrypt", str(tmp_path / "x.zip"), "--out", str(tmp_path / "out")]) == 1


def test_a_column_of_digests_is_text_and_a_body_of_base64_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    column = "".join(f"{hashlib.sha256(bytes([row])).hexdigest()}\r\n" for row in range(50)).encode()
    (tmp_path / "Suppress.csv").write_bytes(column)
    (tmp_path / "Sent.csv").write_bytes(encodebytes(hashlib.shake_256(b"ciphertext").digest(3000)))

    assert main(["decrypt", str(tmp_path / "Suppress.csv"), "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "Suppress.csv").read_bytes() == column
    assert main(["decrypt", str(tmp_path / "Sent.csv"), "--out", str(tmp_path / "out")]) == 1
    assert "FORMAT_UNRECOGNISED" in capsys.readouterr().err
