"""Content that needs no unpacking: text, recognised by its plausibility, not as what is left over."""

from __future__ import annotations

import re
from collections.abc import Generator

from services.decryptor.formats.format import Part, Tools
from services.decryptor.formats.openpgp_armor import mentions_armor
from services.decryptor.streams import Source
from shared.text import plausible_text

# Formats that are text for the most part, or begin as text and hold a little that is not. So does tar.
_OTHER_FORMATS = ("%PDF-", "Salted__", "age-encryption.org/", "$ANSIBLE_VAULT;")

# Text that is the coat of something encrypted: PEM and PGP armor, and base64.
# One damaged byte does not hide the former, in which two marks stand.
_ARMOR = re.compile(r"\s*(-----BEGIN |[^\n]{0,16}PGP MESSAGE)")
_ARMOR_LINE = "-----BEGIN PGP MESSAGE-----"
_ARMOR_BELOW = re.compile(rf"[\r\n]{_ARMOR_LINE}[ \t]*[\r\n]")  # too far from the start to be read
_LEAST_ENCODED = 44  # characters of a line of base64: shorter ones are words and keys
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_BASE32 = re.compile(r"[A-Z2-7]+={0,6}")
_BOTH_CASES = re.compile(r"(?=.*[a-z]).*[A-Z]")  # keys of one case alone are no base64: 1 in 10^9 lines is
_LINE_END = re.compile(r"[\r\n]+")
_HEADER_LINE = re.compile(r"[A-Za-z][A-Za-z-]*: ")  # of an e-mail or armor, before the body
_HEX = re.compile(r"(?=.*[a-fA-F])[0-9a-fA-F]+")
_DIGEST_DIGITS = frozenset({32, 40, 56, 64, 96, 128})  # MD5, SHA-1, and SHA-2 of four lengths, in hex


class PlainText:
    """CSV and other text as it is (bare, or decrypted by S3 itself under SSE-S3 and SSE-KMS)."""

    name = "plain"

    def recognises(self, source: Source) -> bool:
        """Whether the first bytes are text: UTF-8, UTF-16 with or without a mark, or Western bytes."""
        return is_text(source.head, source.head_is_all)

    def open(self, source: Source, _tools: Tools) -> Generator[Part, None, None]:
        """The content itself."""
        yield Part(source.name, source.chunks())


def is_text(head: bytes, complete: bool) -> bool:
    """Whether ``head``, the first bytes of something, is plausibly text; ``complete`` if it is the whole."""
    if mentions_armor(head):
        return False
    text = plausible_text(head, complete)
    if text is None or text.startswith(_OTHER_FORMATS) or text[257:262] == "ustar" or _ARMOR.match(text):
        return False
    if _ARMOR_BELOW.search(text):
        return False
    if text and _ARMOR_LINE.startswith(text):  # all that a cut has left of it
        return False
    return not _is_encoded(text, complete)


def _is_encoded(text: str, complete: bool) -> bool:
    """Whether a text is a body of base64, base32 or hex digits and no column of digests.

    Blank lines, and header lines as armor and e-mails have them, may be before the body.
    """
    lines = [line for each in _LINE_END.split(text) if (line := each.strip().removeprefix("0x"))]
    while lines and _HEADER_LINE.match(lines[0]):
        del lines[0]
    if not lines or len(lines[0]) < _LEAST_ENCODED or not _looks_encoded(lines[0]):
        return False
    whole = lines if complete else lines[:-1]
    encoded = sum(_BASE64.fullmatch(line) is not None for line in whole[1:])
    if encoded * 2 < len(whole) - 1:  # a long name of one column, and its rows
        return False
    return not (_are_hex_digests(whole) or _are_padded_alike(whole) or _are_keys(whole))


def _looks_encoded(line: str) -> bool:
    return bool(
        (_BASE64.fullmatch(line) and _BOTH_CASES.match(line))
        or _BASE32.fullmatch(line)
        or _HEX.fullmatch(line)
    )


def _are_hex_digests(lines: list[str]) -> bool:
    """Whether hex digits come in the lengths of digests; of an encoded body the last line may be shorter."""
    lengths = [len(line) for line in lines if _HEX.fullmatch(line)]
    return lengths != [] and _DIGEST_DIGITS.issuperset(lengths) and lengths[-1] in (lengths[:-1] or lengths)


def _are_padded_alike(lines: list[str]) -> bool:
    """Whether all long lines are base64 of one length, each padded; of a body only the last may be padded."""
    encoded = [line for line in lines if len(line) >= _LEAST_ENCODED]
    paddings = {(len(line), len(line.rstrip("="))) for line in encoded}
    return len(encoded) > 1 and len(paddings) == 1 and encoded[0].endswith("=")


def _are_keys(lines: list[str]) -> bool:
    """Whether lines of one length do not hold whole groups of four, as those of a body do."""
    return len(lines) > 1 and len({len(line) for line in lines}) == 1 and len(lines[0]) % 4 != 0
