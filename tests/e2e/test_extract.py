"""A whole encrypted extract goes from landing to queryable, and nothing personal goes with it."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from dataclasses import dataclass

import pyarrow.parquet as pq
import pytest

from landfall.demo.catalog import registered_tables
from landfall.demo.extract import Extract, build_extract
from landfall.landing import Encryption
from shared.identity import LandedFile
from shared.outcomes import SuccessOutcome
from tests.e2e.conftest import Chain

KEY = "unit-a/20260131_Extract.zip"


@dataclass(frozen=True)
class Ingested:
    """The extract after its way."""

    chain: Chain
    extract: Extract
    file: LandedFile
    outcome: SuccessOutcome


@pytest.fixture(scope="module")
def ingested(chain: Chain) -> Ingested:
    extract = build_extract(seed=7, subscribers=300, events=2_000)
    file = chain.land(extract.zip_bytes, KEY, Encryption.ESDK)
    outcome = chain.outcome(file)
    assert isinstance(outcome, SuccessOutcome), outcome
    return Ingested(chain, extract, file, outcome)


def test_every_record_of_every_member_is_accounted_for(ingested: Ingested) -> None:
    rows = [each.rows for each in ingested.outcome.datasets]
    assert sum(each.rows_in for each in rows) == sum(ingested.extract.rows.values())
    assert all(r.rows_in == r.rows_out + r.rejected + r.filtered + r.duplicates for r in rows)


def test_the_parquet_holds_as_many_rows_as_announced(ingested: Ingested) -> None:
    counted: Counter[str] = Counter()
    for key, body in ingested.chain.curated(ingested.file).items():
        counted[key.partition("/")[0]] += pq.read_metadata(io.BytesIO(body)).num_rows
    assert dict(counted) == {each.dataset: each.rows.rows_out for each in ingested.outcome.datasets}


def test_hashes_equal_those_an_independent_program_computes(ingested: Ingested) -> None:
    (body,) = [b for k, b in ingested.chain.curated(ingested.file).items() if k.startswith("sent/")]
    written = pq.read_table(io.BytesIO(body)).column("email_plain").to_pylist()
    text = ingested.extract.csvs["Sent.csv"].decode("utf-8-sig")
    addresses = [row["EmailAddress"] for row in csv.DictReader(io.StringIO(text, newline=""))]
    valid = [(address, key) for address, key in zip(addresses, written, strict=True) if key is not None]
    assert len(valid) > len(addresses) * 0.9
    assert all(hashlib.sha256(address.strip().lower().encode()).hexdigest() == key for address, key in valid)


def test_glue_registers_every_dataset_with_its_partition_and_types(ingested: Ingested) -> None:
    tables = {table.name: table for table in registered_tables(ingested.chain.target.deployment.database)}
    for dataset in ingested.outcome.datasets:
        table = tables[dataset.dataset]
        assert table.location.rstrip("/").endswith(f"/{dataset.dataset}")
        values = {tuple(partition.values()) for partition in dataset.partitions}
        assert values <= {registered for registered, _ in table.partitions}
    assert ("event_date", "timestamp") in tables["sent"].columns
    assert ("send_id", "bigint") in tables["sent"].columns


def test_the_originals_are_archived_and_gone_from_landing_and_raw(ingested: Ingested) -> None:
    chain, file = ingested.chain, ingested.file
    assert file.version_id not in chain.versions(KEY)
    assert [key for key in chain.ingest("raw/") if file.file_id in key] == []
    archived = [key for key in chain.ingest("archive/") if file.file_id in key]
    assert len(archived) == 1 + len(ingested.extract.csvs)
    assert {f"s3://{file.bucket}/{key}" for key in archived} == set(ingested.outcome.archived)


def test_no_personal_value_is_anywhere_it_must_not_be(ingested: Ingested) -> None:
    chain = ingested.chain
    cells = {
        cell
        for body in chain.curated(ingested.file).values()
        for column in pq.read_table(io.BytesIO(body)).columns
        for cell in map(str, column.unique().to_pylist())
    }
    texts = [
        *(body.decode() for body in chain.ingest("manifests/").values()),
        *chain.event_texts(),
        *chain.outcomes.texts,
        chain.logs(),
        *chain.curated(ingested.file),
        *cells,
    ]
    haystack = "\n".join(texts)
    assert len(chain.event_texts()) >= 4
    assert [value for value in ingested.extract.personal_values() if value in haystack] == []


def test_what_was_left_out_is_reported_by_name(ingested: Ingested) -> None:
    dropped = {notice.member for notice in ingested.outcome.warnings if notice.code == "COLUMNS_DROPPED"}
    assert "Attributes.csv" in dropped
