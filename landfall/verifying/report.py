"""What a verification found, and what it rests on."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Code(StrEnum):
    """Every kind of discrepancy; docs/cataloging.md tells of each what to do."""

    TABLE_MISSING = "TABLE_MISSING"
    TABLE_ELSEWHERE = "TABLE_ELSEWHERE"
    UNFIT_FOR_CLEAN_ROOMS = "UNFIT_FOR_CLEAN_ROOMS"
    PARTITION_EMPTY = "PARTITION_EMPTY"
    PARTITION_ELSEWHERE = "PARTITION_ELSEWHERE"
    PARTITION_COLUMNS_DIFFER = "PARTITION_COLUMNS_DIFFER"
    SNAPSHOT_NOT_NEWEST = "SNAPSHOT_NOT_NEWEST"
    NOT_REGISTERED = "NOT_REGISTERED"
    NOT_CATALOGED = "NOT_CATALOGED"
    OBJECT_MISSING = "OBJECT_MISSING"
    OBJECT_CHANGED = "OBJECT_CHANGED"
    OBJECT_UNKNOWN = "OBJECT_UNKNOWN"
    OBJECT_UNREADABLE = "OBJECT_UNREADABLE"
    ROWS_DIFFER = "ROWS_DIFFER"
    COLUMNS_DIFFER = "COLUMNS_DIFFER"
    PROFILE_VERSIONS_MIXED = "PROFILE_VERSIONS_MIXED"
    ATHENA_DIFFERS = "ATHENA_DIFFERS"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Discrepancy(_Part):
    """One thing that is not as the manifests say it must be."""

    code: Code
    message: str
    file_id: str | None = None
    where: str = Field(default="", description="An s3:// address, or a partition.")


class Compared(_Part):
    """How much was looked at."""

    partitions: int
    objects: int
    manifests: int
    rows_by_sql: int
    rows_by_manifests: int


class Sample(_Part):
    """A few rows, as text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]


class EngineAnswer(_Part):
    """What a query engine says of the whole table."""

    rows: int
    latest_ingest_date: str | None
    sample: Sample


class Verification(_Part):
    """The result of ``landfall verify``."""

    dataset: str
    table: str
    location: str
    verified: bool
    compared: Compared
    rests_on: tuple[str, ...] = Field(description="What was compared with what, in words.")
    sql: EngineAnswer = Field(description="By SQL over exactly the objects at the registered locations.")
    athena: EngineAnswer | None = Field(description="What Athena says; none where it was not asked.")
    waiting: tuple[str, ...] = Field(description="Files that are normalised and not yet catalogued.")
    held_back: tuple[str, ...] = Field(
        default=(), description="Files whose snapshot has far fewer rows than the one that is shown."
    )
    discrepancies: tuple[Discrepancy, ...]
