"""zip archives as several programs write them, and the members that come out."""

from __future__ import annotations

import gzip
import io
import shutil
import stat
import subprocess
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.decryptor.errors import (
    DuplicateMember,
    MemberTooLarge,
    TooManyMembers,
    UnsafeMemberName,
    ZipEmpty,
    ZipEncrypted,
    ZipMethodUnsupported,
    ZipSplit,
)
from services.decryptor.limits import Limits
from tests.unit.decryptor.landing import CSV, Landing, layers, unpacked, zipped

MEMBERS = {"Sent.csv": CSV, "Opens.csv": CSV[:2000], "SendJobs.csv": b"SendID,Subject\n"}
EITHER_LAYOUT = pytest.mark.parametrize("streamed", [False, True], ids=["sizes first", "data descriptors"])
INFO_ZIP = shutil.which("zip")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@EITHER_LAYOUT
def test_every_member_comes_out(method: int, streamed: bool) -> None:
    assert unpacked(Landing("x.zip", zipped(MEMBERS, method, streamed=streamed))) == MEMBERS


@EITHER_LAYOUT
def test_zip64_archives_come_out(streamed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1)
    archive = zipped(MEMBERS, streamed=streamed)
    assert b"PK\x06\x06" in archive
    assert unpacked(Landing("x.zip", archive)) == MEMBERS


@settings(max_examples=30)
@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z]{1,8}\.csv", fullmatch=True).map(str.lower),
        st.binary(max_size=3000).map(lambda content: b"a,b\n" + content.hex().encode()),
        min_size=1,
    ),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    st.booleans(),
)
def test_any_archive_comes_out_whole(members: dict[str, bytes], method: int, streamed: bool) -> None:
    assert unpacked(Landing("x.zip", zipped(members, method, streamed=streamed))) == members


@pytest.mark.skipif(INFO_ZIP is None, reason="Info-ZIP's zip is not installed")
@pytest.mark.parametrize(
    "options",
    [["-q"], ["-q", "-0"], ["-q", "-9"], ["-q", "-fz"], ["-q", "-fd"]],
    ids=" ".join,
)
def test_archives_of_info_zip_come_out(options: list[str], tmp_path: Path) -> None:
    for name, content in MEMBERS.items():
        (tmp_path / name).write_bytes(content)
    subprocess.run([str(INFO_ZIP), *options, "x.zip", *MEMBERS], cwd=tmp_path, check=True)
    assert unpacked(Landing("x.zip", (tmp_path / "x.zip").read_bytes())) == MEMBERS


@pytest.mark.skipif(INFO_ZIP is None, reason="Info-ZIP's zip is not installed")
def test_an_archive_that_info_zip_encrypted_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Sent.csv").write_bytes(CSV)
    subprocess.run([str(INFO_ZIP), "-q", "-P", "secret", "x.zip", "Sent.csv"], cwd=tmp_path, check=True)
    with pytest.raises(ZipEncrypted):
        unpacked(Landing("x.zip", (tmp_path / "x.zip").read_bytes()))


def test_folders_go_and_clutter_is_left_out() -> None:
    clutter = {"Extract/": b"", "__MACOSX/._Sent.csv": b"\0", "Extract/.DS_Store": b"\0"}
    assert unpacked(Landing("x.zip", zipped({**clutter, "Extract/Sent.csv": CSV}))) == {"Sent.csv": CSV}


def test_a_member_without_a_byte_comes_out_empty() -> None:
    members = {"Sent.csv": CSV, "Surveys.csv": b""}
    assert unpacked(Landing("x.zip", zipped(members))) == members


def test_a_comment_is_part_of_the_archive() -> None:
    buffer = io.BytesIO(zipped(MEMBERS))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = b"a comment that mentions PK\x05\x06 and goes on for longer than an end record"
    assert unpacked(Landing("x.zip", buffer.getvalue())) == MEMBERS


def test_gzip_in_zip_is_taken_off_too() -> None:
    assert unpacked(Landing("x.zip", zipped({"Sent.csv.gz": gzip.compress(CSV)}))) == {"Sent.csv": CSV}


