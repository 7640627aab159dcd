"""Taking a deployment down, which is refused while its buckets hold data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from landfall import stacks
from landfall.deployment import ACCOUNT_STACKS
from landfall.errors import OperatorError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_s3 import S3Client

_BUCKETS = ("IngestBucket", "CuratedBucket")


def standing(cloudformation: CloudFormationClient, prefix: str) -> list[str]:
    """The stacks of a prefix that are there, in the order in which they can be deleted."""
    names = [f"{prefix}-{name}" for name in reversed(ACCOUNT_STACKS)]
    return [name for name in names if stacks.exists(cloudformation, name)]


def require_empty(cloudformation: CloudFormationClient, s3: S3Client, prefix: str) -> None:
    """Make sure that no bucket of the deployment holds any version of anything.

    Raises:
        OperatorError: one does.
    """
    storage = f"{prefix}-storage"
    if not stacks.exists(cloudformation, storage):
        return
    # A stack whose creation failed has no outputs and no buckets; one that is half deleted may lack a bucket.
    found = stacks.outputs(cloudformation, storage)
    for bucket in (found[name] for name in _BUCKETS if name in found):
        if _holds_data(s3, bucket):
            raise OperatorError(
                f"The bucket {bucket} holds data, so nothing was deleted: "
                "empty both buckets of every version first, if that is what you want."
            )


def _holds_data(s3: S3Client, bucket: str) -> bool:
    try:
        page = s3.list_object_versions(Bucket=bucket, MaxKeys=1)
    except ClientError as missing:
        if missing.response.get("Error", {}).get("Code") == "NoSuchBucket":
            return False
        raise
    return bool(page.get("Versions") or page.get("DeleteMarkers"))


def destroy(cloudformation: CloudFormationClient, doomed: list[str]) -> Iterator[str]:
    """Delete stacks one after the other; gives the name of each that is gone.

    Raises:
        OperatorError: one could not be deleted; those before it are gone.
    """
    for stack in doomed:
        stacks.delete(cloudformation, stack)
        yield stack
