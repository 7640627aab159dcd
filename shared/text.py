"""What counts as text, and in which encoding: one rule for letting files in and for reading their rows.

A file may hold damaged rows: a byte that is not of its encoding, a NUL, half a surrogate pair. They cost
those rows and not the file, wherever they are. So text is judged by how much of it is damaged, never by
whether anything is. Which code points a version of Unicode assigns does not matter.
"""

from __future__ import annotations

import codecs
import re
from typing import Literal

Encoding = Literal["utf-8", "utf-16-le", "utf-16-be", "cp1252", "iso-8859-1", "iso-8859-15"]

_BOMS: tuple[tuple[bytes, Encoding], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UTF_32_BOMS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)  # the first begins as that of UTF-16 does
SNIFF_BYTES = 64

# A run of NULs counts once: it is what a crash leaves of a block that was never written.
_CONTROLS = re.compile(r"\0+|[\x01-\x08\x0b\x0e-\x1f\x7f]")
_UNDECODED = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
_NOT_AT_THE_START = re.compile(r"[\0-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_WESTERN_CONTROLS = re.compile(r"[\x80-\x9f]")  # the few characters that Windows-1252 has there are rare
_ASCII = re.compile(r"[\t\n\r\x20-\x7e]")
_DELIMITER = re.compile(r"[,;\t|]")
# A quarter of all 16-bit numbers and next to none of any text: private use, and ideographs of Extension A.
_RARE = re.compile(r"[\u3400-\u4dbf\ue000-\uf8ff]")

# Characters for each one that may be damaged, besides two. Of random bytes, an eighth are control characters
# and half are undecoded; programs and pictures have the former throughout, and at their start above all.
_PER_CONTROL = 40
_PER_UNDECODED = 12
_LEAST_PER_DAMAGE = 8
_START, _MOST_AT_THE_START = 32, 8
_PER_RARE = 50
_PER_WESTERN_CONTROL = 12
_LEAST_ASCII_WESTERN = 0.6  # column names, delimiters, numbers, dates, and most letters


class Utf32Error(ValueError):
    """The byte order mark is that of UTF-32."""


def detect_encoding(head: bytes, stated: Encoding | None = None) -> tuple[Encoding, bytes]:
    """Return the encoding that a file is in, and its byte order mark, which may be empty.

    A byte order mark decides, even against ``stated``; then what is stated; then the NUL half of each ASCII
    character in the first bytes, which gives UTF-16 away; else it is UTF-8.

    Args:
        head: The first bytes; 64 are enough.
        stated: What the file is said to be in.

    Raises:
        Utf32Error: The byte order mark is that of UTF-32.
    """
    if head.startswith(_UTF_32_BOMS):
        raise Utf32Error("the text is in UTF-32")
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding, mark
    return stated or _by_nul_pattern(head[:SNIFF_BYTES]), b""


def _by_nul_pattern(head: bytes) -> Encoding:
    first, second = head[0::2].count(0), head[1::2].count(0)
    if max(first, second) * 4 <= len(head):
        return "utf-8"
    if first * 4 < second:
        return "utf-16-le"
    return "utf-16-be" if second * 4 < first else "utf-8"


def plausible_text(head: bytes, complete: bool) -> str | None:
    """Return the beginning of a file as text without its byte order mark; None if it is not text.

    Damaged characters are in it as lone surrogates, or as they are.

    Args:
        head: The first bytes.
        complete: Whether they are the whole file.
    """
    try:
        encoding, mark = detect_encoding(head)
    except Utf32Error:
        return None
    body = head[len(mark) :]
    if encoding != "utf-8":
        return _plausible_utf_16(body, encoding, complete)
    text, cut = _decoded(body, "utf-8", "surrogateescape", complete)
    if _is_sound(text, cut):
        return text
    western = body.decode("latin-1")
    return western if not mark and _is_western(western, complete) else None


def _decoded(body: bytes, encoding: Encoding, errors: str, complete: bool) -> tuple[str, bool]:
    """The text, and whether half a character is at its very end where nothing follows."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    text = decoder.decode(body)
    return text, complete and decoder.getstate()[0] != b""


def _is_sound(text: str, cut: bool = False) -> bool:
    """Whether little enough of a text is damaged."""
    size = len(text)
    controls, undecoded = len(_CONTROLS.findall(text)), len(_UNDECODED.findall(text)) + cut
    return (
        controls <= 2 + size // _PER_CONTROL
        and undecoded <= 2 + size // _PER_UNDECODED
        and (controls + undecoded) * _LEAST_PER_DAMAGE <= size
        and len(_NOT_AT_THE_START.findall(text[:_START])) <= _MOST_AT_THE_START
    )


def _plausible_utf_16(body: bytes, encoding: Encoding, complete: bool) -> str | None:
    """Random 16-bit numbers are seldom ASCII, which text is in part, and often characters that text lacks."""
    text, cut = _decoded(body, encoding, "surrogatepass", complete)
    ascii_characters = len(_ASCII.findall(text))
    if not _is_sound(text, cut) or bool(text) != bool(ascii_characters):
        return None
    odd = len(_RARE.findall(text)) + len(_UNDECODED.findall(text))
    return text if ascii_characters * 4 >= len(text) or odd * _PER_RARE <= len(text) else None


def _is_western(text: str, complete: bool) -> bool:
    """Text in Latin-1 or Windows-1252 has no mark: mostly ASCII, in lines or at least with a delimiter."""
    in_lines = "\n" in text or "\r" in text or (complete and _DELIMITER.search(text) is not None)
    return (
        in_lines
        and _is_sound(text)
        and len(_CONTROLS.findall(text)) <= len(text) // _PER_CONTROL
        and len(_WESTERN_CONTROLS.findall(text)) <= len(text) // _PER_WESTERN_CONTROL
        and len(_ASCII.findall(text)) >= _LEAST_ASCII_WESTERN * len(text)
    )
