"""The cataloger's own settings."""

from __future__ import annotations

from pydantic import Field

from shared.settings import WorkerSettings


class CatalogerSettings(WorkerSettings):
    """Common settings plus how the crawler is used."""

    database: str = Field(description="Glue database of the curated tables.")
    crawler: str = Field(description="Glue crawler over the curated bucket.")
    concurrency: int = Field(
        default=500, ge=1, description="Files awaiting a crawl at once in one task; waiting is cheap."
    )
    crawl_margin_seconds: float = Field(
        default=5, ge=0, description="A crawl counts for a file if it began this long after its manifest."
    )
    crawl_min_interval_seconds: float = Field(
        default=60, ge=0, description="Least time between two crawl starts; Glue bills ten minutes a crawl."
    )
    crawl_poll_seconds: float = Field(
        default=5, gt=0, description="How often ListCrawls is asked, once for all waiting files."
    )
    crawl_limit_seconds: float = Field(
        default=1800, gt=0, description="A file waits this long for its crawl before it is tried again."
    )
