"""Containers die and are replaced with files in work: nothing is lost and nothing doubled."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pyarrow.parquet as pq
import pytest

from landfall.deployment import SERVICES
from shared.identity import LandedFile
from shared.outcomes import SuccessOutcome
from tests.extracts import sent, subscribers, zipped
from tests.localstack.conftest import WITHIN, Compose

ROWS = 60_000


@pytest.fixture(scope="module")
def large() -> bytes:
    """An extract that each stage has in work long enough to be caught at it."""
    return zipped(Subscribers=subscribers(ROWS), Sent=sent(ROWS))


def rows_of(compose: Compose, file: LandedFile) -> dict[str, int]:
    """Rows in the curated bucket by dataset, counted from the objects."""
    return {
        key.partition("/")[0]: pq.read_metadata(io.BytesIO(body)).num_rows
        for key, body in compose.chain.curated(file).items()
    }


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_killed_in_mid_file_loses_and_doubles_nothing(
    compose: Compose, large: bytes, service: str
) -> None:
    key = f"killed-{service}/20260131_Extract.zip"
    file = compose.land(large, f"landing/{key}")
    compose.await_in_work(SERVICES[service])
    compose.engine.kill(service)
    compose.engine.start(service)
    outcome = compose.chain.outcomes.await_outcome(file.file_id, WITHIN)
    assert isinstance(outcome, SuccessOutcome), outcome
    assert rows_of(compose, file) == {"subscribers": ROWS, "sent": ROWS}
    archived = [key for key in compose.chain.ingest("archive/landing/") if file.file_id in key]
    assert len(archived) == 1
    assert compose.chain.versions(key) == set()


def test_services_are_replaced_one_after_the_other_under_load(compose: Compose) -> None:
    files: list[LandedFile] = []

    def load() -> Iterator[None]:
        for number in range(len(SERVICES) * 2):
            files.extend(
                compose.land(subscribers(200), f"landing/load-{number}-{each}/Subscribers.csv")
                for each in range(5)
            )
            yield

    arriving = load()
    for service in SERVICES:
        next(arriving)
        assert compose.engine.stop(service) == 0
        next(arriving)
        compose.engine.start(service)
        compose.await_healthy(service)
    outcomes = [compose.chain.outcomes.await_outcome(file.file_id, WITHIN) for file in files]
    assert {outcome.status for outcome in outcomes} == {"succeeded"}
    assert all(rows_of(compose, file) == {"subscribers": 200} for file in files)
    ids = {file.file_id for file in files}
    assert not any(ids & set(each["file_ids"]) for each in compose.chain.dead_letters())
