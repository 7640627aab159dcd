"""The model behind docs/scaling.md; tests/unit/test_docs.py holds its table against the page."""

from __future__ import annotations

import pytest

from landfall.deployment import ACCOUNT_STACKS, SERVICES
from services.cataloger.settings import CatalogerSettings
from tests import cost_model
from tests.cost_model import (
    CRAWL_INTERVAL,
    VOLUMES,
    Volume,
    archived,
    catalog,
    compute,
    crawl_seconds,
    crawls,
    curated,
    in_reach,
    most_objects,
    storage,
)
from tests.unit.local.templates.reading import Resource, default, resources


def test_more_costs_more() -> None:
    amounts = [compute(volume) for volume in VOLUMES]
    assert amounts == sorted(amounts)


def test_a_crawl_serves_all_files_that_wait_for_it() -> None:
    assert crawls(Volume(100_000, 1), 900) == crawls(Volume(96, 1), 900)


def test_crawls_run_one_at_a_time() -> None:
    """At one start a minute, crawls of two minutes and more begin when the one before has ended."""
    often = Volume(100_000, 1)
    assert crawls(often, 60) == crawls(often, 120) == pytest.approx(crawls(often, 900) * 900 / 120)


def test_a_crawl_is_paid_by_its_time_beyond_ten_minutes() -> None:
    once_a_day = Volume(1, 1)
    objects = 1_080_000
    assert crawl_seconds(objects) == 1200
    assert crawls(once_a_day, 900, objects) == pytest.approx(2 * crawls(once_a_day, 900))


@pytest.mark.parametrize("interval", [0, 60, CRAWL_INTERVAL])
def test_a_crawler_is_in_reach_while_two_crawls_end_before_a_file_goes_back(interval: int) -> None:
    assert 2 * crawl_seconds(most_objects()) == cost_model.CRAWL_LIMIT
    assert in_reach(most_objects(), interval)
    assert not in_reach(most_objects() + 1, interval)


def test_storage_is_paid_by_the_tier() -> None:
    """60,000 GB: the first 50,000 at one price, the rest at the next."""
    assert storage(60_000) == pytest.approx(50_000 * 0.023 + 10_000 * 0.022)


def test_the_archive_is_full_when_its_first_files_expire() -> None:
    volume = Volume(1, 1)
    assert archived(volume, 30) < archived(volume, 90) == archived(volume, 360)


def test_curated_rows_never_expire() -> None:
    volume = Volume(1, 1)
    assert curated(volume, 360) == 4 * curated(volume, 90)


def test_what_expires_is_what_the_templates_say() -> None:
    rules = {
        name: bucket["Properties"]["LifecycleConfiguration"]["Rules"]
        for name, bucket in resources("storage", "AWS::S3::Bucket").items()
    }
    expiring = {
        bucket: [rule["Id"] for rule in each if "ExpirationInDays" in rule] for bucket, each in rules.items()
    }
    assert expiring == {"IngestBucket": ["raw", "quarantine", "archive"], "CuratedBucket": []}
    assert default("storage", "ArchiveRetentionDays") == cost_model.ARCHIVE_DAYS


def test_the_limits_of_a_crawl_are_those_of_the_cataloger() -> None:
    assert default("services", "CrawlMinIntervalSeconds") == CRAWL_INTERVAL
    assert CatalogerSettings.model_fields["crawl_limit_seconds"].default == cost_model.CRAWL_LIMIT
    assert default("services", "CrawlPollSeconds") == cost_model.CRAWL_POLL
    assert CatalogerSettings.model_fields["crawl_poll_seconds"].default == cost_model.CRAWL_POLL


def test_the_first_million_requests_of_the_catalog_are_free() -> None:
    million = int(1e6 / cost_model.CATALOG_A_FILE / cost_model.DAYS)
    assert catalog(Volume(million, 1)) == 0
    assert catalog(Volume(3 * million, 1)) == pytest.approx(2.0, abs=0.01)


def test_what_rests_is_what_the_templates_start() -> None:
    sizes = [
        [default("services", f"{name.capitalize()}{part}") for name in SERVICES] for part in ("Cpu", "Memory")
    ]
    assert [sum(size) / 1024 for size in sizes] == [cost_model.RESTING_VCPU, cost_model.RESTING_GB]


def test_the_endpoints_and_keys_are_those_of_the_templates() -> None:
    endpoints = resources("network", "AWS::EC2::VPCEndpoint").values()
    interfaces = [each for each in endpoints if each["Properties"]["VpcEndpointType"] == "Interface"]
    keys = [key for stack in ACCOUNT_STACKS for key in resources(stack, "AWS::KMS::Key")]
    assert (len(interfaces), len(keys)) == (cost_model.INTERFACE_ENDPOINTS, cost_model.OWN_KEYS)


def test_the_metrics_of_alarms_are_those_of_the_templates() -> None:
    """Alarms are billed by the metrics in them; target tracking makes two of them a service."""
    alarms = resources("observability", "AWS::CloudWatch::Alarm").values()
    watched = sum(
        sum("MetricStat" in metric for metric in alarm["Properties"].get("Metrics", [])) or 1
        for alarm in alarms
    )
    tracked = sum(
        2 * sum("MetricStat" in metric for metric in _metrics(policy))
        for policy in resources("services", "AWS::ApplicationAutoScaling::ScalingPolicy").values()
        if policy["Properties"]["PolicyType"] == "TargetTrackingScaling"
    )
    assert watched + tracked == cost_model.ALARM_METRICS


def _metrics(policy: Resource) -> list[Resource]:
    tracking = policy["Properties"]["TargetTrackingScalingPolicyConfiguration"]
    metrics: list[Resource] = tracking["CustomizedMetricSpecification"]["Metrics"]
    return metrics
