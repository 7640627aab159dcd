"""Buckets and keys: what the storage template promises, much of which no emulator enforces."""

from __future__ import annotations

from typing import Any

import pytest

from shared.layout import PROFILE_LOCK
from tests.permissions.calls import ACCOUNT, REGION, Call, arn
from tests.permissions.evaluator import applies
from tests.permissions.policies import bucket_policies
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
    given = {f"s3:x-amz-server-side-encryption{name}": value for name, value in header.items()}
    over_tls = {"aws:securetransport": "true"}
    call = Call("s3:PutObject", f"{INGEST}/landing/a.csv", frozenset((given | over_tls).items()))
    assert any(applies(each, call) for each in bucket_policies() if each.sid.startswith("Under")) == refused


INGEST = f"arn:aws:s3:::landfall-ingest-{ACCOUNT}-{REGION}"
MANIFEST = "manifests/2026/01/31/20260131-0123456789abcdef/decrypt.0.json"
CREATION = {"s3:objectcreationoperation": "true"}
CONDITIONAL = {**CREATION, "s3:if-none-match": "*"}
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:role/restore"


def denied(
    action: str, key: str, context: dict[str, str], administrator: str = "", principal: str = "role/service"
) -> list[str]:
    """The statements of the ingest bucket's policy that deny a call over TLS."""
    caller = {"aws:securetransport": "true", "aws:principalarn": f"arn:aws:iam::{ACCOUNT}:{principal}"}
    call = Call(action, f"{INGEST}/{key}", frozenset((context | caller).items()))
    policies = bucket_policies(ManifestAdministratorArn=administrator)
    return [each.sid for each in policies if applies(each, call)]


@pytest.mark.parametrize("key", [MANIFEST, "manifests/moves/r.json", "manifests/open/20260131-0.1"])
def test_what_is_recorded_is_written_only_where_nothing_is(key: str) -> None:
    assert denied("s3:PutObject", key, CREATION) == ["ManifestsAreNotOverwritten"]
    assert denied("s3:PutObject", key, {**CREATION, "s3:if-match": '"etag"'}) == [
        "ManifestsAreNotOverwritten"
    ]
    assert denied("s3:PutObject", key, CONDITIONAL) == []


def test_other_folders_are_written_as_before() -> None:
    assert denied("s3:PutObject", "landing/a.csv", CREATION) == []
    assert denied("s3:PutObject", "archive/landing/2026/01/31/x/a.csv", CREATION) == []


@pytest.mark.parametrize("action", ["s3:DeleteObject", "s3:DeleteObjectVersion"])
def test_what_is_recorded_is_not_deleted(action: str) -> None:
    assert denied(action, MANIFEST, {}) == ["ManifestsAreNotDeleted"]
    assert denied(action, "manifests/moves/r.json", {}) == ["ManifestsAreNotDeleted"]


def test_pointers_to_files_that_run_again_are_deleted() -> None:
    assert denied("s3:DeleteObject", "manifests/open/20260131-0123456789abcdef.1", {}) == []


def test_only_the_named_role_may_restore_manifests() -> None:
    assert denied("s3:PutObject", MANIFEST, CREATION, ADMINISTRATOR, "role/restore") == []
    assert denied("s3:DeleteObject", MANIFEST, {}, ADMINISTRATOR, "role/restore") == []
    assert denied("s3:PutObject", MANIFEST, CREATION, ADMINISTRATOR) == ["ManifestsAreNotOverwritten"]
    assert denied("s3:DeleteObject", MANIFEST, {}, ADMINISTRATOR) == ["ManifestsAreNotDeleted"]


def test_a_manifest_that_was_deleted_all_the_same_is_kept_for_a_year() -> None:
    assert lifecycle("manifests/")["NoncurrentVersionExpiration"] == {
        "NoncurrentDays": {"Ref": "ManifestHistoryDays"}
    }
    assert template("storage")["Parameters"]["ManifestHistoryDays"]["MinValue"] >= 365


@each_bucket
def test_no_bucket_locks_all_of_its_objects(bucket: Resource) -> None:
    """A default retention would hold curated and archived rows of a person who must be erased."""
    assert not {"ObjectLockEnabled", "ObjectLockConfiguration"} & set(bucket["Properties"])


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


def test_every_version_of_the_lock_on_profile_versions_stays_and_no_service_is_notified_of_it() -> None:
    properties = BUCKETS["IngestBucket"]["Properties"]
    rules = properties["LifecycleConfiguration"]["Rules"]
    touching = [rule for rule in rules if PROFILE_LOCK.startswith(rule.get("Prefix", ""))]
    assert {rule["Id"] for rule in touching} == {"abandoned-uploads", "delete-markers-of-nothing"}
    (notified,) = properties["NotificationConfiguration"]["QueueConfigurations"]
    assert notified["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "landing/"}]


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
