"""The archiver's own settings."""

from __future__ import annotations

from pydantic import Field

from shared.settings import WorkerSettings


class ArchiverSettings(WorkerSettings):
    """Common settings plus where outcomes are announced."""

    success_topic_arn: str = Field(description="SNS topic of files that are done.")
    error_topic_arn: str = Field(description="SNS topic of files and messages that failed.")
    concurrency: int = Field(default=16, ge=1, description="Files in work at once in one task.")
