"""zip archives that were cut, damaged or contrived: refused, each with its own error."""

from __future__ import annotations

import struct
import zipfile

import pytest

from services.decryptor.errors import (
    TrailingBytes,
    ZipChecksumMismatch,
    ZipCorrupt,
    ZipTruncated,
)
from services.decryptor.formats.zip_directory import LOCAL_HEADER
from shared.errors import LandfallError
from tests.unit.decryptor.landing import CSV, Landing, cut, escaped, flipped, unpacked, zipped

MEMBERS = {"Sent.csv": CSV[:3000], "Opens.csv": CSV[:700]}
ARCHIVES = {
    "deflated": zipped(MEMBERS),
    "stored": zipped(MEMBERS, zipfile.ZIP_STORED),
    "streamed": zipped(MEMBERS, streamed=True),
}
EVERY_ARCHIVE = pytest.mark.parametrize("archive", ARCHIVES.values(), ids=ARCHIVES.keys())


def directory_of(archive: bytes) -> int:
    """Where the central directory begins."""
    return int(struct.unpack_from("<L", archive, len(archive) - 6)[0])


def edited(archive: bytes, at: int, new: bytes) -> bytes:
    return archive[:at] + new + archive[at + len(new) :]


@EVERY_ARCHIVE
def test_no_cut_archive_comes_out(archive: bytes) -> None:
    assert escaped(cut(archive), "x.zip") == []


@EVERY_ARCHIVE
def test_no_flipped_bit_changes_what_comes_out(archive: bytes) -> None:
    assert escaped(flipped(archive, most=1500), "x.zip", harmless=MEMBERS) == []


@EVERY_ARCHIVE
def test_a_flipped_bit_in_the_content_is_refused(archive: bytes) -> None:
    first = LOCAL_HEADER.size + len("Sent.csv")
    content = ((at, damaged) for at, damaged in flipped(archive) if first <= at < first + 200)
    assert escaped(content, "x.zip") == []


@pytest.mark.parametrize("left", [4, 40, len(ARCHIVES["deflated"]) - 30, len(ARCHIVES["deflated"]) - 1])
def test_an_archive_without_its_end_is_truncated(left: int) -> None:
    with pytest.raises(ZipTruncated):
        unpacked(Landing("x.zip", ARCHIVES["deflated"][:left]))


@EVERY_ARCHIVE
def test_bytes_behind_the_archive_are_refused(archive: bytes) -> None:
    for tail in (b"a", b"\r\n", b"\0a", b"\0" * 200_000 + b"a"):
        with pytest.raises(TrailingBytes if len(tail) < 60_000 else LandfallError):
            unpacked(Landing("x.zip", archive + tail))


def test_two_archives_one_after_another_are_refused() -> None:
    with pytest.raises(LandfallError):
        unpacked(Landing("x.zip", ARCHIVES["deflated"] * 2))


def test_bytes_missing_in_the_middle_are_corrupt() -> None:
    archive = ARCHIVES["stored"]
    with pytest.raises(ZipCorrupt):
        unpacked(Landing("x.zip", archive[:500] + archive[501:]))


def test_a_wrong_checksum_is_told_apart() -> None:
    archive = ARCHIVES["stored"]
    content = archive.index(b"ada0@example.com")
    with pytest.raises(ZipChecksumMismatch):
        unpacked(Landing("x.zip", edited(archive, content, b"eve")))


def test_a_stated_size_that_is_too_small_is_corrupt() -> None:
    archive = zipped({"Sent.csv": CSV})
    size = (len(CSV) - 1).to_bytes(4, "little")
    archive = edited(edited(archive, 22, size), directory_of(archive) + 24, size)
    with pytest.raises(ZipCorrupt):
        unpacked(Landing("x.zip", archive))


def test_a_local_header_with_another_name_is_corrupt() -> None:
    with pytest.raises(ZipCorrupt):
        unpacked(Landing("x.zip", edited(ARCHIVES["deflated"], LOCAL_HEADER.size, b"Text")))


def test_a_directory_that_counts_fewer_entries_is_corrupt() -> None:
    archive = ARCHIVES["deflated"]
    with pytest.raises(ZipCorrupt):
        unpacked(Landing("x.zip", edited(archive, len(archive) - 14, b"\1\0\1\0")))


def test_members_that_share_their_bytes_are_refused() -> None:
    """The construction of overlapping bombs: two directory entries, one content."""
    archive = zipped({"a.csv": CSV, "b.csv": CSV})
    second_entry = archive.index(b"PK\x01\x02", directory_of(archive) + 4)
    with pytest.raises(ZipCorrupt):
        unpacked(Landing("x.zip", edited(archive, second_entry + 42, bytes(4))))


def test_bytes_that_no_entry_names_are_passed_over() -> None:
    """Among members, not behind the end: what comes out is what the directory vouches for."""
    archive = zipped({"a.csv": CSV})
    directory = directory_of(archive)
    nobody_s = b"PK\x03\x04 and more"
    padded = archive[:directory] + nobody_s + archive[directory:]
    stated = len(padded) - 6  # where the end record says where the directory begins
    moved = edited(padded, stated, (directory + len(nobody_s)).to_bytes(4, "little"))
    assert unpacked(Landing("x.zip", moved)) == {"a.csv": CSV}
    with pytest.raises(ZipCorrupt):
        unpacked(Landing("x.zip", padded))


def test_a_data_descriptor_that_contradicts_the_directory_is_corrupt() -> None:
    archive = ARCHIVES["streamed"]
    descriptor = archive.index(b"PK\x07\x08")
    with pytest.raises(ZipCorrupt):
        unpacked(Landing("x.zip", edited(archive, descriptor + 8, b"\0\0\0\1")))


def test_a_damaged_zip64_locator_is_corrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1)
    archive = zipped(MEMBERS)
    with pytest.raises(ZipCorrupt):
        unpacked(Landing("x.zip", edited(archive, archive.index(b"PK\x06\x07") + 8, bytes(8))))
