"""Crawlers as Glue describes them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from landfall.local.glue.definition import S3Target, parse
from landfall.local.glue.errors import CrawlFailedError

CRAWLER: dict[str, Any] = {
    "Name": "curated",
    "DatabaseName": "db",
    "Targets": {"S3Targets": [{"Path": "s3://curated/", "Exclusions": ["*/source=*/**"]}]},
    "State": "READY",
}


def test_a_plain_crawler() -> None:
    definition = parse(CRAWLER)
    assert definition.targets.s3[0].exclusions == ("*/source=*/**",)
    assert definition.configuration.grouping.level is None
    assert not definition.only_adds_columns


def test_the_configuration_is_json_in_a_string() -> None:
    configuration = {
        "Version": 1.0,
        "Grouping": {"TableLevelConfiguration": 2},
        "CrawlerOutput": {"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}},
    }
    definition = parse({**CRAWLER, "Configuration": json.dumps(configuration)})
    assert definition.configuration.grouping.level == 2
    assert definition.only_adds_columns


@pytest.mark.parametrize("empty", ["", "{}"])
def test_an_empty_configuration_is_none(empty: str) -> None:
    assert parse({**CRAWLER, "Configuration": empty}).configuration.grouping.level is None


@pytest.mark.parametrize(
    ("path", "bucket", "prefix"),
    [("s3://b", "b", ""), ("s3://b/", "b", ""), ("s3://b/x", "b", "x/"), ("s3://b/x/y/", "b", "x/y/")],
)
def test_an_include_path_is_a_folder(path: str, bucket: str, prefix: str) -> None:
    target = S3Target(Path=path)
    assert (target.bucket, target.prefix) == (bucket, prefix)


@pytest.mark.parametrize(
    "unsupported",
    [
        {"Targets": {"JdbcTargets": [{"Path": "x"}]}},
        {"Targets": {"S3Targets": []}},
        {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}},
        {"DatabaseName": ""},
        {"Configuration": "not json"},
    ],
    ids=lambda part: next(iter(part)),
)
def test_what_the_local_crawler_does_not_do_is_said_by_name(unsupported: dict[str, Any]) -> None:
    with pytest.raises(CrawlFailedError, match=next(iter(unsupported))):
        parse({**CRAWLER, **unsupported})
