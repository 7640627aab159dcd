"""Archives made by the programs that senders use: Info-ZIP and 7-Zip."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from services.decryptor.errors import (
    DuplicateMember,
    UnsafeMemberName,
    ZipEncrypted,
    ZipMethodUnsupported,
    ZipSplit,
)
from shared.errors import LandfallError
from tests.unit.decryptor.landing import CSV, Landing, cut, escaped, flipped, unpacked

OTHER = b"SubscriberKey,SendID\r\n1,2\r\n"
BOTH = {"Sent.csv": CSV, "Öffnungen.csv": OTHER}

pytestmark = pytest.mark.skipif(
    shutil.which("zip") is None or shutil.which("7z") is None, reason="Info-ZIP or 7-Zip is not installed"
)


def packed(folder: Path, command: str) -> bytes:
    """What a command line makes of ``Sent.csv`` and ``folder/Öffnungen.csv`` as ``x.zip``, or writes."""
    (folder / "Sent.csv").write_bytes(CSV)
    (folder / "folder").mkdir()
    (folder / "folder" / "Öffnungen.csv").write_bytes(OTHER)
    done = subprocess.run(["sh", "-c", command], cwd=folder, check=True, stdout=subprocess.PIPE)
    made = folder / "x.zip"
    return made.read_bytes() if made.exists() else done.stdout


@pytest.mark.parametrize(
    "command",
    [
        pytest.param("zip -qr x.zip Sent.csv folder", id="Info-ZIP"),
        pytest.param("zip -qr9 x.zip Sent.csv folder", id="Info-ZIP, best"),
        pytest.param("zip -qr0 x.zip Sent.csv folder", id="Info-ZIP, stored"),
        pytest.param("zip -qr -fz x.zip Sent.csv folder", id="Info-ZIP, zip64"),
        pytest.param("zip -qr - Sent.csv folder | cat", id="Info-ZIP, into a pipe"),
        pytest.param("zip -qr -fd x.zip Sent.csv folder", id="Info-ZIP, data descriptors"),
        pytest.param(
            "zip -qr x.zip Sent.csv folder && printf 'PK' | zip -qz x.zip", id="Info-ZIP, a comment"
        ),
        pytest.param("7z a -bso0 -tzip x.zip Sent.csv folder", id="7-Zip"),
        pytest.param("7z a -bso0 -tzip -mx=9 x.zip Sent.csv folder", id="7-Zip, best"),
        pytest.param("7z a -bso0 -tzip -mm=Copy x.zip Sent.csv folder", id="7-Zip, stored"),
    ],
)
def test_members_come_out(command: str, tmp_path: Path) -> None:
    archive = packed(tmp_path, command)
    assert unpacked(Landing("x.zip", archive)) == BOTH
    assert unpacked(Landing("x.zip", archive, viewed=True)) == BOTH


@pytest.mark.parametrize(
    ("command", "error"),
    [
        pytest.param("zip -q -P secret x.zip Sent.csv", ZipEncrypted, id="Info-ZIP, password"),
        pytest.param("7z a -bso0 -tzip -psecret -mem=AES256 x.zip Sent.csv", ZipEncrypted, id="7-Zip, AES"),
        pytest.param("7z a -bso0 -tzip -psecret x.zip Sent.csv", ZipEncrypted, id="7-Zip, password"),
        pytest.param("zip -q -Z bzip2 x.zip Sent.csv", ZipMethodUnsupported, id="Info-ZIP, bzip2"),
        pytest.param("7z a -bso0 -tzip -mm=Deflate64 x.zip Sent.csv", ZipMethodUnsupported, id="Deflate64"),
        pytest.param("7z a -bso0 -tzip -mm=LZMA x.zip Sent.csv", ZipMethodUnsupported, id="7-Zip, LZMA"),
        pytest.param("ln -s Sent.csv link.csv && zip -qy x.zip link.csv", UnsafeMemberName, id="a link"),
        pytest.param(
            "cp Sent.csv folder/ && zip -qr x.zip Sent.csv folder",
            DuplicateMember,
            id="one name in two folders",
        ),
        pytest.param(
            "head -c 99999 /dev/urandom > noise && zip -q -s 64k y.zip noise && cat y.z01",
            ZipSplit,
            id="a split",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(command: str, error: type[LandfallError], tmp_path: Path) -> None:
    with pytest.raises(error):
        unpacked(Landing("x.zip", packed(tmp_path, command)))


@pytest.mark.parametrize(
    "command", ["zip -q - Sent.csv | cat", "zip -q -fz x.zip Sent.csv", "7z a -bso0 -tzip x.zip Sent.csv"]
)
def test_damage_never_changes_what_comes_out(command: str, tmp_path: Path) -> None:
    archive = packed(tmp_path, command)
    damaged = (*flipped(archive, 100), *cut(archive, 100))
    assert escaped(iter(damaged), "x.zip", harmless={"Sent.csv": CSV}) == []
