"""What passes as text, and what is refused because it does not."""

from __future__ import annotations

import gzip
import hashlib
import random
from base64 import b64encode, encodebytes
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.decryptor.errors import EmptyObject, UnrecognisedFormat
from services.decryptor.formats.plain_text import is_text
from services.decryptor.streams import HEAD_BYTES
from shared.errors import LandfallError
from tests.unit.decryptor.landing import CSV, Landing, layers, unpacked

BODY = encodebytes(random.Random(7).randbytes(400))
HEX_DUMP = b"\n".join(random.Random(8).randbytes(length).hex().encode() for length in (32, 32, 32, 17))
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
        pytest.param(ROWS.encode("utf-16-le"), id="utf-16 little endian without its mark"),
        pytest.param(ROWS.encode("utf-16-be"), id="utf-16 big endian without its mark"),
        pytest.param("Prénom\r\nJosé\r\n".encode("latin-1"), id="latin-1 with one column"),
        pytest.param(b"Name,City\n" + b"Ada,Lo\0don\n" + b"Eve,Paris\n", id="a NUL"),
        pytest.param(ROWS.encode("utf-16")[:-1], id="utf-16 that ends inside a character"),
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
        pytest.param(ROWS.encode("utf-32"), id="utf-32"),
        pytest.param(b"\xff\xfe" + random.Random(3).randbytes(400), id="noise behind a utf-16 mark"),
        pytest.param(b"\xef\xbb\xbf\xff\xff,\n", id="a utf-8 mark on something else"),
        pytest.param(b"%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\n", id="a pdf of ASCII alone"),
        pytest.param(
            b"age-encryption.org/v1\n-> X25519 " + b"a1" * 60 + b"\n--- " + random.Random(4).randbytes(32),
            id="age",
        ),
        pytest.param(("-----BEGIN CMS-----\nMIIB\n").encode("utf-16"), id="armor in utf-16"),
        pytest.param((("9kQ0" * 19 + "\r\n") * 3).encode("utf-16"), id="base64 in utf-16"),
        pytest.param(BODY, id="a body of base64"),
        pytest.param(BODY.replace(b"\n", b"\r\n"), id="a body of base64 with CRLF"),
        pytest.param(b64encode(random.Random(5).randbytes(32)), id="one line of padded base64"),
        pytest.param(random.Random(6).randbytes(300).hex().encode(), id="hex in one line"),
        pytest.param(HEX_DUMP, id="hex in lines as long as a digest"),
        pytest.param(b"\r\n\r\n" + BODY, id="base64 behind blank lines"),
        pytest.param(b"Version: 1\nComment: x\n\n" + BODY, id="armor that lost its first line"),
        pytest.param(BODY.replace(b"\n", b" \r\n"), id="base64 with spaces at the line ends"),
        pytest.param(BODY.translate(bytes.maketrans(b"+/", b"-_")), id="base64 for URLs"),
        pytest.param(b"Hi,\n\n-----BEGlN PGP MESSAGE-----\n\n" + BODY, id="damaged armor below text"),
        pytest.param(b"-----begin pgp message-----\n\n" + BODY, id="armor in lower case"),
        pytest.param(
            b"a line, of text\n" * 2000 + b"-----BEGIN PGP MESSAGE-----\n\n" + BODY, id="armor far below"
        ),
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


HASHES = {"md5": 16, "sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("rows", [1, 2, 3000])
@pytest.mark.parametrize("upper", [False, True], ids=["lower case", "upper case"])
@pytest.mark.parametrize("name", HASHES)
def test_a_column_of_hex_digests_is_text(name: str, upper: bool, rows: int, line_end: str) -> None:
    digests = (hashlib.new(name, b"%d" % row).hexdigest() for row in range(rows))
    column = line_end.join(digest.upper() if upper else digest for digest in digests)
    for content in (column.encode(), (column + line_end).encode(), column.encode("utf-16")):
        assert is_text(content[:HEAD_BYTES], len(content) <= HEAD_BYTES)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("rows", [2, 3, 3000])
@pytest.mark.parametrize("name", ["sha256", "sha512"])
def test_a_column_of_base64_digests_is_text(name: str, rows: int, line_end: bytes) -> None:
    """As UID2 has them: each is padded by itself, as no line of a longer body is."""
    column = line_end.join(b64encode(hashlib.new(name, b"%d" % row).digest()) for row in range(rows))
    for content in (column, column + line_end):
        assert is_text(content[:HEAD_BYTES], len(content) <= HEAD_BYTES)


def test_a_column_of_digests_may_have_gaps() -> None:
    digests = [hashlib.sha256(b"%d" % row).hexdigest() for row in range(3)]
    assert is_text("\n".join([digests[0], "", "NULL", digests[1], "n/a", digests[2]]).encode(), complete=True)


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


KEYS = {
    "with a prefix": lambda row: "0x" + hashlib.sha256(row).hexdigest(),
    "with a capital in the prefix's digits": lambda row: "0x" + hashlib.sha256(row).hexdigest().upper(),
    "of decimal digits": lambda row: row.decode().rjust(52, "7"),
    "of lower case and dashes": lambda row: f"{hashlib.md5(row).hexdigest()}-{hashlib.md5(row).hexdigest()}",
    "of no whole groups": lambda row: b64encode(hashlib.sha512(row).digest()).decode().rstrip("="),
}


@pytest.mark.parametrize("rows", [2, 3000])
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_column_of_long_keys_is_text(key: Callable[[bytes], str], rows: int) -> None:
    content = "\n".join(key(b"%d" % row) for row in range(rows)).encode()

    assert is_text(content[:HEAD_BYTES], len(content) <= HEAD_BYTES)


@pytest.mark.parametrize("row", [b"ada@example.com", b"K-1 of 2"])
def test_a_long_name_of_the_only_column_is_text(row: bytes) -> None:
    name = b"EmailAddressOfTheSubscriberWhoReceivesTheMonthlyReport"

    assert is_text(name + b"\n" + (row + b"\n") * 3, complete=True)
