"""Which file is meant: everything derives from the *version* of the object that landed."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.errors import OtherDeployment

MAX_OBJECT_BYTES = 50 * 1024**4
"""Of one object in S3."""
_DIGEST_CHARS = 16  # 64 bits: a collision within one landing date is out of reach


class LandedFile(BaseModel):
    """One version of one object under ``landing/``.

    ``landed_at`` is S3's time (the version's LastModified), never a local clock, so that a notification, a
    backfill and a replay of the same version all derive the same ``file_id``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bucket: str = Field(min_length=1, max_length=255)
    key: str = Field(min_length=1, max_length=1024)
    version_id: str = Field(min_length=1, max_length=1024)
    size: int = Field(ge=0, le=MAX_OBJECT_BYTES, description="Bytes as landed, still encrypted.")
    landed_at: AwareDatetime

    @property
    def has_own_version(self) -> bool:
        """Whether it is told from what overwrites it: all that lands while versioning is off is ``null``."""
        return self.version_id != "null"

    def require_bucket(self, bucket: str) -> None:
        """Insist that the file landed in this ingest bucket: no deployment touches another's.

        Raises:
            OtherDeployment: it landed elsewhere.
        """
        if self.bucket != bucket:
            raise OtherDeployment(f"the file {self.file_id} landed in {self.bucket}, not in {bucket}")

    @property
    def landing_date(self) -> date:
        """The UTC day of landing: the date prefix of everything made from this file."""
        return self.landed_at.astimezone(UTC).date()

    @property
    def file_id(self) -> str:
        """``YYYYMMDD-<digest>``: leads straight to the date prefix, and differs for every version."""
        return file_id(self.bucket, self.key, self.version_id, self.landing_date)


def file_id(bucket: str, key: str, version_id: str, landing_date: date) -> str:
    """Derive the id of a landed version. NUL separates the parts: no S3 name can contain it."""
    digest = hashlib.sha256("\0".join((bucket, key, version_id)).encode()).hexdigest()
    return f"{landing_date:%Y%m%d}-{digest[:_DIGEST_CHARS]}"


def trace_id(file_id: str, generation: int) -> str:
    """The id under which one run over a file is found in every log line, event and outcome.

    A pure function, so that duplicates share it. 32 hex digits as W3C Trace Context has them; the first eight
    are the landing day in seconds since 1970, as AWS X-Ray has them.
    """
    day = datetime.combine(landing_date_of(file_id), time(), UTC)
    digest = hashlib.sha256(f"{file_id}\0{generation}".encode()).hexdigest()
    return f"{int(day.timestamp()):08x}{digest[:24]}"


def landing_date_of(file_id: str) -> date:
    """The landing date that a file id begins with.

    Raises:
        ValueError: the text is not a file id.
    """
    day, _, digest = file_id.partition("-")
    if len(day) != 8 or len(digest) != _DIGEST_CHARS or set(digest) - set("0123456789abcdef"):
        raise ValueError("a file id looks like 20260131-0123456789abcdef")
    return datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC).date()
