"""The archiver's own settings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.archiver.archive import RawMembers
from shared.settings import FileWorkSettings

# Those from which an object can be read at once: a replay must not have to wait for a restore.
StorageClass = Literal["STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"]


class ArchiverSettings(FileWorkSettings):
    """Common settings plus how originals are kept and where outcomes are announced."""

    success_topic_arn: str = Field(description="SNS topic of files that are done.")
    error_topic_arn: str = Field(description="SNS topic of files and messages that failed.")
    concurrency: int = Field(default=16, ge=1, description="Files in work at once in one task.")
    raw_members: RawMembers = Field(
        default=RawMembers.ARCHIVE,
        description="What becomes of decrypted members in the end: archive, or delete.",
    )
    archive_storage_class: StorageClass = Field(
        default="STANDARD", description="S3 storage class of what is archived; any that can be read at once."
    )
