"""Which members of an archive are skipped because nobody meant to send them, and which must be text."""

from __future__ import annotations

import re

# Files that operating systems leave in folders, by name in lower case. Some are text, in every folder.
_OF_SYSTEMS = frozenset({".ds_store", ".localized", "icon\r", "thumbs.db", "ehthumbs.db", "desktop.ini"})
_FOLDERS_OF_SYSTEMS = frozenset(
    {
        *("__macosx", ".appledouble", ".documentrevisions-v100", ".fseventsd", ".spotlight-v100"),
        *(".temporaryitems", ".trashes", "$recycle.bin", "system volume information", "@eadir"),
    }
)
_LOCK_FILE = re.compile(r"~\$.+|\.~lock\..+#")  # of Office and LibreOffice, while somebody has the file open
_APPLE_DOUBLE_PREFIX = "._"  # beside each file, where the target cannot hold what macOS knows of it

_TEXT_SUFFIXES = frozenset({"csv", "txt", "tsv"})
_SUFFIX = re.compile(r"[a-z0-9]*[a-z][a-z0-9]*")  # what follows a dot in "Sent 31.01.2026" names no type

# Zip archives of their own kind: a document is one file, not a folder of extracts.
_DOCUMENTS = frozenset(
    {"docx", "docm", "xlsx", "xlsm", "pptx", "pptm", "odt", "ods", "odp", "epub", "pages", "numbers", "jar"}
)


def is_folder(parts: list[str]) -> bool:
    """Whether the parts of a path name a folder."""
    return parts[-1] in {"", "."}


def is_clutter(parts: list[str]) -> bool:
    """Whether the parts of a path name what systems and office programs leave, whatever it holds."""
    *folders, name = (part.lower() for part in parts)
    return (
        name in _OF_SYSTEMS
        or not _FOLDERS_OF_SYSTEMS.isdisjoint(folders)
        or _LOCK_FILE.fullmatch(name) is not None
    )


def is_document(name: str) -> bool:
    """Whether a name is that of a document which is itself a zip archive."""
    return name.lower().rpartition(".")[2] in _DOCUMENTS


def must_be_text(name: str) -> bool:
    """Whether a member that is not text fails its file, by its name: it may be an extract.

    So it is with a suffix of text, also before another one (``Sent.csv.bz2``), and without a suffix.
    """
    if name.startswith(_APPLE_DOUBLE_PREFIX):
        return False
    _, *suffixes = name.lower().lstrip(".").split(".")
    return not suffixes or not _SUFFIX.fullmatch(suffixes[-1]) or not _TEXT_SUFFIXES.isdisjoint(suffixes)
