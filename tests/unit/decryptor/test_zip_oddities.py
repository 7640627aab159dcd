"""Archives that are not quite as the format has them, and that unzip, 7-Zip and Python read all the same."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from landfall.cli import main
from services.decryptor.errors import LeadingBytes, TrailingBytes, UnrecognisedFormat, ZipCorrupt, ZipSplit
from services.decryptor.formats.zip_directory import LOCAL_HEADER
from services.decryptor.names import is_same_name
from shared.errors import LandfallError
from tests.unit.decryptor.landing import CSV, Landing, unpacked, zipped

PROGRAMS = all(shutil.which(program) for program in ("unzip", "7z", "zip"))
WITH_PROGRAMS = pytest.mark.skipif(not PROGRAMS, reason="unzip, 7-Zip or Info-ZIP's zip is not installed")
ARCHIVE = zipped({"Sent.csv": CSV})


def entry(local: bytes, central: bytes, *, flags: int = 0, extra: bytes = b"") -> bytes:
    """An archive of one stored member whose two names differ; ``extra`` is in the directory."""
    sizes = (zlib.crc32(CSV), len(CSV), len(CSV))
    first = LOCAL_HEADER.pack(b"PK\3\4", 20, flags, 0, 0, 33, *sizes, len(local), 0) + local + CSV
    fixed = (b"PK\1\2", 20, 20, flags, 0, 0, 33, *sizes, len(central), len(extra), 0, 0, 0, 0, 0)
    directory = struct.pack("<4s6H3L5H2L", *fixed) + central + extra
    return first + directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(directory), len(first), 0)


def unicode_path(name: str, plain: bytes) -> bytes:
    """The extra field with a path in UTF-8."""
    content = b"\1" + struct.pack("<L", zlib.crc32(plain)) + name.encode()
    return struct.pack("<2H", 0x7075, len(content)) + content


NAME = "Kündigungen.csv"
NAMES: dict[str, tuple[bytes, bytes, str]] = {
    "backslashes before": (b"Extract\\Sent.csv", b"Extract/Sent.csv", "Sent.csv"),
    "backslashes after": (b"Extract/Sent.csv", b"Extract\\Sent.csv", "Sent.csv"),
    "without its folder": (b"Sent.csv", b"Extract/Sent.csv", "Sent.csv"),
    "cp437 and utf-8": (NAME.encode("cp437"), NAME.encode(), NAME),
    "cp850 and utf-8": (NAME.encode("cp850"), NAME.encode(), NAME),
    "cp1252 and utf-8": (NAME.encode("cp1252"), NAME.encode(), NAME),
    "utf-8 and cp437": (NAME.encode(), NAME.encode("cp437"), NAME),
    "shift-jis and utf-8": ("ソート表.csv".encode("cp932"), "ソート表.csv".encode(), "ソート表.csv"),
    "cp1251 and utf-8": ("Отписки.csv".encode("cp1251"), "Отписки.csv".encode(), "Отписки.csv"),
    "cp737 and utf-8": ("Πελάτες.csv".encode("cp737"), "Πελάτες.csv".encode(), "Πελάτες.csv"),
    "cp1250 and utf-8": ("Zażółć.csv".encode("cp1250"), "Zażółć.csv".encode(), "Zażółć.csv"),
    "cp1254 and utf-8": ("Müşteri.csv".encode("cp1254"), "Müşteri.csv".encode(), "Müşteri.csv"),
    "euc-jp and utf-8": ("顧客.csv".encode("euc-jp"), "顧客.csv".encode(), "顧客.csv"),
    "koi8-r and utf-8": ("Отписки.csv".encode("koi8-r"), "Отписки.csv".encode(), "Отписки.csv"),
    "decomposed": ("Ku\u0308ndigungen.csv".encode(), NAME.encode(), NAME),
    "substituted": (b"K?ndigungen.csv", NAME.encode(), NAME),
    "substituted twice": (b"K__ndigungen.csv", NAME.encode(), NAME),
}


@pytest.mark.parametrize(("local", "central", "name"), NAMES.values(), ids=NAMES)
def test_the_directory_s_name_is_taken_where_the_local_one_is_spelt_otherwise(
    local: bytes, central: bytes, name: str
) -> None:
    assert unpacked(Landing("x.zip", entry(local, central))) == {name: CSV}


def test_a_path_in_utf_8_beside_the_plain_one_is_preferred() -> None:
    plain = NAME.encode("cp850")
    extra = unicode_path(NAME, plain)
    assert unpacked(Landing("x.zip", entry(plain, plain, extra=extra))) == {NAME: CSV}
    assert unpacked(Landing("x.zip", entry(b"a.csv", b"a.csv", extra=extra))) == {"a.csv": CSV}


@pytest.mark.parametrize("local", [b"Opens.csv", b"Sent.csw", b"", b"Sent.csv.gz"])
def test_another_name_is_refused_with_a_true_reason(local: bytes) -> None:
    assert not is_same_name(local, b"Sent.csv")
    with pytest.raises(ZipCorrupt, match="another name in its local header"):
        unpacked(Landing("x.zip", entry(local, b"Sent.csv")))


def recounted(archive: bytes, before: bytes) -> bytes:
    """``before`` in front of an archive whose offsets count it."""
    buffer = io.BytesIO()
    buffer.write(before)
    with zipfile.ZipFile(buffer, "a") as target, zipfile.ZipFile(io.BytesIO(archive)) as source:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    return buffer.getvalue()


READ: dict[str, bytes] = {
    "temporary marker": recounted(ARCHIVE, b"PK00"),
    "temporary marker that is not counted": b"PK00" + ARCHIVE,
    "marker of several parts": recounted(ARCHIVE, b"PK\7\x08"),
    "a byte order mark": b"\xef\xbb\xbf" + ARCHIVE,
    "line ends before": b"\r\n" + ARCHIVE,
    "zeros before": bytes(512) + ARCHIVE,
    "zeros behind": ARCHIVE + bytes(512),
    "one zero behind": ARCHIVE + b"\0",
    "many zeros behind": ARCHIVE + bytes(300_000),
    "zeros around": bytes(3) + ARCHIVE + bytes(3),
    "a program before that is counted": recounted(ARCHIVE, b"MZ\x90\0" + bytes(range(256)) * 8),
}


@pytest.mark.parametrize("viewed", [False, True])
@pytest.mark.parametrize("archive", READ.values(), ids=READ)
def test_what_is_no_data_is_passed_over(archive: bytes, viewed: bool) -> None:
    assert unpacked(Landing("x.zip", archive, viewed=viewed)) == {"Sent.csv": CSV}


def test_zip64_archives_may_be_padded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1)
    archive = zipped({"Sent.csv": CSV})
    for padded in (archive + bytes(512), b"\r\n" + archive, b"PK00" + archive + b"\0"):
        assert unpacked(Landing("x.zip", padded)) == {"Sent.csv": CSV}


@pytest.mark.parametrize("streamed", [False, True])
def test_a_comment_of_zeros_is_none_of_the_padding(streamed: bool) -> None:
    buffer = io.BytesIO(zipped({"Sent.csv": CSV}, streamed=streamed))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = b"ab" + bytes(7)
    for zeros in (0, 1, 700):
        assert unpacked(Landing("x.zip", buffer.getvalue() + bytes(zeros))) == {"Sent.csv": CSV}
    with pytest.raises(TrailingBytes):
        unpacked(Landing("x.zip", buffer.getvalue()[:-1]))


@pytest.mark.parametrize(
    "before", [b"GIF89a\1\2\3" + bytes(range(256)), ARCHIVE, zipped({"Opens.csv": CSV}), b"\0\0\1"]
)
def test_what_may_be_data_before_the_archive_is_refused(before: bytes) -> None:
    with pytest.raises(LeadingBytes, match=f"{len(before)} bytes precede"):
        unpacked(Landing("x.zip", before + ARCHIVE))


def test_descriptors_may_be_announced_and_not_there() -> None:
    """Bit 3 is set by some writers that put the sizes into the local header."""
    assert unpacked(Landing("x.zip", entry(b"Sent.csv", b"Sent.csv", flags=8))) == {"Sent.csv": CSV}


def test_a_bomb_of_members_that_share_bytes_through_long_local_names_is_refused() -> None:
    archive = bytearray(zipped({"a.csv": CSV, "b.csv": CSV}, zipfile.ZIP_STORED))
    at = 26  # the length of the first member's local name: now its content would lie behind its own
    archive[at : at + 2] = struct.pack("<H", 205)
    with pytest.raises(ZipCorrupt):
        unpacked(Landing("x.zip", bytes(archive)))


@WITH_PROGRAMS
@pytest.mark.parametrize(
    "archive",
    [*READ.values(), *(entry(local, central) for local, central, _ in NAMES.values())],
    ids=[*READ, *NAMES],
)
def test_whichever_program_reads_it_reads_the_same_content(archive: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(archive)
    unzipped = subprocess.run(["unzip", "-p", "x.zip"], cwd=tmp_path, capture_output=True, check=False)
    command = ["7z", "x", "-so", "-bso0", "-bsp0", "x.zip"]
    by_7z = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    (content,) = unpacked(Landing("x.zip", archive)).values()
    assert {unzipped.stdout, by_7z.stdout} - {b""} == {content}


def parts_of(folder: Path, pack: Callable[[Path], list[str]]) -> list[Path]:
    """The parts that a command splits an archive of noise into, in order."""
    rows = "".join(
        f"{number * 2654435761 % 2**32:x},{number * 40503 % 65537:x}\n" for number in range(20_000)
    )
    (folder / "Sent.csv").write_text("a,b\n" + rows)
    subprocess.run(pack(folder), cwd=folder, check=True, capture_output=True)
    return sorted(path for path in folder.iterdir() if path.name != "Sent.csv")


SPLITTERS = {
    "Info-ZIP": lambda _: ["zip", "-s", "64k", "x.zip", "Sent.csv"],
    "7-Zip": lambda _: ["7z", "a", "-tzip", "-v64k", "x.zip", "Sent.csv"],
}


@WITH_PROGRAMS
@pytest.mark.parametrize("pack", SPLITTERS.values(), ids=SPLITTERS)
def test_every_part_of_a_split_archive_is_called_one(
    pack: Callable[[Path], list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = parts_of(tmp_path, pack)
    assert len(parts) > 2
    for part in parts:
        with pytest.raises(ZipSplit):
            unpacked(Landing(part.name, part.read_bytes()))
        assert main(["decrypt", str(part), "--out", str(tmp_path / "out")]) == 1
        assert "ZIP_SPLIT" in capsys.readouterr().err


@WITH_PROGRAMS
@pytest.mark.parametrize("pack", SPLITTERS.values(), ids=SPLITTERS)
def test_the_last_part_is_told_by_its_end_whatever_its_name(
    pack: Callable[[Path], list[str]], tmp_path: Path
) -> None:
    *_, last = sorted(parts_of(tmp_path, pack), key=lambda part: (part.suffix == ".zip", part.name))
    with pytest.raises(ZipSplit):
        unpacked(Landing("Extract.zip", last.read_bytes()))


@pytest.mark.parametrize("tail", [b"", ARCHIVE + b" and more"], ids=["alone", "an archive in the midst"])
def test_noise_without_an_end_is_no_part(tail: bytes) -> None:
    with pytest.raises(UnrecognisedFormat):
        unpacked(Landing("x.bin", bytes(range(256)) * 40 + tail))


def test_the_command_reads_an_archive_with_a_temporary_marker(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(READ["temporary marker"])
    assert main(["decrypt", str(tmp_path / "x.zip"), "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "Sent.csv").read_bytes() == CSV


def test_the_landfall_error_of_two_archives_is_about_what_precedes() -> None:
    with pytest.raises(LandfallError) as failed:
        unpacked(Landing("x.zip", ARCHIVE + ARCHIVE))
    assert failed.value.code == "LEADING_BYTES"