def test_a_zip_in_a_zip_is_taken_off_too() -> None:
    assert unpacked(Landing("x.zip", zipped({"inner.zip": zipped(MEMBERS)}))) == MEMBERS


def test_a_zip_in_gzip_is_taken_off_too() -> None:
    landing = Landing("x.zip.gz", gzip.compress(zipped({"Sent.csv": CSV})))
    assert unpacked(landing) == {"Sent.csv": CSV}
    assert layers(landing) == [("gzip", "zip")]


@pytest.mark.parametrize("members", [{}, {"folder/": b""}], ids=["bare", "folders"])
def test_an_archive_without_a_file_is_refused(members: dict[str, bytes]) -> None:
    with pytest.raises(ZipEmpty):
        unpacked(Landing("x.zip", zipped(members)))


@pytest.mark.parametrize(
    "path", ["../Sent.csv", "/Sent.csv", "a/../../Sent.csv", "C:\\Sent.csv", "..\\Sent.csv"]
)
def test_a_path_that_leads_outside_is_refused(path: str) -> None:
    with pytest.raises(UnsafeMemberName):
        unpacked(Landing("x.zip", zipped({path: CSV})))


def test_a_symbolic_link_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("Sent.csv")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(UnsafeMemberName):
        unpacked(Landing("x.zip", buffer.getvalue()))


@pytest.mark.parametrize("other", ["b/Sent.csv", "sent.CSV", "Sent.csv.gz"])
def test_two_members_of_one_name_are_refused(other: str) -> None:
    with pytest.raises(DuplicateMember):
        unpacked(Landing("x.zip", zipped({"a/Sent.csv": CSV, other: CSV})))


def test_two_inner_archives_with_members_of_one_name_are_refused() -> None:
    inner = zipped({"Sent.csv": CSV})
    with pytest.raises(DuplicateMember):
        unpacked(Landing("x.zip", zipped({"a.zip": inner, "b.zip": inner})))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_are_refused(method: int) -> None:
    with pytest.raises(ZipMethodUnsupported):
        unpacked(Landing("x.zip", zipped({"Sent.csv": CSV}, method)))


def test_members_encrypted_with_aes_are_refused() -> None:
    archive = bytearray(zipped({"Sent.csv": CSV}))
    for signature, method_at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = archive.index(signature) + method_at
        archive[at : at + 2] = (99).to_bytes(2, "little")
    with pytest.raises(ZipEncrypted):
        unpacked(Landing("x.zip", bytes(archive)))


def test_a_part_of_a_split_archive_is_refused() -> None:
    archive = bytearray(zipped({"Sent.csv": CSV}))
    archive[-18] = 1  # the number of this disk
    with pytest.raises(ZipSplit):
        unpacked(Landing("x.zip", bytes(archive)))


def test_the_first_of_several_parts_is_told_from_an_archive_that_was_cut() -> None:
    with pytest.raises(ZipSplit):
        unpacked(Landing("x.zip", b"PK\x07\x08" + zipped({"Sent.csv": CSV})[:-40]))


def test_too_many_members_are_refused_unread() -> None:
    archive = zipped({f"{number}.csv": b"" for number in range(11)})
    with pytest.raises(TooManyMembers):
        unpacked(Landing("x.zip", archive), limits=Limits(max_members=10))


def test_a_hundred_thousand_members_are_refused_at_the_cost_of_none() -> None:
    archive = zipped({f"{number}.csv": b"" for number in range(100_000)}, zipfile.ZIP_STORED)
    began = time.process_time()
    with pytest.raises(TooManyMembers):
        unpacked(Landing("x.zip", archive))
    assert time.process_time() - began < 0.5


def test_members_of_nested_archives_count_together() -> None:
    inner = {f"{name}.zip": zipped({f"{name}{number}.csv": CSV for number in range(4)}) for name in "abc"}
    with pytest.raises(TooManyMembers):
        unpacked(Landing("x.zip", zipped(inner)), limits=Limits(max_members=10))


def test_a_member_that_states_a_size_above_the_limit_is_refused() -> None:
    with pytest.raises(MemberTooLarge):
        unpacked(Landing("x.zip", zipped({"Sent.csv": CSV})), limits=Limits(max_member_bytes=len(CSV) - 1))
