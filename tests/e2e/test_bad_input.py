"""Bad input fails with a reason or is set aside by record number, and the next file goes its way."""

from __future__ import annotations

import io
import json

import boto3
import pyarrow.parquet as pq
import pytest
from botocore.session import get_session

from landfall.encryption import encrypt_esdk
from landfall.landing import Encryption, encrypted
from landfall.operating.dead_letters import held
from landfall.operating.letter_moves import send_back
from shared.identity import LandedFile
from shared.outcomes import FailureOutcome, SuccessOutcome
from tests.e2e.conftest import Chain
from tests.extracts import sent, subscribers, zipped


def wrong_key(body: bytes) -> bytes:
    """Encrypted under a key that the decryptor does not allow."""
    arn = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
    sealed = io.BytesIO()
    encrypt_esdk(io.BytesIO(body), sealed, arn, {}, get_session())
    return sealed.getvalue()


def failed(chain: Chain, file: LandedFile) -> FailureOutcome:
    outcome = chain.outcome(file)
    assert isinstance(outcome, FailureOutcome), outcome
    return outcome


@pytest.mark.parametrize(
    ("name", "make", "stage", "code"),
    [
        (
            "header/Subscribers.csv",
            lambda: b"Some,Other,Columns\r\n1,2,3\r\n",
            "normalize",
            "HEADER_MISMATCH",
        ),
        ("unknown/Orders.csv", lambda: b"OrderID,Total\r\n1,2\r\n", "normalize", "NO_RECIPE"),
        ("truncated/Extract.zip", lambda: zipped(Subscribers=subscribers(50))[:-40], "decrypt", "ZIP_"),
        ("wrongkey/Subscribers.csv", lambda: wrong_key(subscribers(3)), "decrypt", "KMS_KEY_NOT_ALLOWED"),
        ("empty/Subscribers.csv", lambda: b"", "decrypt", "EMPTY_OBJECT"),
        (
            "ragged/Subscribers.csv",
            lambda: subscribers(5) + b"7,too,few\r\n",
            "normalize",
            "TOO_MANY_BAD_ROWS",
        ),
        ("binary/Subscribers.csv", lambda: bytes(range(256)) * 40, "decrypt", ""),
    ],
    ids=lambda value: value if isinstance(value, str) and "/" in value else "",
)
def test_a_file_that_cannot_be_used_fails_with_a_reason(
    chain: Chain, name: str, make: object, stage: str, code: str
) -> None:
    assert callable(make)
    file = chain.land(make(), f"bad-{name}")
    outcome = failed(chain, file)
    assert (outcome.stage, outcome.code.startswith(code)) == (stage, True), outcome.code
    assert outcome.advice
    assert file.version_id in chain.versions(f"bad-{name}")
    assert chain.curated(file) == {}
    assert [key for key in chain.ingest("archive/") if file.file_id in key] == []
    assert chain.await_letter(file).stage == stage


def test_the_next_file_is_processed_as_usual(chain: Chain) -> None:
    chain.land(b"", "next/Subscribers.csv")
    good = chain.land(subscribers(4), "next/Subscribers.csv")
    outcome = chain.outcome(good)
    assert isinstance(outcome, SuccessOutcome)
    assert outcome.datasets[0].rows.rows_out == 4


def test_a_few_bad_rows_are_set_aside_by_record_number(chain: Chain) -> None:
    body = subscribers(150) + b"7,too,few\r\n" + subscribers(150, first=200).split(b"\r\n", 1)[1]
    file = chain.land(body, "few-bad/Subscribers.csv")
    outcome = chain.outcome(file)
    assert isinstance(outcome, SuccessOutcome)
    (dataset,) = outcome.datasets
    assert (dataset.rows.rows_in, dataset.rows.rows_out, dataset.rows.rejected) == (301, 300, 1)
    ((_, quarantined),) = [(k, b) for k, b in chain.ingest("quarantine/").items() if file.file_id in k]
    rejected = json.loads(quarantined)
    assert (rejected["record"], rejected["raw"]) == (152, "7,too,few")
    assert any(notice.code == "ROWS_REJECTED" for notice in outcome.warnings)


def test_a_dead_letter_can_be_replayed_once_its_cause_is_gone(chain: Chain) -> None:
    kms, target = boto3.client("kms"), chain.target
    key, queues = target.deployment.landing_key_arn, target.deployment.queues
    with encrypted(target, io.BytesIO(subscribers(6)), Encryption.ESDK) as sealed:
        body = sealed.body.read()
    kms.disable_key(KeyId=key)
    try:
        file = chain.land(body, "replayed/Subscribers.csv")
        assert failed(chain, file).code == "KMS_KEY_DISABLED"
    finally:
        kms.enable_key(KeyId=key)
    chain.outcomes.forget(file.file_id)
    chain.await_letter(file)
    with held(target.sqs(), queues) as letters:
        send_back(target.sqs(), queues, [each for each in letters if file.file_id in each.file_ids])
    outcome = chain.outcome(file)
    assert isinstance(outcome, SuccessOutcome)
    assert outcome.datasets[0].rows.rows_out == 6
    assert not any(file.file_id in each["file_ids"] for each in chain.dead_letters())


def test_two_versions_of_one_key_seconds_apart_are_two_files(chain: Chain) -> None:
    first = chain.land(zipped(Sent=sent(3)), "twice/20260131_Extract.zip")
    second = chain.land(zipped(Sent=sent(5)), "twice/20260131_Extract.zip")
    assert first.file_id != second.file_id
    outcomes = [chain.outcome(first), chain.outcome(second)]
    rows = [o.datasets[0].rows.rows_out for o in outcomes if isinstance(o, SuccessOutcome)]
    assert rows == [3, 5]
    assert chain.versions("twice/20260131_Extract.zip") == set()
    for file, expected in ((first, 3), (second, 5)):
        ((_, body),) = chain.curated(file).items()
        assert pq.read_metadata(io.BytesIO(body)).num_rows == expected
