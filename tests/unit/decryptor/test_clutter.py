"""What else is in archives: skipped and counted, or the failure of its file."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from landfall.cli import main
from services.decryptor.clutter import is_clutter, is_document, is_folder, must_be_text
from services.decryptor.errors import (
    DuplicateMember,
    ExpandsTooFar,
    MemberNotText,
    NoTextMember,
    TooManyMembers,
    UnrecognisedFormat,
    ZipChecksumMismatch,
)
from services.decryptor.limits import Limits
from tests.unit.decryptor.landing import CSV, Landing, skipped, unpacked, zipped
from tests.unit.shared.test_text import BINARY, png

PICTURE = png(20)
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>\nendobj\n%%EOF\n"
NO_TEXT = {name: content for name, content in BINARY.items() if name != "gzip"} | {"pdf": PDF}
APPLE_DOUBLE, THUMBS = BINARY["apple double"], BINARY["ole2, as Thumbs.db"]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("Thumbs.db", THUMBS),
        ("Report/THUMBS.DB", THUMBS),
        ("desktop.ini", b"[.ShellClassInfo]\r\nIconIndex=0\r\n"),
        ("._Sent.csv", APPLE_DOUBLE),
        ("__MACOSX/._Sent.csv", APPLE_DOUBLE),
        ("__MACOSX/Report/._Opens.csv", b"a,b\n"),
        (".DS_Store", BINARY["ds_store"]),
        (".fseventsd/0000000000ab12cd", bytes(40)),
        (".Spotlight-V100/Store-V2/psid", bytes(40)),
        (".AppleDouble/Sent.csv", APPLE_DOUBLE),
        ("Report/@eaDir/Sent.csv", b"a,b\n"),
        ("System Volume Information/IndexerVolumeGuid", bytes(76)),
        ("$RECYCLE.BIN/S-1-5/Sent.csv", b"a,b\n"),
        ("logo.png", PICTURE),
        ("logo.PNG", PICTURE),
        ("pixel.gif", BINARY["gif"]),
        ("photo.jpeg", BINARY["jpeg"]),
        ("photo.jpg.gz", gzip.compress(BINARY["jpeg"])),
        ("ReadMe.pdf", PDF),
        ("setup.exe", BINARY["windows executable"]),
        ("data.sqlite", BINARY["sqlite"]),
        ("Report.xlsx", zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"})),
    ],
)
def test_clutter_beside_an_extract_is_skipped_and_named(path: str, content: bytes) -> None:
    landing = Landing("x.zip", zipped({"Sent.csv": CSV, path: content}))
    assert unpacked(landing) == {"Sent.csv": CSV}
    assert list(skipped(landing)) == [path.rpartition("/")[2].removesuffix(".gz")]


@pytest.mark.parametrize(
    ("name", "content"),
    [("~$Sent.csv", bytes(165)), (".~lock.Sent.csv#", b",ada,host,31.01.2026 12:00,file:///home/ada;")],
)
def test_a_lock_of_an_office_program_is_skipped(name: str, content: bytes) -> None:
    landing = Landing("x.zip", zipped({"Sent.csv": CSV, name: content}))
    assert unpacked(landing) == {"Sent.csv": CSV}
    assert len(skipped(landing)) == 1


@pytest.mark.parametrize("content", NO_TEXT.values(), ids=NO_TEXT)
@pytest.mark.parametrize(
    "name",
    [
        "Opens.csv",
        "Opens.CSV",
        "Opens.txt",
        "Opens.tsv",
        "Opens",
        "Opens.csv.bz2",
        "Opens 31.01.2026",
        ".csv",
    ],
)
def test_what_may_be_an_extract_fails_the_file_by_name(name: str, content: bytes) -> None:
    with pytest.raises(MemberNotText, match=f"member {name} "):
        unpacked(Landing("x.zip", zipped({"Sent.csv": CSV, name: content})))


def test_text_that_no_recipe_knows_is_a_member() -> None:
    members = {"Sent.csv": CSV, "notes.md": b"# Notes\n", "picture.svg": b"<svg/>\n"}
    assert unpacked(Landing("x.zip", zipped(members))) == members


def test_clutter_may_be_in_every_folder() -> None:
    names = ("Thumbs.db", "desktop.ini", "a.bin")
    clutter = {f"{folder}/{name}": THUMBS for folder in "ab" for name in names}
    landing = Landing("x.zip", zipped({"a/Sent.csv": CSV, **clutter}))
    assert unpacked(landing) == {"Sent.csv": CSV}
    assert tuple(skipped(landing)) == names


def test_two_texts_of_one_name_are_refused_whatever_their_suffix() -> None:
    with pytest.raises(DuplicateMember):
        unpacked(Landing("x.zip", zipped({"a/notes.md": b"one\n", "b/notes.md": b"two\n"})))


@pytest.mark.parametrize(
    "members",
    [
        {"Thumbs.db": THUMBS},
        {"folder/": b"", "folder/.DS_Store": b"x"},
        {"logo.png": PICTURE, "ReadMe.pdf": PDF},
        {"inner.zip": zipped({"logo.png": PICTURE})},
    ],
    ids=["by name", "in a folder", "by content", "in an inner archive"],
)
def test_an_archive_of_nothing_else_is_refused(members: dict[str, bytes]) -> None:
    with pytest.raises(NoTextMember):
        unpacked(Landing("x.zip", zipped(members)))


def test_nothing_is_skipped_outside_of_an_archive() -> None:
    for content in (PICTURE, gzip.compress(PICTURE)):
        with pytest.raises(UnrecognisedFormat):
            unpacked(Landing("logo.png", content))


def test_a_skipped_member_is_verified() -> None:
    archive = zipped({"Sent.csv": CSV, "logo.png": PICTURE}, method=0)
    at = archive.index(PICTURE) + 600
    damaged = archive[:at] + bytes([archive[at] ^ 1]) + archive[at + 1 :]
    with pytest.raises(ZipChecksumMismatch):
        unpacked(Landing("x.zip", damaged))


def test_skipped_members_count_towards_the_limits() -> None:
    pictures = {f"{number}.png": PICTURE for number in range(10)}
    archive = Landing("x.zip", zipped({"Sent.csv": CSV, **pictures}))
    with pytest.raises(TooManyMembers):
        unpacked(archive, limits=Limits(max_members=10))
    with pytest.raises(ExpandsTooFar):
        unpacked(archive, limits=Limits(max_total_bytes=5 * len(PICTURE) + len(CSV)))


@pytest.mark.parametrize("path", [["folder", ""], ["."]])
def test_folders_are_told_apart(path: list[str]) -> None:
    assert is_folder(path)


@pytest.mark.parametrize(
    "path", ["Sent.csv", "a/DS_Store.csv", "__MACOSX", "MACOSX/Sent.csv", "Thumbs.db.csv"]
)
def test_files_are_no_clutter_by_name(path: str) -> None:
    assert not is_clutter(path.split("/"))


@pytest.mark.parametrize(
    ("name", "must"), [("a.png", False), ("a", True), ("a.7z", False), ("a.2024", True), ("._a.csv", False)]
)
def test_a_suffix_says_whether_a_member_must_be_text(name: str, must: bool) -> None:
    assert must_be_text(name) == must
    assert not is_document(name)


def test_the_command_says_what_it_skipped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.zip").write_bytes(zipped({"Sent.csv": CSV, "Thumbs.db": THUMBS, "a\x1b[2J.pdf": PDF}))
    out = tmp_path / "out"

    assert main(["decrypt", str(tmp_path / "x.zip"), "--out", str(out), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["skipped"] == [
        {"name": "Thumbs.db", "reason": "a system or a program left it there"},
        {"name": "a__2J.pdf", "reason": "it is not text"},
    ]
    assert [path.name for path in out.iterdir()] == ["Sent.csv"]

    assert main(["decrypt", str(tmp_path / "x.zip"), "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert "Skipped Thumbs.db" in said.out + said.err
