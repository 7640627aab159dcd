"""Settings that could not work together are refused before the service starts."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.cataloger.settings import CatalogerSettings

REQUIRED: dict[str, Any] = {
    "ingest_bucket": "i",
    "event_bus": "b",
    "queue_url": "q",
    "dead_letter_queue_url": "d",
    "database": "landfall",
    "crawler": "landfall-curated",
}


def test_a_file_must_be_able_to_outwait_the_interval_between_crawls() -> None:
    with pytest.raises(ValidationError) as refused:
        CatalogerSettings(**REQUIRED, crawl_min_interval_seconds=3600, crawl_limit_seconds=3600)
    (error,) = refused.value.errors()
    assert error["loc"] == ("crawl_limit_seconds",)
    assert "LANDFALL_CRAWL_MIN_INTERVAL_SECONDS" in error["msg"]


def test_no_file_waits_longer_than_sqs_keeps_its_message_hidden() -> None:
    with pytest.raises(ValidationError, match="less than or equal to 36000"):
        CatalogerSettings(**REQUIRED, crawl_limit_seconds=43_200)


def test_a_mode_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError, match="'crawler' or 'direct'"):
        CatalogerSettings(**REQUIRED, catalog_mode="athena")


def test_by_default_files_await_a_crawl() -> None:
    settings = CatalogerSettings(**REQUIRED)
    assert (settings.catalog_mode, settings.crawl_only_if_needed) == ("crawler", False)
