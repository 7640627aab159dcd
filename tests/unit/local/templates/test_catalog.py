"""The crawler and its role."""

from __future__ import annotations

import json

from tests.unit.local.templates.reading import granted, template

CRAWLER = template("catalog")["Resources"]["Crawler"]["Properties"]
CONFIGURATION = json.loads(CRAWLER["Configuration"])


def test_the_crawler_leaves_snapshots_to_the_cataloger() -> None:
    (target,) = CRAWLER["Targets"]["S3Targets"]
    assert target["Exclusions"] == ["*/source=*/**"]


def test_a_dataset_folder_is_a_table_and_a_file_with_other_columns_makes_no_table_of_its_own() -> None:
    assert CONFIGURATION["Grouping"] == {
        "TableGroupingPolicy": "CombineCompatibleSchemas",
        "TableLevelConfiguration": 2,
    }


def test_a_crawl_sees_every_change_and_never_drops_a_table() -> None:
    assert CRAWLER["RecrawlPolicy"] == {"RecrawlBehavior": "CRAWL_EVERYTHING"}
    assert CRAWLER["SchemaChangePolicy"] == {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"}


def test_partitions_have_the_columns_of_their_table() -> None:
    assert CONFIGURATION["CrawlerOutput"]["Partitions"] == {"AddOrUpdateBehavior": "InheritFromTable"}


def test_the_crawler_may_use_no_wildcard() -> None:
    allowed = granted(template("catalog")["Resources"]["CrawlerRole"])
    assert [each["Sid"] for each in allowed if "*" in str(each["Action"]) or each["Resource"] == "*"] == []
