"""Each service may do what it does, and no more: its role held against the calls that it was seen to make."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from tests.permissions.evaluator import applies
from tests.permissions.ledger import Ledger
from tests.permissions.policies import ROLES, SERVICES, role

# (role, statement, action) → why no run of these can show it.
UNSEEN = {
    **{
        (service, "ProtectTask", "ecs:UpdateTaskProtection"): "there is no ECS agent here to make it"
        for service in SERVICES
        if service != "cataloger"  # asks for none
    },
    ("decryptor", "ReadInstructionFiles", "s3:GetObject"): "senders decide whether there are any",
    ("sweep", "Announce", "sns:Publish"): "takes an archiver that stands still for all its tries",
    # What a run that died, or lost a race, left under a name that the run which stands did not use.
    ("decryptor", "LookAtBucket", "s3:ListBucketVersions"): "members of a file keep their names",
    ("archiver", "LookAtBucket", "s3:ListBucketVersions"): "originals keep their names",
    ("archiver", "WriteArchive", "s3:GetObjectVersion"): "originals keep their names",
    ("archiver", "WriteArchive", "s3:DeleteObjectVersion"): "originals keep their names",
    # What is given up half-way; each service is seen to abort, or would, by the same code.
    ("archiver", "WriteArchive", "s3:AbortMultipartUpload"): "takes an original above 5 GB",
    ("normalizer", "WriteCurated", "s3:AbortMultipartUpload"): "takes more than 64 MB of rows",
    ("normalizer", "WriteQuarantine", "s3:AbortMultipartUpload"): "takes more than 64 MB of rejected rows",
}

each_role = pytest.mark.parametrize("name", ROLES)


def test_files_decrypt_only_for_their_purpose(evidence: Ledger) -> None:
    """Where the deployment names a purpose, IAM asks for it too, whatever the service's settings say."""
    decrypting = next(each for each in evidence.roles["decryptor"] if each.sid == "DecryptFiles")
    calls = [call for call in evidence.calls["decryptor"] if applies(decrypting, call)]
    assert calls
    assert not any(applies(decrypting, replace(call, context=frozenset())) for call in calls)


@pytest.mark.parametrize(
    ("purpose", "condition"),
    [
        ("", {}),
        ("landing", {"StringEquals": {"kms:EncryptionContext:purpose": ("landing",)}}),
    ],
)
def test_a_purpose_is_asked_for_where_one_is_set(
    purpose: str, condition: dict[str, dict[str, tuple[str, ...]]]
) -> None:
    decrypting = [each for each in role("decryptor", "a key", purpose) if each.sid == "DecryptFiles"]
    assert [each.condition for each in decrypting] == [condition]


def test_every_call_is_allowed(evidence: Ledger) -> None:
    assert evidence.verdict() == []
    assert all(len(calls) > 10 for calls in evidence.calls.values())


@each_role
def test_nothing_is_allowed_that_is_not_used(evidence: Ledger, name: str) -> None:
    """Neither an action nor a resource: each pair of them that a statement allows was asked for."""
    unused = {
        (name, statement.sid, action)
        for statement in evidence.roles[name]
        for action, resource in product(statement.actions, statement.resources)
        if not any(
            applies(replace(statement, actions=(action,), resources=(resource,)), call)
            for call in evidence.calls[name]
        )
    }
    assert unused == {key for key in UNSEEN if key[0] == name}
