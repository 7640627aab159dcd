"""Versions of one key that landed in the same second: S3 alone knows which of them came first.

S3 tells the time of landing in whole seconds, and lists the versions of a key with the newest first.
"""

from __future__ import annotations

from datetime import UTC, datetime

from shared.identity import LandedFile
from shared.objects.store import ObjectStore


async def landed_together(store: ObjectStore, file: LandedFile) -> tuple[str, ...]:
    """The ids of all versions of a file's key that are in landing/ and landed in its second, newest first.

    The file's own version is among them unless it has left landing/. One LIST for each thousand versions of
    the key, however old.
    """
    second = _second(file.landed_at)
    found = store.versions(file.bucket, file.key)
    return tuple([each.version_id async for each in found if _second(each.last_modified) == second])


def _second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
