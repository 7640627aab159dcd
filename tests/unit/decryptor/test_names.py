"""Names under raw/: one safe part of a key, whatever an archive says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.decryptor.errors import UnsafeMemberName
from services.decryptor.names import decode_path, member_name, relative_parts, shown_name

MOST = 200


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Sent.csv", "Sent.csv"),
        ("Sent.csv.pgp", "Sent.csv"),
        ("Sent.csv.GPG", "Sent.csv"),
        ("Sent.csv.gz.enc", "Sent.csv"),
        ("20260131_Extract.zip", "20260131_Extract"),
        (".gz", ".gz"),
        ("Kündigungen.csv", "Kündigungen.csv"),
        ("購読者.csv", "購読者.csv"),
        ('a"b<c>|d%e#f?.csv', "a_b_c__d_e_f_.csv"),
        ("a\tb\x1b[31m\u202e.csv", "a_b__31m_.csv"),
        ("a\\b.csv", "a_b.csv"),
        ("Cafe\u0301.csv", "Café.csv"),
    ],
)
def test_a_name_is_made_safe(name: str, expected: str) -> None:
    assert member_name(name, MOST) == expected


@pytest.mark.parametrize("name", ["", ".", "..", "...", "  ", "\x00"])
def test_a_name_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(UnsafeMemberName):
        member_name(name, MOST)


@given(st.text())
def test_every_name_is_one_safe_bounded_part_of_a_key_or_refused(text: str) -> None:
    try:
        name = member_name(text, MOST)
    except UnsafeMemberName:
        return
    assert name not in {"", ".", ".."}
    assert name.isprintable()
    assert not set(name) & set('/\\\0"<>|%#?*:')
    assert len(name.encode()) <= MOST


@given(st.text(min_size=1))
def test_a_safe_name_stays_as_it_is(text: str) -> None:
    try:
        name = member_name(text, MOST)
    except UnsafeMemberName:
        return
    assert member_name(name, MOST) == name


def test_a_long_name_keeps_its_extension() -> None:
    assert member_name("é" * 300 + ".csv", 40).endswith(".csv")


def test_long_names_that_differ_late_stay_different() -> None:
    assert member_name("a" * 300 + "1.csv", 40) != member_name("a" * 300 + "2.csv", 40)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../Sent.csv",
        "a/../../Sent.csv",
        "..\\Sent.csv",
        "C:\\Sent.csv",
        "\\Sent.csv",
        "a\0b",
        "",
    ],
)
def test_a_path_that_leads_outside_is_refused(path: str) -> None:
    with pytest.raises(UnsafeMemberName):
        relative_parts(path)


def test_folders_are_separated_by_either_slash() -> None:
    assert relative_parts("20260131/Extract\\Sent.csv") == ["20260131", "Extract", "Sent.csv"]


@pytest.mark.parametrize(
    ("name", "shown"), [("Thumbs.db", "Thumbs.db"), ("a\x1b[2Jb.pdf", "a__2Jb.pdf"), ("._", "._"), ("", "_")]
)
def test_a_name_that_is_only_shown_is_never_refused(name: str, shown: str) -> None:
    assert shown_name(name, MOST) == shown


def test_undeclared_utf_8_is_read_as_such() -> None:
    assert decode_path("Städte.csv".encode(), declared_utf8=False) == "Städte.csv"


def test_other_undeclared_names_are_code_page_437() -> None:
    assert decode_path("Städte.csv".encode("cp437"), declared_utf8=False) == "Städte.csv"


def test_a_name_that_is_not_the_utf_8_it_claims_to_be_is_refused() -> None:
    with pytest.raises(UnsafeMemberName):
        decode_path(b"St\x84dte.csv", declared_utf8=True)
