"""Armor as it arrives from e-mail programs, editors and PowerShell."""

from __future__ import annotations

import codecs
import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.decryptor.encryption_errors import PgpArmorMalformed, PgpTruncated, PgpUnsupported
from services.decryptor.errors import TrailingBytes
from services.decryptor.formats.openpgp import is_message
from services.decryptor.formats.openpgp_armor import dearmored, find_armor
from services.decryptor.formats.plain_text import is_text
from services.decryptor.streams import HEAD_BYTES
from shared.errors import LandfallError
from tests.unit.decryptor.landing import CSV, zipped
from tests.unit.decryptor.openpgp_writer import armored

MESSAGE = b"\x85\x01\x0c\x03" + random.Random(1).randbytes(520)
ARMORED = armored(MESSAGE)
LF, CRLF, CR = b"\n", b"\r\n", b"\r"


def decoded(content: bytes, size: int = 1 << 16) -> bytes:
    armor = find_armor(content[:HEAD_BYTES])
    assert armor is not None
    chunks = (content[at : at + size] for at in range(0, len(content), size))
    return b"".join(dearmored(chunks, armor))


def utf_16(content: bytes, order: str, mark: bytes = b"") -> bytes:
    return mark + content.decode().encode(f"utf-16-{order}")


ARRIVED = [
    pytest.param(ARMORED, id="as written"),
    pytest.param(ARMORED.replace(LF, CRLF), id="CR LF"),
    pytest.param(ARMORED.replace(LF, CR), id="CR"),
    pytest.param(ARMORED.replace(LF, b"\r\r\n"), id="CR CR LF"),
    pytest.param(ARMORED.replace(LF, b"\n\n"), id="every line end doubled"),
    pytest.param(ARMORED.replace(LF, b" \t\n"), id="white space behind lines"),
    pytest.param(ARMORED.replace(LF, b"\n  "), id="indented"),
    pytest.param(b"\r\n \t\n" + ARMORED, id="white space before"),
    pytest.param(ARMORED + b"\r\n \t\n", id="white space behind"),
    pytest.param(ARMORED.rstrip(), id="no line end behind"),
    pytest.param(codecs.BOM_UTF8 + ARMORED, id="UTF-8 mark"),
    pytest.param(utf_16(ARMORED, "le", codecs.BOM_UTF16_LE), id="UTF-16 LE with its mark"),
    pytest.param(utf_16(ARMORED, "be", codecs.BOM_UTF16_BE), id="UTF-16 BE with its mark"),
    pytest.param(utf_16(ARMORED, "le"), id="UTF-16 LE"),
    pytest.param(utf_16(ARMORED, "be"), id="UTF-16 BE"),
    pytest.param(
        utf_16(b"For Landfall:\r\n\r\n" + ARMORED.replace(LF, CRLF), "le", codecs.BOM_UTF16_LE),
        id="UTF-16 LE behind a line of text",
    ),
    pytest.param(utf_16(b"A line of text\n" + ARMORED, "be"), id="UTF-16 BE behind a line of text"),
    pytest.param(b"Encrypted for Landfall\n\n" + ARMORED, id="behind a line of text"),
    pytest.param(b"A line of text\n" + codecs.BOM_UTF8 + ARMORED, id="UTF-8 mark behind a line of text"),
    pytest.param("Für Größe\n".encode("latin-1") + ARMORED, id="behind a line in Latin-1"),
    pytest.param(b"To: x@example.com\n" * 500 + b"\n" + ARMORED, id="in an e-mail"),
    pytest.param(armored(MESSAGE, blank=b"", headers=b""), id="no blank line"),
    pytest.param(armored(MESSAGE, blank=b""), id="no blank line behind the headers"),
    pytest.param(armored(MESSAGE, headers=b"\nVersion: 1\nComment: a: b\n"), id="a blank line first"),
    pytest.param(armored(MESSAGE, headers=b"Comment:\n"), id="an empty header"),
    pytest.param(armored(MESSAGE, headers="Comment: ü\n".encode()), id="a header that is not ASCII"),
    pytest.param(armored(MESSAGE, checksum=b""), id="no checksum"),
    pytest.param(armored(MESSAGE, checksum=b"=ab\n"), id="a cut checksum"),
    pytest.param(armored(MESSAGE, width=76), id="lines of 76"),
    pytest.param(armored(MESSAGE, width=7), id="lines of an odd length"),
    pytest.param(armored(MESSAGE, width=1 << 20), id="one line"),
    pytest.param(armored(MESSAGE, width=1 << 20).replace(b"=abcd\n", b""), id="one line, no checksum"),
]


