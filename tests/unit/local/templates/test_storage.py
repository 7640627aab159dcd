"""Buckets and keys: what the storage template promises, much of which no emulator enforces."""

from __future__ import annotations

from typing import Any

import pytest

from tests.permissions.calls import Call, arn
from tests.permissions.evaluator import applies
from tests.permissions.policies import statement
from tests.unit.local.templates.reading import Resource, default, resources, statements, template

BUCKETS = resources("storage", "AWS::S3::Bucket")
KEYS = resources("storage", "AWS::KMS::Key")

each_bucket = pytest.mark.parametrize("bucket", BUCKETS.values(), ids=list(BUCKETS))


@each_bucket
def test_buckets_are_versioned_private_and_encrypted(bucket: Resource) -> None:
    properties = bucket["Properties"]
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    (encryption,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["BucketKeyEnabled"] is True
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"


@each_bucket
def test_abandoned_uploads_and_old_versions_go(bucket: Resource) -> None:
    rules = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
    assert any("AbortIncompleteMultipartUpload" in rule for rule in rules)
    assert any("NoncurrentVersionExpiration" in rule for rule in rules)


@pytest.mark.parametrize("name", BUCKETS)
def test_buckets_are_reached_over_tls_only(name: str) -> None:
    policy = template("storage")["Resources"][f"{name}Policy"]
    first = statements(policy)[0]
    assert (first["Effect"], first["Principal"], first["Action"]) == ("Deny", "*", "s3:*")
    assert first["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


KEY = arn("kms", "key/bucket")


@pytest.mark.parametrize(
    ("header", "refused"),
    [
        ({}, False),
        ({"": "AES256"}, False),
        ({"": "aws:kms", "-aws-kms-key-id": KEY}, False),
        ({"": "aws:kms", "-aws-kms-key-id": arn("kms", "key/of-the-sender")}, True),
        ({"": "aws:kms:dsse", "-aws-kms-key-id": arn("kms", "key/of-the-sender")}, True),
        ({"": "aws:kms"}, True),  # the account's own key for S3, which no role may use
        ({"-customer-algorithm": "AES256"}, True),
    ],
)
def test_nobody_lands_a_file_under_a_key_that_the_services_cannot_use(
    header: dict[str, str], *, refused: bool
) -> None:
    values = {"IngestBucket.Arn": "arn:aws:s3:::ingest", "BucketKey.Arn": KEY}
    policy = [
        statement(each, values) for each in statements(template("storage")["Resources"]["IngestBucketPolicy"])
    ]
    given = {f"s3:x-amz-server-side-encryption{name}": value for name, value in header.items()}
    over_tls = {"aws:securetransport": "true"}
    call = Call("s3:PutObject", "arn:aws:s3:::ingest/landing/a.csv", frozenset((given | over_tls).items()))
    assert any(applies(each, call) for each in policy if each.sid.startswith("Under")) == refused


def lifecycle(prefix: str) -> dict[str, Any]:
    rules = BUCKETS["IngestBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (found,) = [rule for rule in rules if rule.get("Prefix") == prefix]
    return dict(found)


@pytest.mark.parametrize(
    ("prefix", "parameter", "days"),
    [
        ("raw/", "RawRetentionDays", 7),
        ("quarantine/", "QuarantineRetentionDays", 30),
        ("archive/", "ArchiveRetentionDays", 90),
    ],
)
def test_plaintext_does_not_linger(prefix: str, parameter: str, days: int) -> None:
    assert lifecycle(prefix)["ExpirationInDays"] == {"Ref": parameter}
    assert default("storage", parameter) == days
    assert lifecycle(prefix)["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


@pytest.mark.parametrize("prefix", ["landing/", "manifests/"])
def test_what_landed_and_what_became_of_it_never_expires(prefix: str) -> None:
    assert "ExpirationInDays" not in lifecycle(prefix)


def test_an_overwritten_landing_version_outlives_its_dead_letter() -> None:
    parameter = "OverwrittenLandingRetentionDays"
    assert lifecycle("landing/")["NoncurrentVersionExpiration"] == {"NoncurrentDays": {"Ref": parameter}}
    assert template("storage")["Parameters"][parameter]["MinValue"] > 14


def test_only_landing_is_notified() -> None:
    notifications = BUCKETS["IngestBucket"]["Properties"]["NotificationConfiguration"]
    (queue,) = notifications["QueueConfigurations"]
    assert queue["Event"] == "s3:ObjectCreated:*"
    assert queue["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "landing/"}]


@pytest.mark.parametrize("key", KEYS.values(), ids=list(KEYS))
def test_keys_rotate_and_survive_the_stack(key: Resource) -> None:
    assert key["Properties"]["EnableKeyRotation"] is True
    assert key["DeletionPolicy"] == "RetainExceptOnCreate"
