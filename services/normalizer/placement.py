"""Where a member's rows go in the curated bucket (DESIGN: append by landing day, snapshots by source)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from shared.identity import LandedFile
from shared.layout import LANDING


@dataclass(frozen=True, slots=True)
class Placement:
    """The key of one Parquet object, and the Hive partition it belongs to."""

    key: str
    folder: str
    partition: dict[str, str]


def place(file: LandedFile, dataset: str, mode: Literal["append", "snapshot"], member: str) -> Placement:
    """The one place for a member of a file: the same for every generation, so replacing it is atomic."""
    name = f"{_safe(member)}.parquet"
    if mode == "append":
        day = file.landing_date.isoformat()
        folder = f"{dataset}/ingest_date={day}/"
        return Placement(f"{folder}{file.file_id}-{name}", folder, {"ingest_date": day})
    source = source_of(file)
    folder = f"{dataset}/source={source}/snapshot={file.file_id}/"
    return Placement(folder + name, folder, {"source": source})


def source_of(file: LandedFile) -> str:
    """Whose full refreshes replace each other: the landing folder, which a business unit has to itself."""
    folder = file.key.removeprefix(LANDING).rpartition("/")[0]
    return _safe(folder) if folder else "default"


def _safe(text: str) -> str:
    """Text that Hive, Glue and SQL take as it is; an escape keeps different texts different."""
    return re.sub(r"[^A-Za-z0-9._-]", lambda match: f"~{ord(match[0]):x}~", text)
