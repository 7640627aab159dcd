"""Alarms: what they watch, and that each says where its remedy stands."""

from __future__ import annotations

import re
from typing import Any

import pytest
from structlog.testing import capture_logs

from landfall.deployment import SERVICES
from landfall.local.checkout import CHECKOUT
from shared.metrics import NAMESPACE, SWEEP_METRICS, Metric, swept
from shared.stages import Stage
from tests.unit.local.templates.reading import Resource, default, resources, statements, watched

ALARMS = resources("observability", "AWS::CloudWatch::Alarm")
OPERATIONS = (CHECKOUT / "docs/operations.md").read_text(encoding="utf-8")


def anchors() -> set[str]:
    """The anchors of the headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.+)$", OPERATIONS, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("alarm", ALARMS.values(), ids=list(ALARMS))
def test_an_alarm_links_to_what_to_do(alarm: Resource) -> None:
    link = re.search(r"docs/operations\.md#([\w-]+)$", alarm["Properties"]["AlarmDescription"])
    assert link is not None
    assert link[1] in anchors()


@pytest.mark.parametrize("alarm", ALARMS.values(), ids=list(ALARMS))
def test_an_alarm_tells_the_alarm_topic(alarm: Resource) -> None:
    assert alarm["Properties"]["AlarmActions"] == [{"Ref": "AlarmTopic"}]


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_has_alarms_on_dead_letters_and_on_age(stage: Stage) -> None:
    queues = {
        (alarm["Properties"]["MetricName"], each["Value"]["Fn::Sub"])
        for alarm in ALARMS.values()
        for each in alarm["Properties"].get("Dimensions", [])
        if each["Name"] == "QueueName"
    }
    assert ("ApproximateNumberOfMessagesVisible", f"${{Prefix}}-{stage}-dead-letters") in queues
    assert ("ApproximateAgeOfOldestMessage", f"${{Prefix}}-{stage}") in queues


@pytest.mark.parametrize("service", [*SERVICES, "sweep"])
def test_every_log_has_an_end(service: str) -> None:
    logs = resources("observability", "AWS::Logs::LogGroup")[f"{service.capitalize()}Logs"]["Properties"]
    assert logs["LogGroupName"] == {"Fn::Sub": f"/${{Prefix}}/{service}"}
    assert logs["RetentionInDays"] == {"Ref": "LogRetentionDays"}


OWN = {
    name: alarm["Properties"]
    for name, alarm in ALARMS.items()
    if alarm["Properties"].get("Namespace") == NAMESPACE
}


@pytest.mark.parametrize("alarm", OWN.values(), ids=list(OWN))
def test_a_metric_of_ours_is_emitted_by_the_sweep_under_just_these_dimensions(alarm: dict[str, Any]) -> None:
    dimensions = {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
    with capture_logs() as lines:
        swept("house", {}, 0, 0)
    emitted = {
        (metric["Name"], frozenset((name, line[name]) for name in names))
        for line in lines
        for directive in line["_aws"]["CloudWatchMetrics"]
        for names in directive["Dimensions"]
        for metric in directive["Metrics"]
        if directive["Namespace"] == alarm["Namespace"]
    }
    asked = {name: "house" if value == {"Ref": "Prefix"} else value for name, value in dimensions.items()}
    assert (alarm["MetricName"], frozenset(asked.items())) in emitted
    assert tuple(dimensions) == SWEEP_METRICS[Metric(alarm["MetricName"])]


def test_every_metric_of_the_sweep_has_alarms_for_each_stage_that_it_is_measured_of() -> None:
    asked = [(each["MetricName"], each["Dimensions"][-1]["Value"]) for each in OWN.values()]
    by_stage = [(Metric.OLDEST_FILE_SECONDS.value, stage.value) for stage in Stage]
    whole = [
        (metric.value, {"Ref": "Prefix"}) for metric, names in SWEEP_METRICS.items() if "stage" not in names
    ]
    assert sorted(asked, key=str) == sorted([*by_stage, *whole], key=str)


def test_silence_is_an_alarm_of_its_own_and_lets_no_other_alarm_end() -> None:
    missing = {name: alarm["TreatMissingData"] for name, alarm in OWN.items()}
    assert missing.pop("SilentSweep") == "breaching"
    assert set(missing.values()) == {"ignore"}


def test_sweeps_come_often_enough_not_to_be_called_silent() -> None:
    silent = OWN["SilentSweep"]
    assert default("schedule", "LightSchedule") == "rate(15 minutes)"
    assert silent["Period"] * silent["EvaluationPeriods"] >= 4 * 15 * 60


def test_an_alarm_has_no_more_metrics_than_cloudwatch_allows() -> None:
    """Ten for one that is made of an expression."""
    counts = {
        name: sum("MetricStat" in each for each in alarm["Properties"].get("Metrics", []))
        for name, alarm in ALARMS.items()
    }
    assert {name: count for name, count in counts.items() if count > 10} == {}


def test_every_rule_of_the_bus_is_watched_for_events_that_are_lost() -> None:
    names = {
        rule["Properties"]["Name"]["Fn::Sub"] for rule in resources("messaging", "AWS::Events::Rule").values()
    }
    assert watched("LostDeliveries", "RuleName") == {
        ("InvocationsFailedToBeSentToDlq", name) for name in names
    }


def test_every_topic_is_watched_for_what_its_subscribers_did_not_get() -> None:
    topics = [
        *resources("messaging", "AWS::SNS::Topic").values(),
        *resources("observability", "AWS::SNS::Topic").values(),
    ]
    assert watched("UndeliveredOutcomes", "TopicName") == {
        (metric, topic["Properties"]["TopicName"]["Fn::Sub"])
        for topic in topics
        for metric in ("NumberOfNotificationsFailed", "NumberOfNotificationsFailedToRedriveToDlq")
    }


def test_every_rule_of_the_bus_is_watched_for_failed_deliveries() -> None:
    rules = resources("messaging", "AWS::Events::Rule").values()
    assert watched("FailedDeliveries", "RuleName") == {
        (metric, rule["Properties"]["Name"]["Fn::Sub"])
        for rule in rules
        for metric in ("FailedInvocations", "InvocationsSentToDlq")
    }


def test_an_event_that_cannot_be_logged_is_kept_and_told() -> None:
    rules = resources("observability", "AWS::Events::Rule").values()
    (queue,) = resources("observability", "AWS::SQS::Queue")
    (policy,) = resources("observability", "AWS::SQS::QueuePolicy").values()
    names = {rule["Properties"]["Name"]["Fn::Sub"] for rule in rules}
    senders = statements(policy)[0]["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert {each["Fn::Sub"].rpartition(":rule/")[2] for each in senders} == names
    assert {
        target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0]
        for rule in rules
        for target in rule["Properties"]["Targets"]
    } == {queue}
    assert watched("UndeliveredNotices", "RuleName") == {
        (metric, name)
        for metric in ("FailedInvocations", "InvocationsSentToDlq", "InvocationsFailedToBeSentToDlq")
        for name in names
    }


def fits(pattern: Any, value: Any) -> bool:
    """EventBridge's matching, as far as the pattern of task crashes uses it.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
    """
    if isinstance(value, list):
        return any(fits(pattern, each) for each in value)
    if isinstance(pattern, dict):
        return all(
            any(fits(each, value) for each in wanted) if key == "$or" else fits(wanted, value.get(key))
            for key, wanted in pattern.items()
        )
    return any(_equals(wanted, value) for wanted in pattern)


def _equals(wanted: Any, value: Any) -> bool:
    if not isinstance(wanted, dict):
        return bool(wanted == value)
    ((operator, operand),) = wanted.items()
    match operator:
        case "anything-but":
            return value is not None and bool(value != operand)
        case "prefix":
            return str(value or "").startswith(operand)
    raise ValueError(f"the operator {operator} is not known here")


SERVICE, SWEEP = "service:landfall-decryptor", "family:landfall-sweep"


@pytest.mark.parametrize(
    ("group", "stop_code", "exit_code", "crash"),
    [
        (SERVICE, "EssentialContainerExited", 1, True),
        (SERVICE, "EssentialContainerExited", 0, True),
        (SERVICE, "EssentialContainerExited", 137, True),
        (SERVICE, "TaskFailedToStart", None, True),
        (SERVICE, "ServiceSchedulerInitiated", 0, False),
        (SERVICE, "ServiceSchedulerInitiated", 137, True),
        (SERVICE, "SpotInterruption", 0, False),
        (SWEEP, "EssentialContainerExited", 0, False),
        (SWEEP, "EssentialContainerExited", 1, True),
        (SWEEP, "TaskFailedToStart", None, True),
    ],
)
def test_a_task_that_ends_as_it_should_is_no_crash(
    group: str, stop_code: str, exit_code: int | None, *, crash: bool
) -> None:
    pattern = resources("observability", "AWS::Events::Rule")["TaskCrashRule"]["Properties"]["EventPattern"]
    ended = {} if exit_code is None else {"exitCode": exit_code}
    detail = {"group": group, "stopCode": stop_code, "containers": [{"name": "x", **ended}]}
    assert fits({"$or": pattern["detail"]["$or"]}, detail) == crash
