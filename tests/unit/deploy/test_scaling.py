"""The model behind docs/scaling.md; tests/unit/test_docs.py holds its table against the page."""

from __future__ import annotations

import pytest

from landfall.deployment import ACCOUNT_STACKS, SERVICES
from tests import cost_model
from tests.cost_model import VOLUMES, Volume, compute, crawls, storage
from tests.unit.local.templates.reading import Resource, default, resources


def test_more_costs_more() -> None:
    amounts = [compute(volume) for volume in VOLUMES]
    assert amounts == sorted(amounts)


def test_a_crawl_serves_all_files_that_wait_for_it() -> None:
    assert crawls(Volume(100_000, 1), 900) == crawls(Volume(96, 1), 900)


def test_storage_is_paid_by_the_tier() -> None:
    """60,000 GB: the first 50,000 at one price, the rest at the next."""
    stored = 60_000 / cost_model.STORED_TIMES / cost_model.STORED_DAYS
    assert storage(Volume(1, stored)) == pytest.approx(50_000 * 0.023 + 10_000 * 0.022)


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
