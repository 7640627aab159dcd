"""What no role allows: each service kept away from what the others work on."""

from __future__ import annotations

import re

import pytest

from shared.layout import PROFILE_LOCK
from tests.generated_docs import ROOT
from tests.permissions.calls import ACCOUNT, REGION, Call, arn
from tests.permissions.evaluator import allowed, matches
from tests.permissions.policies import ROLES, SERVICES, role, statements
from tests.permissions.recognising import BUCKET_KEY, Request, permissions

LANDING_KEY = arn("kms", "key/landing")
INGEST = f"landfall-ingest-{ACCOUNT}-{REGION}"
CURATED = f"landfall-curated-{ACCOUNT}-{REGION}"
DAY = "2026/01/31/20260131-0123456789abcdef"


def may(service: str, *calls: Call) -> bool:
    return all(allowed(role(service, LANDING_KEY), call) for call in calls)


def get(bucket: str, key: str, **query: str) -> list[Call]:
    return permissions(Request("GET", f"/{bucket}/{key}", query, {}))


def put(bucket: str, key: str) -> list[Call]:
    return permissions(Request("PUT", f"/{bucket}/{key}", {}, {}))


def delete(bucket: str, key: str, **query: str) -> list[Call]:
    return permissions(Request("DELETE", f"/{bucket}/{key}", query, {}))


def listed(bucket: str, what: str, **query: str) -> list[Call]:
    return permissions(Request("GET", f"/{bucket}", {what: "", **query}, {}))


@pytest.mark.parametrize("service", ["decryptor", "cataloger", "archiver"])
def test_only_the_normalizer_touches_rows_of_the_curated_bucket(service: str) -> None:
    key = "subscribers/ingest_date=2026-01-31/x.parquet"
    assert may("normalizer", *get(CURATED, key), *put(CURATED, key))
    assert not may(service, *get(CURATED, key))
    assert not may(service, *put(CURATED, key))


@pytest.mark.parametrize("service", SERVICES)
def test_only_the_normalizer_locks_profile_versions_and_no_service_removes_the_lock(service: str) -> None:
    assert may(service, *get(INGEST, PROFILE_LOCK), *put(INGEST, PROFILE_LOCK)) == (service == "normalizer")
    assert not may(service, *delete(INGEST, PROFILE_LOCK))
    assert not may(service, *delete(INGEST, PROFILE_LOCK, versionId="v1"))


@pytest.mark.parametrize("service", ["decryptor", "cataloger", "archiver"])
def test_only_the_normalizer_touches_rejected_rows(service: str) -> None:
    key = f"quarantine/{DAY}/x.jsonl"
    everything = [*put(INGEST, key), *get(INGEST, key), *delete(INGEST, key, versionId="v1")]
    everything += delete(INGEST, key, uploadId="u1")
    assert may("normalizer", *everything)
    assert not any(may(service, call) for call in everything if call.resource.endswith(key))


def test_the_normalizer_takes_back_rejected_rows_by_version_and_looks_at_no_other_versions() -> None:
    key = f"quarantine/{DAY}/x.jsonl"
    assert not may("normalizer", *delete(INGEST, key))
    assert may("normalizer", *listed(INGEST, "versions", prefix=key))
    assert not may("normalizer", *listed(INGEST, "versions", prefix=f"archive/raw/{DAY}/"))
    assert not may("normalizer", *listed(INGEST, "versions"))
    assert may("normalizer", *listed(INGEST, "uploads"))


@pytest.mark.parametrize("service", ["normalizer", "cataloger"])
@pytest.mark.parametrize("query", [{}, {"versionId": "v1"}], ids=["current", "version"])
def test_what_landed_is_read_by_the_decryptor_and_copied_by_the_archiver_only(
    service: str, query: dict[str, str]
) -> None:
    assert may("decryptor", *get(INGEST, "landing/a.zip", versionId="v1"))
    assert may("archiver", *get(INGEST, "landing/a.zip", versionId="v1"))
    assert not may(service, *get(INGEST, "landing/a.zip", **query))


