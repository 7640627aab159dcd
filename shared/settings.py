"""Settings that every service reads from its environment; each service adds its own."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WorkerSettings(BaseSettings):
    """Common settings. Every name below is an environment variable with the prefix ``LANDFALL_``."""

    model_config = SettingsConfigDict(env_prefix="LANDFALL_", frozen=True, extra="ignore")

    ingest_bucket: str = Field(description="Bucket that files land in; must be versioned.")
    event_bus: str = Field(description="EventBridge bus that chains the services.")
    queue_url: str = Field(description="The service's own SQS queue.")
    dead_letter_queue_url: str = Field(description="Where messages of failed files go, with their reason.")
    concurrency: int = Field(default=4, ge=1, description="Files in work at once in one task.")
    poll_wait_seconds: int = Field(default=20, ge=0, le=20, description="SQS long-poll time.")
    shutdown_grace_seconds: float = Field(
        default=100, gt=0, description="After SIGTERM: how long running files may take; Fargate allows 120."
    )
    backoff_base_seconds: float = Field(default=5, gt=0, description="First delay after a transient failure.")
    backoff_cap_seconds: float = Field(
        default=900,
        gt=0,
        description="Longest delay between tries. The delays and the queue's receives decide how long an "
        "outage is outlasted: docs/reliability.md.",
    )
    liveness_file: Path | None = Field(
        default=None, description="File that a running worker touches for the container's health check."
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")


class FileWorkSettings(WorkerSettings):
    """Settings of the services whose work on a file takes longer, the larger the file is."""

    max_file_seconds: float = Field(
        default=14_400,
        gt=0,
        le=36_000,  # SQS keeps a message hidden for twelve hours at most
        description="A file that this stage works on for longer than this fails; at most 36,000 (ten hours).",
    )
