"""Where in the ingest bucket a person means."""

from __future__ import annotations

from landfall.errors import OperatorError
from shared.layout import LANDING

_LONGEST_KEY = 1024  # bytes of UTF-8, as S3 allows


def key_of(address: str, bucket: str) -> str:
    """The key in an s3:// address of the ingest bucket.

    Raises:
        OperatorError: it is in another bucket.
    """
    named, _, key = address.removeprefix("s3://").partition("/")
    if named != bucket:
        raise OperatorError(
            f"{address} is not in {bucket}, the bucket that this deployment takes files from."
        )
    return key


def landing_key(given: str | None, name: str, bucket: str) -> str:
    """The key under landing/ for a file called ``name``.

    Args:
        given: a key, a folder (with a slash at its end), or the s3:// address of one; None for landing/.
        name: what the file is called, in the folder.
        bucket: the ingest bucket.

    Raises:
        OperatorError: it is elsewhere, or longer than S3 allows.
    """
    key = given or LANDING
    if key.startswith("s3://"):
        key = key_of(key, bucket)
        if not key.startswith(LANDING):
            raise OperatorError(f"{given} is not under {LANDING}, where files land.")
    elif not key.startswith(LANDING):
        key = LANDING + key
    if key.endswith("/"):
        key += name  # an object of the folder's name would pass for an empty folder
    if len(key.encode()) > _LONGEST_KEY:
        raise OperatorError(f"S3 takes keys of at most {_LONGEST_KEY:,} bytes: name a shorter one by --as.")
    return key
