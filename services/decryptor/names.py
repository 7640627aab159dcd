"""Names of members: from whatever an archive or a key says to one safe part of an object key of ours."""

from __future__ import annotations

import re
import unicodedata

from services.decryptor.errors import UnsafeMemberName
from shared.naming import bounded

# Suffixes that name a wrapping which the decryptor takes off.
_WRAPPINGS = (".pgp", ".gpg", ".asc", ".enc", ".gz", ".zip")
_PLAIN_PUNCTUATION = frozenset(" -_.()!'&$@=;,+")
_RUNS = re.compile(r"[\0-\x7f]+|[^\0-\x7f]+")
# What programs write that declare no encoding: the code page of their machine, as a rule.
_ZIP_ENCODINGS = (
    *("cp437", "cp850", "cp852", "cp866", "cp1252", "cp932", "gbk", "big5", "cp949"),
    *(
        "cp737",
        "cp775",
        "cp855",
        "cp857",
        "cp858",
        "cp860",
        "cp861",
        "cp862",
        "cp863",
        "cp864",
        "cp865",
        "cp869",
    ),
    *("cp874", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258"),
    *("iso8859_2", "iso8859_15", "koi8_r", "koi8_u", "mac_roman", "euc_jp", "gb18030"),
)
_DRIVE = re.compile(r"^[A-Za-z]:")


def decode_path(raw: bytes, declared_utf8: bool) -> str:
    """The text of a zip entry's path: UTF-8, or else code page 437 as the format's definition has it.

    Many programs write UTF-8 without declaring it, so UTF-8 is tried first.

    Raises:
        UnsafeMemberName: the path is declared to be UTF-8 and is not.
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        if declared_utf8:
            raise UnsafeMemberName("a member's name is not the UTF-8 it is declared to be") from None
        return raw.decode("cp437")


def is_same_name(one: bytes, other: bytes) -> bool:
    """Whether two paths of one zip entry end in one name, which may be encoded otherwise.

    Where a path is not UTF-8, nothing tells which encoding it is in. Some programs put ``?`` or ``_`` where
    theirs lacks a character.
    """
    ones, others = _possible_names(one), _possible_names(other)
    return not ones.isdisjoint(others) or any(
        _is_substituted(first, second) or _is_substituted(second, first)
        for first in ones
        for second in others
    )


def _possible_names(path: bytes) -> frozenset[str]:
    """The last part of a path in every encoding that it may be in."""
    try:
        texts = [path.decode("utf-8")]
    except UnicodeDecodeError:
        texts = [path.decode(codec, errors="replace") for codec in _ZIP_ENCODINGS]
    return frozenset(
        unicodedata.normalize("NFC", text).replace("\\", "/").rpartition("/")[2] for text in texts
    )


def _is_substituted(name: str, full: str) -> bool:
    """Whether an ASCII name is the full one with every other character replaced."""
    if not name.isascii() or full.isascii():
        return False
    runs = _RUNS.findall(full)
    pattern = "".join(re.escape(run) if run.isascii() else "[?_]+" for run in runs)
    return re.fullmatch(pattern, name) is not None


def relative_parts(path: str) -> list[str]:
    """The parts of a relative path inside an archive; ``\\`` separates as ``/`` does.

    Raises:
        UnsafeMemberName: the path is absolute, names a drive, climbs with ``..``, holds a NUL, or is empty.
    """
    if not path:
        raise UnsafeMemberName("a member has no name")
    parts = path.replace("\\", "/").split("/")
    if "\0" in path or parts[0] == "" or _DRIVE.match(path) or ".." in parts:
        raise UnsafeMemberName("a member's name leads outside its archive")
    return parts


def member_name(name: str, max_bytes: int) -> str:
    """The name a member gets under raw/, made from the last part of its path or key.

    Suffixes of wrappings go; letters and digits of every script stay; what S3 clients, shells or terminals
    treat specially becomes ``_``. A name beyond ``max_bytes`` of UTF-8 is cut and marked with a digest of the
    whole, its extension kept.

    Raises:
        UnsafeMemberName: nothing is left that could be a name.
    """
    safe = _unwrapped(_printable(name))
    if not safe.strip("._ "):
        raise UnsafeMemberName("a member has no name")
    return bounded(safe, max_bytes)


def shown_name(name: str, max_bytes: int) -> str:
    """The name of a member that is not written anywhere, made safe to be shown."""
    return bounded(_printable(name), max_bytes) or "_"


def _printable(name: str) -> str:
    return "".join(_safe(char) for char in unicodedata.normalize("NFC", name)).strip()


def _safe(char: str) -> str:
    if char in _PLAIN_PUNCTUATION or unicodedata.category(char)[0] in "LNM":
        return char
    return "_"


def _unwrapped(name: str) -> str:
    while True:
        for suffix in _WRAPPINGS:
            if name.lower().endswith(suffix) and len(name) > len(suffix):
                name = name[: -len(suffix)].rstrip()
                break
        else:
            return name
