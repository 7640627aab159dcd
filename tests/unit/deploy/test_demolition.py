"""What keeps a deployment from being taken down."""

from __future__ import annotations

from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from landfall.demolition import require_empty
from landfall.errors import OperatorError

BOTH = {"IngestBucket": "ingest", "CuratedBucket": "curated"}


def require(
    outputs: dict[str, str], buckets: dict[str, dict[str, Any]], status: str = "CREATE_COMPLETE"
) -> None:
    """Ask whether the deployment may go; ``buckets`` holds the first page of versions of each that exists."""

    class Account:
        def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS names it so
            told = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
            return {"Stacks": [{"StackName": StackName, "StackStatus": status, "Outputs": told}]}

        def list_object_versions(self, Bucket: str, MaxKeys: int) -> dict[str, Any]:  # noqa: N803 - AWS names it so
            assert MaxKeys == 1
            if Bucket not in buckets:
                raise ClientError({"Error": {"Code": "NoSuchBucket"}}, "ListObjectVersions")
            return buckets[Bucket]

    require_empty(cast("Any", Account()), cast("Any", Account()), "landfall")


@pytest.mark.parametrize("content", [{"Versions": [{}]}, {"DeleteMarkers": [{}]}], ids=["version", "marker"])
@pytest.mark.parametrize("full", ["ingest", "curated"])
def test_anything_in_a_bucket_keeps_everything(full: str, content: dict[str, Any]) -> None:
    with pytest.raises(OperatorError, match=f"The bucket {full} holds data"):
        require(BOTH, {"ingest": {}, "curated": {}, full: content})


def test_empty_buckets_keep_nothing() -> None:
    require(BOTH, {"ingest": {}, "curated": {}})


def test_a_storage_stack_that_failed_to_be_created_keeps_nothing() -> None:
    require({}, {}, status="ROLLBACK_COMPLETE")


def test_a_bucket_that_a_half_deletion_took_keeps_nothing() -> None:
    require(BOTH, {"curated": {}}, status="DELETE_FAILED")


def test_a_bucket_that_may_not_be_looked_into_is_not_taken_for_empty() -> None:
    class Denied(dict[str, dict[str, Any]]):
        def __contains__(self, key: object) -> bool:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "ListObjectVersions")

    with pytest.raises(ClientError, match="AccessDenied"):
        require(BOTH, Denied())