@pytest.mark.parametrize("content", ARRIVED)
@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_armor_is_decoded(content: bytes, size: int) -> None:
    assert decoded(content, size) == MESSAGE


@pytest.mark.parametrize("content", ARRIVED)
def test_armor_is_a_message_and_no_text(content: bytes) -> None:
    assert is_message(content)
    assert not is_text(content, complete=True)


@given(message=st.binary(min_size=1, max_size=300), size=st.integers(1, 100), width=st.integers(1, 80))
def test_any_bytes_come_out_however_they_are_cut(message: bytes, size: int, width: int) -> None:
    assert decoded(armored(message, width=width), size) == message


def test_a_long_line_is_decoded_before_it_ends() -> None:
    long = random.Random(2).randbytes(1 << 16)
    armor = find_armor(armored(long))
    assert armor is not None
    chunks = iter([armored(long, width=1 << 20)[: 1 << 15]])
    assert len(next(dearmored(chunks, armor))) > 1 << 14


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(armored(MESSAGE, headers=b"no header\n"), id="a header without a colon"),
        pytest.param(ARMORED.replace(b"\n=abcd", b"!\n=abcd"), id="a character that is not Base64"),
        pytest.param(ARMORED.replace(b"\n=abcd", "é\n=abcd".encode()), id="a character that is not ASCII"),
        pytest.param(ARMORED.replace(b"\n=abcd", b"QUJD\n=abcd"), id="a digit too many"),
        pytest.param(armored(MESSAGE[:-1], checksum=b"QUJD\n"), id="Base64 behind the padding"),
        pytest.param(armored(MESSAGE, checksum=b"=abcdefghijkl\n"), id="Base64 behind the checksum"),
        pytest.param(ARMORED.replace(b"=\n=abcd", b"\n=abcd"), id="no padding"),
        pytest.param(ARMORED.replace(b"END PGP MESSAGE", b"END PGP SIGNATURE"), id="another last line"),
        pytest.param(b"> " + ARMORED.replace(LF, b"\n> "), id="quoted"),
        pytest.param(b"- " + ARMORED, id="escaped by a dash"),
        pytest.param(ARMORED.replace(b"-----\n", b"---\n", 1), id="dashes missing"),
        pytest.param("\u2013--".encode() + ARMORED[5:], id="dashes made one"),
        pytest.param(ARMORED.replace(LF, b" "), id="line ends lost"),
        pytest.param(b"odd\n" + utf_16(ARMORED, "le"), id="an odd number of bytes before UTF-16"),
        pytest.param(b'Name,Note\n1,"-----BEGIN PGP MESSAGE-----"\n', id="in a field"),
    ],
)
def test_other_armor_is_refused_and_is_no_text(content: bytes) -> None:
    assert not is_text(content, complete=True)
    if is_message(content):
        with pytest.raises(PgpArmorMalformed):
            decoded(content)


def test_a_part_of_a_message_is_refused() -> None:
    with pytest.raises(PgpUnsupported):
        decoded(ARMORED.replace(b"MESSAGE--", b"MESSAGE, PART 1/2--"))


@given(size=st.integers(1, 80), length=st.integers(30, len(ARMORED) - 2))
def test_every_cut_armor_is_truncated(size: int, length: int) -> None:
    with pytest.raises(PgpTruncated):
        decoded(ARMORED[:length], size)


@pytest.mark.parametrize("tail", [b"more", ARMORED, b"\0", "ü".encode()])
@pytest.mark.parametrize("size", [1, 64, 1 << 16])
def test_what_follows_armor_is_refused(size: int, tail: bytes) -> None:
    with pytest.raises(TrailingBytes):
        decoded(ARMORED + tail, size)


@given(position=st.integers(0, len(ARMORED) - 1), bit=st.integers(0, 7))
def test_damage_never_makes_text_of_armor(position: int, bit: int) -> None:
    """Nor an error that has no code."""
    content = bytearray(ARMORED)
    content[position] ^= 1 << bit
    assert not is_text(bytes(content), complete=True)
    if is_message(bytes(content)):
        with suppress(LandfallError):
            decoded(bytes(content))


def test_a_zip_of_armored_files_is_no_message() -> None:
    assert not is_message(zipped({"Sent.csv.asc": ARMORED}, method=0))


def test_text_without_armor_is_none() -> None:
    assert find_armor(CSV) is None
    assert find_armor(b"Subject,Body\nPGP MESSAGE,begin pgp message\n") is None
