"""What passes as text, and what is refused because it does not."""

from __future__ import annotations

import gzip
import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.decryptor.errors import EmptyObject, UnrecognisedFormat
from services.decryptor.formats.plain_text import is_text
from services.decryptor.streams import HEAD_BYTES
from shared.errors import LandfallError
from tests.unit.decryptor.landing import CSV, Landing, layers, unpacked

ROWS = "Attribute,Städte\r\nÅsa,Malmö\r\nJosé,Cáceres\r\n"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(CSV, id="ascii"),
        pytest.param(ROWS.encode(), id="utf-8"),
        pytest.param(b"\xef\xbb\xbf" + ROWS.encode(), id="utf-8 with a mark"),
        pytest.param(ROWS.encode("utf-16"), id="utf-16 little endian"),
        pytest.param(b"\xfe\xff" + ROWS.encode("utf-16-be"), id="utf-16 big endian"),
        pytest.param("顧客,都市\r\n明子,東京\r\n".encode("utf-16"), id="utf-16 japanese"),
        pytest.param(ROWS.encode("latin-1"), id="latin-1"),
        pytest.param("Name\tPrice\nÅsa\t5 €\n".encode("cp1252"), id="cp1252 with tabs"),
        pytest.param(b"EmailAddress\r\nada@example.com\r\n", id="one column"),
        pytest.param(b"a,b", id="a header without a line end"),
        pytest.param(
            b"Reason\r\n" + b"a normal bounce reason\r\n" * 50 + b"odd \x0b one\r\n", id="stray control"
        ),
    ],
)
@pytest.mark.parametrize("viewed", [False, True])
def test_text_is_given_as_it_is(content: bytes, viewed: bool) -> None:
    assert unpacked(Landing("Sent.csv", content, viewed=viewed)) == {"Sent.csv": content}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(100), id="png"),
        pytest.param(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(100), id="jpeg"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\x00", id="pdf"),
        pytest.param(b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(100), id="7z"),
        pytest.param(b"BZh91AY&SY" + random.Random(1).randbytes(400), id="bzip2"),
        pytest.param(b"Salted__" + random.Random(2).randbytes(400), id="openssl"),
        pytest.param(b"U2FsdGVkX1" + b"9kQ0" * 20 + b"\n", id="openssl in base64"),
        pytest.param(b"-----BEGIN CMS-----\nMIIB\n-----END CMS-----\n", id="armor of another kind"),
        pytest.param(b"-----BAGIN PGP MESSAGE-----\n\nhQEM\n", id="armor with a damaged first line"),
        pytest.param(b"A" * 2000 + b"\0", id="a NUL in ASCII"),
        pytest.param(ROWS.encode("utf-16-le"), id="utf-16 without its mark"),
        pytest.param(ROWS.encode("utf-32"), id="utf-32"),
        pytest.param(b"\xff\xfe" + random.Random(3).randbytes(400), id="noise behind a utf-16 mark"),
        pytest.param(b"\xef\xbb\xbf\xff\xff,\n", id="a utf-8 mark on something else"),
        pytest.param("Prénom\r\nJosé\r\n".encode("latin-1"), id="latin-1 without the shape of a table"),
    ],
)
def test_what_is_not_text_is_refused(content: bytes) -> None:
    with pytest.raises(UnrecognisedFormat):
        unpacked(Landing("Sent.csv", content))


@given(seed=st.integers(), size=st.integers(64, 4096))
def test_noise_is_not_text(seed: int, size: int) -> None:
    assert not is_text(random.Random(seed).randbytes(size), complete=True)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))))
@example("é" * HEAD_BYTES)
def test_utf_8_is_text_wherever_its_head_ends(text: str) -> None:
    head = f"Name,Note\n{text}".encode()[:HEAD_BYTES]
    assert is_text(head, complete=False)


def test_utf_16_that_ends_inside_a_character_is_refused() -> None:
    with pytest.raises(UnrecognisedFormat):
        unpacked(Landing("Sent.csv", ROWS.encode("utf-16")[:-1]))


@pytest.mark.parametrize("length", range(1, 28))
def test_what_is_left_of_armor_is_no_text(length: int) -> None:
    """A message cut inside its first line looks like a line of hyphens."""
    with pytest.raises(LandfallError):
        unpacked(Landing("Sent.csv.pgp", b"-----BEGIN PGP MESSAGE-----"[:length]))


def test_an_object_without_a_byte_is_refused() -> None:
    with pytest.raises(EmptyObject):
        unpacked(Landing("Sent.csv", b""))


def test_a_wrapping_around_nothing_is_refused() -> None:
    with pytest.raises(EmptyObject):
        unpacked(Landing("Sent.csv.gz", gzip.compress(b"")))


def test_plain_text_has_no_layers() -> None:
    assert layers(Landing("Sent.csv", CSV)) == [()]
