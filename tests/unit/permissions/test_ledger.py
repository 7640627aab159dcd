"""What a service asks for and its role does not allow is told, whoever kept the record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.__main__ import attempt
from tests.faults.audit import Findings
from tests.faults.matrix import Case
from tests.faults.trial import Arena, Trial
from tests.permissions.calls import ACCOUNT, REGION
from tests.permissions.ledger import Ledger
from tests.permissions.policies import SERVICES, Statement, role
from tests.permissions.recognising import Request

INGEST = f"landfall-ingest-{ACCOUNT}-{REGION}"
LANDING_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/landing"
DELETION = Request.of("DELETE", f"/{INGEST}/landing/a%2520b.zip?versionId=v1", {})
DECRYPTION = Request.of(
    "POST",
    "/",
    {"X-Amz-Target": "TrentService.Decrypt"},
    json.dumps({"KeyId": LANDING_KEY, "EncryptionContext": {"purpose": "other"}}).encode(),
)


def without(service: str, sid: str) -> Sequence[Statement]:
    statements = role(service, LANDING_KEY, "landing")
    assert sid in {each.sid for each in statements}
    return [each for each in statements if each.sid != sid]


def test_what_a_role_allows_is_no_complaint() -> None:
    ledger = Ledger({"archiver": role("archiver", LANDING_KEY)})
    ledger.note("archiver", DELETION)
    ledger.check()
    assert [call.resource for call in ledger.calls["archiver"]] == [
        f"arn:aws:s3:::{INGEST}/landing/a%20b.zip"
    ]


def test_a_role_that_lacks_a_statement_is_complained_of_once_by_service_action_and_resource() -> None:
    ledger = Ledger({"archiver": without("archiver", "DeleteOriginals")})
    for _ in range(2):
        ledger.note("archiver", DELETION)
    refused = f"s3:DeleteObjectVersion on arn:aws:s3:::{INGEST}/landing/a%20b.zip"
    assert ledger.verdict() == [f"archiver: its role does not allow {refused}"]
    with pytest.raises(AssertionError, match="archiver: its role does not allow s3:DeleteObjectVersion"):
        ledger.check()


def test_a_refused_call_is_told_with_its_context() -> None:
    ledger = Ledger({"decryptor": role("decryptor", LANDING_KEY, "landing")})
    ledger.note("decryptor", DECRYPTION)
    (wrong,) = ledger.verdict()
    assert wrong.endswith(f"kms:Decrypt on {LANDING_KEY} (kms:encryptioncontext:purpose=other)")


@pytest.mark.parametrize(
    "request_",
    [
        Request.of("PATCH", f"/{INGEST}/landing/a", {}),
        Request.of("GET", f"/{INGEST}?policy", {}),
        Request.of("POST", "/", {"X-Amz-Target": "AmazonSSM.GetParameter"}, b"{}"),
        Request.of("POST", "/", {"X-Amz-Target": "AmazonSQS.SendMessage"}, b"{}"),
        Request.of("POST", "/", {"X-Amz-Target": "AmazonSQS.SendMessage"}, b"{not json"),
        Request.of("POST", "/", {"Content-Type": "application/x-www-form-urlencoded"}, b"Action=Publish"),
    ],
    ids=lambda request_: f"{request_.method} {request_.path} {request_.headers} {request_.body}",
)
def test_a_request_of_which_nobody_knows_what_it_needs_is_complained_of(request_: Request) -> None:
    ledger = Ledger({"archiver": role("archiver", LANDING_KEY)})
    ledger.note("archiver", request_)
    assert ledger.verdict()[0].startswith(
        f"archiver: it is not known what {request_.method} {request_.path} needs"
    )


def test_a_record_of_nothing_proves_nothing() -> None:
    ledger = Ledger({name: role(name, LANDING_KEY) for name in SERVICES})
    ledger.note("archiver", DELETION)
    others = [name for name in SERVICES if name != "archiver"]
    assert ledger.verdict() == [f"{name}: not one call was noted" for name in others]


def test_a_refused_call_is_a_finding_of_the_fault_that_brought_it_and_of_no_other(tmp_path: Path) -> None:
    arena = Arena(tmp_path)
    arena.ledger = Ledger({"archiver": without("archiver", "DeleteOriginals")})

    def run(arena: Arena) -> Trial:
        arena.ledger.note("archiver", DELETION)
        return Trial(Findings(), 1.0)

    first, second = [attempt(arena, Case("archive", "a fault", run)) for _ in range(2)]
    assert first.findings.faults == arena.ledger.complaints
    assert "s3:DeleteObjectVersion" in first.text()
    assert second.findings.faults == []


def test_a_fault_that_is_cited_for_a_call_and_does_not_show_it_has_a_finding(tmp_path: Path) -> None:
    arena = Arena(tmp_path)
    arena.ledger = Ledger({"decryptor": role("decryptor", LANDING_KEY)})
    looking = Request.of("GET", f"/{INGEST}?versions&prefix=raw/.staging/a", {})

    def shows(arena: Arena) -> Trial:
        arena.ledger.note("decryptor", looking)
        return Trial(Findings(), 1.0)

    def does_not(_: Arena) -> Trial:
        return Trial(Findings(), 1.0)

    faults = [
        attempt(arena, Case("decrypt", "killed after staging.put", run)).findings.faults
        for run in (does_not, shows)
    ]
    assert faults == [["shows no s3:ListBucketVersions of the decryptor, which it is cited for"], []]
