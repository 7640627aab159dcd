"""The containers do what the processes do: from extract to tables and outcome; failures told and replayed."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import boto3
import pyarrow.parquet as pq
import pytest

from landfall.demo.catalog import registered_tables
from landfall.demo.extract import Extract, build_extract
from landfall.landing import Encryption
from shared.identity import LandedFile
from shared.outcomes import FailureOutcome, SuccessOutcome
from tests.extracts import subscribers, zipped
from tests.localstack.conftest import WITHIN, Compose

KEY = "landing/unit a/20260131_Extract.zip"


@pytest.fixture(scope="module")
def extract() -> Extract:
    return build_extract(seed=11, subscribers=200, events=1_000)


@pytest.fixture(scope="module")
def ingested(compose: Compose, extract: Extract) -> tuple[LandedFile, SuccessOutcome]:
    """The extract, encrypted, put by a client of LocalStack's own library."""
    file = compose.land(extract.zip_bytes, KEY, Encryption.ESDK)
    outcome = compose.chain.outcomes.await_outcome(file.file_id, WITHIN)
    assert isinstance(outcome, SuccessOutcome), outcome
    return file, outcome


def test_every_record_is_accounted_for(ingested: tuple[LandedFile, SuccessOutcome], extract: Extract) -> None:
    rows = [each.rows for each in ingested[1].datasets]
    assert sum(each.rows_in for each in rows) == sum(extract.rows.values())
    assert all(r.rows_in == r.rows_out + r.rejected + r.filtered + r.duplicates for r in rows)


def test_the_curated_rows_are_those_announced(
    compose: Compose, ingested: tuple[LandedFile, SuccessOutcome]
) -> None:
    file, outcome = ingested
    counted = sum(
        pq.read_metadata(io.BytesIO(body)).num_rows for body in compose.chain.curated(file).values()
    )
    assert counted == sum(each.rows.rows_out for each in outcome.datasets)


def test_the_glue_sidecar_has_every_table(
    compose: Compose, ingested: tuple[LandedFile, SuccessOutcome]
) -> None:
    announced = {each.dataset for each in ingested[1].datasets}
    assert announced <= {table.name for table in registered_tables("landfall")}


def test_the_original_is_archived_and_gone_from_landing(
    compose: Compose, ingested: tuple[LandedFile, SuccessOutcome]
) -> None:
    file, _ = ingested
    archived = [key for key in compose.chain.ingest("archive/landing/") if file.file_id in key]
    assert len(archived) == 1
    assert compose.chain.versions(KEY.removeprefix("landing/")) == set()
    assert [key for key in compose.chain.ingest("raw/") if file.file_id in key] == []


def test_nothing_went_to_a_dead_letter_queue(
    compose: Compose, ingested: tuple[LandedFile, SuccessOutcome]
) -> None:
    assert not any(ingested[0].file_id in each["file_ids"] for each in compose.chain.dead_letters())


def test_a_damaged_file_fails_with_a_reason_and_leaves_no_row(compose: Compose) -> None:
    file = compose.land(zipped(Subscribers=subscribers(50))[:-40], "landing/damaged/Extract.zip")
    outcome = compose.chain.outcomes.await_outcome(file.file_id, WITHIN)
    assert isinstance(outcome, FailureOutcome)
    assert outcome.code.startswith("ZIP_")
    assert compose.chain.curated(file) == {}
    assert compose.chain.await_letter(file).stage == "decrypt"


def test_a_dead_letter_is_replayed_by_hand_once_its_cause_is_gone(compose: Compose) -> None:
    kms, key = boto3.client("kms"), compose.chain.target.deployment.landing_key_arn
    body = compose.encrypted(subscribers(6))
    kms.disable_key(KeyId=key)
    try:
        file = compose.land(body, "landing/replayed/Subscribers.csv")
        failed = compose.chain.outcomes.await_outcome(file.file_id, WITHIN)
        assert isinstance(failed, FailureOutcome)
    finally:
        kms.enable_key(KeyId=key)
    compose.chain.await_letter(file)
    compose.chain.outcomes.forget(file.file_id)
    command = [sys.executable, "-m", "landfall.cli", "dlq", "replay", file.file_id, "--json"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert [each["file_ids"] for each in json.loads(told.stdout)["replayed"]] == [[file.file_id]]
    outcome = compose.chain.outcomes.await_outcome(file.file_id, WITHIN)
    assert isinstance(outcome, SuccessOutcome)
    assert outcome.datasets[0].rows.rows_out == 6
