"""Content that needs no unpacking: text, recognised by its plausibility, not as what is left over."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Generator

from services.decryptor.formats.format import Part, Tools
from services.decryptor.streams import Source

_UTF_16_BOMS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MOST_CONTROLS = 0.01  # stray ones occur in free-text columns
_LEAST_ASCII = 0.6  # of text in an unknown single-byte encoding: column names, delimiters, numbers, dates
_DELIMITERS = re.compile(rb"[,;\t|]")
_SAMPLED_CHARACTERS = 2048

# Text that is the coat of something encrypted: PEM and PGP armor, and a first line of nothing but base64.
# One damaged byte does not hide the former, in which two marks stand.
_ARMOR = re.compile(rb"\s*(-----BEGIN |[^\n]{0,16}PGP MESSAGE)")
_ARMOR_LINE = b"-----BEGIN PGP MESSAGE-----"
_ENCODED_LINE = re.compile(rb"[A-Za-z0-9+/=]{44,}\r?(\n|$)")


class PlainText:
    """CSV and other text as it is (bare, or decrypted by S3 itself under SSE-S3 and SSE-KMS)."""

    name = "plain"

    def recognises(self, source: Source) -> bool:
        """Whether the first bytes are text: UTF-8, UTF-16 with its mark, or Western single bytes."""
        return is_text(source.head, source.head_is_all)

    def open(self, source: Source, _tools: Tools) -> Generator[Part, None, None]:
        """The content itself."""
        yield Part(source.name, source.chunks())


def is_text(head: bytes, complete: bool) -> bool:
    """Whether ``head``, the first bytes of something, is plausibly text; ``complete`` if it is the whole."""
    for mark, encoding in _UTF_16_BOMS.items():
        if head.startswith(mark):
            return _is_utf_16(head[len(mark) :], encoding, complete)
    if b"\0" in head or _ARMOR.match(head) or _ENCODED_LINE.match(head):
        return False
    if head and _ARMOR_LINE.startswith(head):  # all that a cut has left of it
        return False
    controls = len(_CONTROLS.findall(head))
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=complete)
    except UnicodeDecodeError:
        return controls == 0 and _is_western(head, complete)
    return controls <= _MOST_CONTROLS * len(head)


def _is_western(head: bytes, complete: bool) -> bool:
    """Text in Latin-1 or a Windows code page has no mark: it must have the shape of a delimited file."""
    first_line, newline, _ = head.partition(b"\n")
    shaped = _DELIMITERS.search(first_line) is not None and (bool(newline) or complete)
    return shaped and sum(byte < 0x80 for byte in head) >= _LEAST_ASCII * len(head)


def _is_utf_16(body: bytes, encoding: str, complete: bool) -> bool:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(body, final=complete)
    except UnicodeDecodeError:
        return False
    sample = text[:_SAMPLED_CHARACTERS]
    # Random 16-bit units soon hit a code point that is private or not assigned; text has none.
    assigned = not any(unicodedata.category(char) in {"Cn", "Co"} for char in sample)
    return assigned and "\0" not in text and (not text or any(char < "\x80" for char in sample))
