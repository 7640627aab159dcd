"""The cataloger's own settings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from shared.settings import WorkerSettings


class CatalogerSettings(WorkerSettings):
    """Common settings plus how the catalog is brought up to date."""

    database: str = Field(description="Glue database of the curated tables.")
    crawler: str = Field(description="Glue crawler over the curated bucket.")
    concurrency: int = Field(
        default=5000,
        ge=1,
        description="Files held at once in one task, nearly all of them waiting; others stay in the queue.",
    )
    backoff_cap_seconds: float = Field(
        default=150,
        gt=0,
        description="Longest delay between tries: its queue gives a file more of them.",
    )
    catalog_mode: Literal["crawler", "direct"] = Field(
        default="crawler",
        description="crawler: appended rows await a crawl; direct: tables and partitions are written.",
    )
    crawl_only_if_needed: bool = Field(
        default=False,
        description="Files whose table, partition and columns are in the catalog already await no crawl.",
    )
    crawl_margin_seconds: float = Field(
        default=3,
        ge=0,
        description="A crawl counts for a file if it began this long after its manifest: S3 tells whole "
        "seconds, and its clock is not Glue's.",
    )
    crawl_min_interval_seconds: float = Field(
        default=60, ge=0, description="Least time between two crawl starts; Glue bills ten minutes a crawl."
    )
    crawl_poll_seconds: float = Field(
        default=10,
        gt=0,
        description="How often the crawler is asked while a crawl runs, once for all waiting files; while "
        "none can start, it is not asked at all.",
    )
    crawl_limit_seconds: float = Field(
        default=3600,
        gt=0,
        le=36000,  # SQS keeps a message hidden for twelve hours at most
        description="A file waits this long for its crawl before it is tried again: longer than the interval "
        "and two crawls.",
    )
    crawl_tries: int = Field(
        default=3, ge=1, description="A file fails when so many crawls have failed while it waited."
    )
    snapshot_grace_seconds: float = Field(
        default=43200,
        ge=0,
        description="A former snapshot's objects stay this long for queries that still read them.",
    )

    @field_validator("crawl_limit_seconds")
    @classmethod
    def _exceeds_interval(cls, limit: float, given: ValidationInfo) -> float:
        if limit <= given.data.get("crawl_min_interval_seconds", 0):
            raise ValueError("must exceed LANDFALL_CRAWL_MIN_INTERVAL_SECONDS, or every file gives up")
        return limit
