"""Where a member's rows go in the curated bucket (DESIGN: append by landing day, snapshots by source)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from shared.identity import LandedFile
from shared.layout import LANDING, MOST_KEY_BYTES

_SUFFIX = ".parquet"
MOST_SOURCE_BYTES = 800
"""Leaves room for a dataset's longest name, and for a member's that has to be shortened."""
_DIGEST_CHARS = 16


@dataclass(frozen=True, slots=True)
class Placement:
    """The key of one Parquet object, and the Hive partition it belongs to."""

    key: str
    folder: str
    partition: dict[str, str]


def place(file: LandedFile, dataset: str, mode: Literal["append", "snapshot"], member: str) -> Placement:
    """The one place for a member of a file: the same for every generation, so replacing it is atomic."""
    if mode == "append":
        day = file.landing_date.isoformat()
        folder = f"{dataset}/ingest_date={day}/"
        return Placement(_key(f"{folder}{file.file_id}-", member), folder, {"ingest_date": day})
    source = source_of(file)
    folder = f"{dataset}/source={source}/snapshot={file.file_id}/"
    return Placement(_key(folder, member), folder, {"source": source})


def source_of(file: LandedFile) -> str:
    """Whose full refreshes replace each other: the landing folder, which a business unit has to itself.

    Files right under landing/ share theirs with those of a folder named ``default``.
    """
    folder = file.key.removeprefix(LANDING).rpartition("/")[0]
    return _safe(folder, MOST_SOURCE_BYTES) if folder else "default"


def _key(prefix: str, member: str) -> str:
    return prefix + _safe(member, MOST_KEY_BYTES - len(prefix) - len(_SUFFIX)) + _SUFFIX


def _safe(text: str, most: int) -> str:
    """Text that Hive, Glue and SQL take as it is, of at most ``most`` bytes; different texts stay different.

    Every other character becomes an escape between two tildes. What is too long even so ends with a digest of
    the whole behind a single one.
    """
    safe = re.sub(r"[^A-Za-z0-9._-]", lambda match: f"~{ord(match[0]):x}~", text)
    if len(safe) <= most:
        return safe
    start = safe[: most - _DIGEST_CHARS - 1]
    if start.count("~") % 2:  # no half of an escape
        start = start[: start.rindex("~")]
    return f"{start}~{hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_CHARS]}"
