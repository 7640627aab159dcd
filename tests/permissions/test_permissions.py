"""Each service may do what it does, and no more: its role held against the calls that it was seen to make."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.permissions.evaluator import applies
from tests.permissions.ledger import Ledger
from tests.permissions.policies import ROLES, role
from tests.permissions.unseen import SEEN_IN_FAULTS, UNSEEN

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
    assert evidence.unused(name) == {key for key in (*UNSEEN, *SEEN_IN_FAULTS) if key[0] == name}
