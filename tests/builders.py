"""Small real values for tests: landed files and the notifications S3 sends of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from shared.identity import LandedFile

LANDED_AT = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)


def landed(key: str = "landing/a.zip", version: str = "v1", at: datetime = LANDED_AT) -> LandedFile:
    return LandedFile(bucket="ingest", key=key, version_id=version, size=1, landed_at=at)


def notification(key: str, size: int = 10, name: str = "ObjectCreated:Put", **object_: Any) -> str:
    """An S3 notification's body; ``key`` as it stands there, URL-encoded."""
    described = {"key": key, "size": size, "versionId": "v1", **object_}
    record = {
        "eventName": name,
        "eventTime": "2026-01-31T12:00:00.000Z",
        "s3": {"bucket": {"name": "ingest"}, "object": described},
    }
    return json.dumps({"Records": [record]})