@pytest.mark.parametrize("original", ["landing/a.zip", f"raw/{DAY}/a.csv"])
def test_the_archiver_copies_originals_above_5_gb_with_their_tags(original: str) -> None:
    """The permissions scenario has no file of that size."""
    target, source = f"/{INGEST}/archive/{original}", f"{INGEST}/{original}?versionId=v1"
    part = {"uploadId": "u", "partNumber": "1"}
    asked = [
        Request("HEAD", f"/{INGEST}/{original}", {"versionId": "v1"}, {}),
        Request("GET", f"/{INGEST}/{original}", {"versionId": "v1", "tagging": ""}, {}),
        Request("POST", target, {"uploads": ""}, {"x-amz-tagging": "unit=a"}),
        Request("PUT", target, part, {"x-amz-copy-source": source}),
        Request("POST", target, {"uploadId": "u"}, {}),
        Request("DELETE", target, {"uploadId": "u"}, {}),
    ]
    needed = [call for request in asked for call in permissions(request)]
    assert {"s3:GetObjectVersionTagging", "s3:PutObjectTagging"} < {call.action for call in needed}
    assert may("archiver", *needed)


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_writes_to_landing(service: str) -> None:
    assert not may(service, *put(INGEST, "landing/a.zip"))


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("stage", ["decrypt", "normalize", "catalog", "archive"])
def test_a_service_writes_the_manifests_of_its_own_stage_only(service: str, stage: str) -> None:
    own = {"decryptor": "decrypt", "normalizer": "normalize", "cataloger": "catalog", "archiver": "archive"}
    for name in (f"{stage}.0.json", f"{stage}.0.failed-1.json"):
        assert may(service, *put(INGEST, f"manifests/{DAY}/{name}")) == (own[service] == stage)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("action", ["s3:DeleteObject", "s3:DeleteObjectVersion"])
def test_no_service_deletes_a_manifest(service: str, action: str) -> None:
    names = [f"{stage}.0.json" for stage in ("decrypt", "normalize", "catalog", "archive")] + [
        "opened.1.json"
    ]
    for name in names:
        assert not may(service, Call(action, f"arn:aws:s3:::{INGEST}/manifests/{DAY}/{name}"))


@pytest.mark.parametrize("service", ["normalizer", "cataloger", "archiver"])
def test_only_the_decryptor_may_use_the_landing_key(service: str) -> None:
    decrypt = Call("kms:Decrypt", LANDING_KEY)
    assert may("decryptor", decrypt)
    assert not may(service, decrypt)


SENDERS_KEY = "arn:aws:kms:eu-west-1:111122223333:key/of-the-sender"


@pytest.mark.parametrize(("further", "use"), [("", False), (SENDERS_KEY, True)])
def test_a_key_of_another_account_is_used_where_it_is_given(further: str, *, use: bool) -> None:
    granted = role("decryptor", LANDING_KEY, further_keys=further)
    assert allowed(granted, Call("kms:Decrypt", SENDERS_KEY)) == use
    assert allowed(granted, Call("kms:Decrypt", LANDING_KEY))


def test_a_key_of_another_account_decrypts_for_the_same_purpose_as_the_landing_key() -> None:
    granted = role("decryptor", LANDING_KEY, "landing", f"{SENDERS_KEY},{SENDERS_KEY}-2")
    (decrypting,) = (each for each in granted if each.sid == "DecryptFiles")
    assert decrypting.resources == (LANDING_KEY, SENDERS_KEY, f"{SENDERS_KEY}-2")
    assert decrypting.condition == {"StringEquals": {"kms:EncryptionContext:purpose": ("landing",)}}


@pytest.mark.parametrize(
    ("further", "pulls"), [("", False), ("arn:aws:ecr:eu-west-1:111122223333:repository/shared/*", True)]
)
def test_images_of_another_registry_are_pulled_where_its_repositories_are_given(
    further: str, *, pulls: bool
) -> None:
    granted = statements("roles", "ExecutionRole", ImageRepositoryArns=further)
    shared = "arn:aws:ecr:eu-west-1:111122223333:repository/shared/decryptor"
    assert allowed(granted, Call("ecr:BatchGetImage", shared)) == pulls
    assert allowed(granted, Call("ecr:BatchGetImage", arn("ecr", "repository/landfall/decryptor")))


@pytest.mark.parametrize(
    ("service", "own", "other"), [("decryptor", "pgp", "pepper"), ("normalizer", "pepper", "pgp")]
)
def test_a_secret_under_a_key_of_the_account_is_opened_by_the_service_that_reads_it(
    service: str, own: str, other: str
) -> None:
    key = arn("kms", "key/of-the-secrets")

    def opens(secret: str, keys: str, through: str = "secretsmanager") -> bool:
        context = {
            "kms:viaservice": f"{through}.{REGION}.amazonaws.com",
            "kms:encryptioncontext:secretarn": arn("secretsmanager", f"secret:landfall/{secret}-2026-AbCdEf"),
        }
        granted = statements(*ROLES[service], LANDING_KEY, SecretKeyArns=keys)
        return allowed(granted, Call("kms:Decrypt", key, frozenset(context.items())))

    assert opens(own, key)
    assert not opens(own, "")
    assert not opens(other, key)
    assert not opens(own, key, through="s3")


