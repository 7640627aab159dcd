"""What counts as text: damage costs rows, not files, and nothing but text passes."""

from __future__ import annotations

import codecs
import gzip
import random
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.text import plausible_text

ENCODINGS = {
    "utf-8": (b"", "utf-8"),
    "utf-8 with a mark": (codecs.BOM_UTF8, "utf-8"),
    "utf-16-le": (b"", "utf-16-le"),
    "utf-16-le with a mark": (codecs.BOM_UTF16_LE, "utf-16-le"),
    "utf-16-be": (b"", "utf-16-be"),
    "utf-16-be with a mark": (codecs.BOM_UTF16_BE, "utf-16-be"),
    "cp1252": (b"", "cp1252"),
    "latin-1": (b"", "latin-1"),
}
NAMES = ("Zoë Müller", "Ada Lovelace", "José Núñez", "Ångström", "Bob")
CJK_NAMES = ("明子", "東京太郎", "李小龍", "김철수", "Bob")
EVERY_ENCODING = pytest.mark.parametrize(("mark", "codec"), ENCODINGS.values(), ids=ENCODINGS)


def lines(count: int, names: tuple[str, ...] = NAMES) -> list[str]:
    """A header and ``count`` rows."""
    rows = [f"{number},{names[number % len(names)]},{number * 37 % 1000}" for number in range(count)]
    return ["SubscriberKey,FullName,Clicks", *rows]


def damage_of(codec: str) -> list[bytes]:
    """Bytes that damage a row: a NUL, a control character, what the encoding does not have, a long hole."""
    damage = [control.encode(codec) for control in ("\0", "\x1a", "\0" * 300)]
    if codec.startswith("utf-16"):
        lone = ("\ud83d", "\udc00", "\uffff", "\ue000", "\u0378")
        return [*damage, *(each.encode(codec, "surrogatepass") for each in lone)]
    return (
        [*damage, b"\x81", b"\xff"] if codec != "utf-8" else [*damage, b"\xff", b"\xe2\x82", b"\xed\xa0\xbd"]
    )


@pytest.mark.parametrize("at", ["header", "first row", "middle", "last row"])
@pytest.mark.parametrize("rows", [2, 5, 400])
@EVERY_ENCODING
def test_a_damaged_row_costs_no_file(mark: bytes, codec: str, rows: int, at: str) -> None:
    whole = [line.encode(codec) for line in lines(rows)]
    number = {"header": 0, "first row": 1, "middle": 1 + rows // 2, "last row": rows}[at]
    for damage in damage_of(codec):
        damaged = [*whole]
        damaged[number] += damage
        content = mark + "\r\n".encode(codec).join([*damaged, b""])
        assert plausible_text(content, complete=True) is not None, damage


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be"])
def test_names_of_every_script_may_be_cut_inside_a_character(codec: str) -> None:
    whole = [line.encode(codec) for line in lines(200, CJK_NAMES)]
    whole[1::9] = [line[:-1] for line in whole[1::9]] if codec == "utf-8" else whole[1::9]
    whole[2] = whole[2] + "李".encode(codec)[:-1] if codec == "utf-8" else whole[2]
    mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(codec, b"")
    assert plausible_text(mark + "\n".encode(codec).join(whole), complete=True) is not None


@given(st.text(st.characters(min_codepoint=0xE000, max_codepoint=0xF8FF), max_size=8))
def test_private_characters_are_text(private: str) -> None:
    """Which code points are assigned depends on the version of the Unicode tables; the rule does not."""
    content = codecs.BOM_UTF16_LE + "\r\n".join([f"{line}{private}" for line in lines(20)]).encode(
        "utf-16-le"
    )
    assert plausible_text(content, complete=True) is not None


def test_a_mark_alone_is_an_empty_text() -> None:
    assert plausible_text(codecs.BOM_UTF16_LE, complete=True) == ""
    assert plausible_text(b"", complete=True) == ""


@given(
    seed=st.integers(),
    size=st.integers(32, 5000),
    mark=st.sampled_from([b"", *(m for m, _ in ENCODINGS.values())]),
)
def test_noise_is_no_text(seed: int, size: int, mark: bytes) -> None:
    assert plausible_text(mark + random.Random(seed).randbytes(size), complete=True) is None


def png(width: int) -> bytes:
    """A small picture, pixels and all."""
    pixels = zlib.compress(b"".join(b"\0" + random.Random(row).randbytes(3 * width) for row in range(width)))
    header = struct.pack(">2L5B", width, width, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))
        for kind, data in chunks
    )


BINARY = {
    "png": png(40),
    "png of one pixel": png(1),
    "gif": b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0\x3b",
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xdb\0\x43\0" + bytes(range(1, 65)),
    "elf": b"\x7fELF\2\1\1"
    + bytes(9)
    + struct.pack("<2HL3QL6H", 3, 62, 1, 4096, 64, 9000, 0, 64, 56, 9, 64, 9, 8),
    "windows executable": b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0\xb8"
    + bytes(43)
    + b"\x80\0\0\0PE\0\0"
    + bytes(60),
    "ole2, as Thumbs.db": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    + bytes(16)
    + b"\x3e\0\3\0\xfe\xff\t\0"
    + b"\xff" * 400,
    "apple double": b"\0\5\x16\7\0\2\0\0Mac OS X        \0\2\0\0\0\t\0\0\0\x32\0\0\0\xb0" + bytes(60),
    "ds_store": b"\0\0\0\1Bud1\0\0\x10\0\0\0\x08\0\0\0\x10\0" + bytes(200),
    "sqlite": b"SQLite format 3\0\x10\0\1\1\0\x40\x20\x20" + bytes(76),
    "16-bit samples": struct.pack("<2000h", *(number % 50 - 25 for number in range(2000))),
    "32-bit numbers": struct.pack("<2000l", *range(2000)),
    "doubles": struct.pack("<500d", *(number / 7 for number in range(500))),
    "gzip": gzip.compress(b"a,b\n" * 1000, mtime=0),
    "message catalogue": struct.pack("<7L", 0x950412DE, 0, 9, 28, 100, 0, 0)
    + b"cannot open\0no such file\0" * 40,
}


@pytest.mark.parametrize("content", BINARY.values(), ids=BINARY)
def test_other_files_are_no_text(content: bytes) -> None:
    assert plausible_text(content, complete=True) is None
    assert plausible_text(content, complete=False) is None
