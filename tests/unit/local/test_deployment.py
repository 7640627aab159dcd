"""Each service is told what it needs, and nothing else."""

from __future__ import annotations

import pytest

from tests.unit.local.names import DEPLOYMENT

COMMON = {
    "LANDFALL_INGEST_BUCKET",
    "LANDFALL_CURATED_BUCKET",
    "LANDFALL_EVENT_BUS",
    "LANDFALL_QUEUE_URL",
    "LANDFALL_DEAD_LETTER_QUEUE_URL",
}


@pytest.mark.parametrize(
    ("service", "own"),
    [
        ("decryptor", {"LANDFALL_KMS_KEY_ARNS"}),
        ("normalizer", set()),
        ("cataloger", {"LANDFALL_DATABASE", "LANDFALL_CRAWLER"}),
        ("archiver", {"LANDFALL_SUCCESS_TOPIC_ARN", "LANDFALL_ERROR_TOPIC_ARN"}),
    ],
)
def test_the_variables_of_a_service(service: str, own: set[str]) -> None:
    assert set(DEPLOYMENT.service_environment(service)) == COMMON | own


@pytest.mark.parametrize(
    ("service", "stage"),
    [
        ("decryptor", "decrypt"),
        ("normalizer", "normalize"),
        ("cataloger", "catalog"),
        ("archiver", "archive"),
    ],
)
def test_each_service_has_the_queue_of_its_stage(service: str, stage: str) -> None:
    environment = DEPLOYMENT.service_environment(service)
    assert environment["LANDFALL_QUEUE_URL"] == f"http://sqs/{stage}"
    assert environment["LANDFALL_DEAD_LETTER_QUEUE_URL"] == f"http://sqs/{stage}-dead-letters"