@pytest.mark.parametrize(
    ("name", "actions"),
    [("cataloger", {"Decrypt", "Encrypt", "GenerateDataKey"}), ("sweep", {"Decrypt"})]
    + [(name, set()) for name in ("decryptor", "normalizer", "archiver")],
)
def test_an_encrypted_catalog_is_used_by_those_who_work_with_it(name: str, actions: set[str]) -> None:
    key = arn("kms", "key/of-the-catalog")
    through = frozenset({("kms:viaservice", f"glue.{REGION}.amazonaws.com")})

    def may_do(given: str) -> set[str]:
        granted = statements(*ROLES[name], LANDING_KEY, CatalogKeyArn=given)
        return {
            action
            for action in ("Decrypt", "Encrypt", "GenerateDataKey")
            if allowed(granted, Call(f"kms:{action}", key, through))
        }

    assert (may_do(key), may_do("")) == (actions, set())


def test_a_sweep_leaves_other_deployments_alone() -> None:
    for name in ("landfall-test-decrypt-dead-letters", "landfall-missed-sweeps"):
        assert not may("sweep", Call("sqs:ReceiveMessage", arn("sqs", name)))


@pytest.mark.parametrize("service", SERVICES)
def test_nobody_uses_the_bucket_key_but_through_s3(service: str) -> None:
    assert not may(service, Call("kms:Decrypt", BUCKET_KEY))


@pytest.mark.parametrize("service", ["decryptor", "archiver"])
def test_the_bucket_key_opens_the_buckets_that_a_service_works_on(service: str) -> None:
    (_, key) = get(CURATED, "x")
    assert not may(service, key)
    assert may("normalizer", key)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_takes_from_its_own_queue_only(service: str) -> None:
    own = {"decryptor": "decrypt", "normalizer": "normalize", "cataloger": "catalog", "archiver": "archive"}
    for stage in own.values():
        receive = Call("sqs:ReceiveMessage", arn("sqs", f"landfall-{stage}"))
        assert may(service, receive) == (own[service] == stage)


def test_the_sweep_receives_dead_letters_and_no_work() -> None:
    for stage in ("decrypt", "normalize", "catalog", "archive"):
        assert may("sweep", Call("sqs:ReceiveMessage", arn("sqs", f"landfall-{stage}-dead-letters")))
        assert not may("sweep", Call("sqs:ReceiveMessage", arn("sqs", f"landfall-{stage}")))


@pytest.mark.parametrize("service", ["decryptor", "normalizer", "cataloger"])
def test_only_the_archiver_announces(service: str) -> None:
    announce = Call("sns:Publish", arn("sns", "landfall-success"))
    assert may("archiver", announce)
    assert not may(service, announce)


def test_the_cataloger_may_ask_of_glue_what_the_documentation_lists_for_its_modes() -> None:
    page = (ROOT / "docs/cataloging.md").read_text(encoding="utf-8")
    _, _, table = page.partition("| Glue action | `crawler` | `direct` |")
    documented = {
        f"glue:{action}"
        for line in table.partition("\n\n")[0].splitlines()[2:]
        for action in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    granted = {action for each in role("cataloger", LANDING_KEY) for action in each.actions}
    assert documented == {action for action in granted if action.startswith("glue:")}
    assert len(documented) > 5


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_changes_what_it_is_allowed(service: str) -> None:
    for action in (
        "iam:PassRole",
        "iam:PutRolePolicy",
        "kms:PutKeyPolicy",
        "s3:PutBucketPolicy",
        "sts:AssumeRole",
    ):
        assert not may(service, Call(action, f"arn:aws:iam::{ACCOUNT}:role/x"))


@pytest.mark.parametrize(
    ("pattern", "text", "same"),
    [
        ("a/*", "a/b/c", True),
        ("a/*", "a", False),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("a.c", "abc", False),
        ("*", "", True),
    ],
)
def test_wildcards_are_those_of_iam(pattern: str, text: str, same: bool) -> None:
    assert matches(pattern, text) == same
