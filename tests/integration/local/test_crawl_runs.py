"""Runs of the local Glue crawler through plain boto3: states, history and errors."""

from __future__ import annotations

import json

import pytest

from tests.integration.local.lake import ROLE, Lake
from tests.stack import CRAWL_SECONDS


def test_what_lands_after_the_listing_waits_for_the_next_crawl(lake: Lake) -> None:
    lake.put("sent/ingest_date=1/a.parquet", n=[1])
    lake.glue.start_crawler(Name=lake.name)
    lake.put("sent/ingest_date=2/late.parquet", n=[1])
    lake.settle()
    assert set(lake.partitions("sent")) == {"1"}
    lake.crawl()
    assert set(lake.partitions("sent")) == {"1", "2"}


def test_nothing_shows_while_a_crawl_runs(slow_lake: Lake) -> None:
    slow_lake.put("sent/ingest_date=1/a.parquet", n=[1])
    slow_lake.glue.start_crawler(Name=slow_lake.name)
    assert slow_lake.tables() == {}


def test_a_crawl_lasts_as_long_as_it_is_set_to(lake: Lake) -> None:
    run = lake.crawl()
    assert (run["EndTime"] - run["StartTime"]).total_seconds() >= CRAWL_SECONDS


def test_a_run_says_what_it_changed(lake: Lake) -> None:
    lake.put("sent/ingest_date=1/a.parquet", n=[1])
    summary = json.loads(lake.crawl()["Summary"])
    assert summary["TABLE"]["ADD"]["Details"]["names"] == ["sent"]
    assert summary["PARTITION"]["ADD"]["Count"] == 1
    assert "Summary" not in lake.crawl()


def test_a_bucket_that_is_gone_fails_the_run_and_the_crawler_is_ready_again(lake: Lake) -> None:
    lake.s3.delete_bucket(Bucket=lake.name)
    run = lake.crawl()
    assert run["State"] == "FAILED"
    assert "NoSuchBucket" in run["ErrorMessage"]
    last = lake.glue.get_crawler(Name=lake.name)["Crawler"]["LastCrawl"]
    assert (last["Status"], last["ErrorMessage"]) == ("FAILED", run["ErrorMessage"])


def test_a_database_that_is_gone_fails_the_run(lake: Lake) -> None:
    lake.glue.delete_database(Name=lake.name)
    run = lake.crawl()
    assert run["State"] == "FAILED"
    assert lake.name in run["ErrorMessage"]


def test_errors_are_those_that_boto_knows_by_name(lake: Lake) -> None:
    errors = lake.glue.exceptions
    with pytest.raises(errors.EntityNotFoundException):
        lake.glue.start_crawler(Name="nobody")
    with pytest.raises(errors.EntityNotFoundException):
        lake.glue.list_crawls(CrawlerName="nobody")
    with pytest.raises(errors.CrawlerNotRunningException):
        lake.glue.stop_crawler(Name=lake.name)
    with pytest.raises(errors.InvalidInputException):
        lake.glue.list_crawls(CrawlerName=lake.name, NextToken="nonsense")


def test_a_running_crawler_refuses_to_be_started_changed_or_deleted(slow_lake: Lake) -> None:
    slow_lake.glue.start_crawler(Name=slow_lake.name)
    with pytest.raises(slow_lake.glue.exceptions.CrawlerRunningException):
        slow_lake.glue.start_crawler(Name=slow_lake.name)
    with pytest.raises(slow_lake.glue.exceptions.CrawlerRunningException):
        slow_lake.glue.update_crawler(Name=slow_lake.name, Description="x")
    with pytest.raises(slow_lake.glue.exceptions.CrawlerRunningException):
        slow_lake.glue.delete_crawler(Name=slow_lake.name)


def test_a_stopped_run_leaves_no_table(slow_lake: Lake) -> None:
    slow_lake.put("sent/a.parquet", n=[1])
    slow_lake.glue.start_crawler(Name=slow_lake.name)
    slow_lake.glue.stop_crawler(Name=slow_lake.name)
    assert slow_lake.settle()["State"] == "STOPPED"
    assert slow_lake.tables() == {}


def test_a_deleted_crawler_is_unknown_and_a_new_one_has_no_history(lake: Lake) -> None:
    lake.crawl()
    definition = lake.glue.get_crawler(Name=lake.name)["Crawler"]
    lake.glue.delete_crawler(Name=lake.name)
    with pytest.raises(lake.glue.exceptions.EntityNotFoundException):
        lake.glue.list_crawls(CrawlerName=lake.name)
    lake.glue.create_crawler(Name=lake.name, Role=ROLE, DatabaseName=lake.name, Targets=definition["Targets"])
    assert lake.glue.list_crawls(CrawlerName=lake.name)["Crawls"] == []


def test_all_crawlers_are_described_with_their_state(slow_lake: Lake) -> None:
    slow_lake.glue.start_crawler(Name=slow_lake.name)
    states = {crawler["Name"]: crawler["State"] for crawler in slow_lake.glue.get_crawlers()["Crawlers"]}
    assert states[slow_lake.name] == "RUNNING"
