"""The schedules of the sweep: what becomes of a sweep that cannot be started."""

from __future__ import annotations

import pytest

from tests.permissions.calls import Call, arn
from tests.permissions.evaluator import allowed
from tests.permissions.policies import LANDING_KEY, role
from tests.unit.local.templates.reading import Resource, resources, template, watched

SCHEDULES = resources("schedule", "AWS::Scheduler::Schedule")

each_schedule = pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=list(SCHEDULES))


@each_schedule
def test_a_sweep_that_cannot_be_started_is_tried_again_and_then_set_aside(schedule: Resource) -> None:
    target = schedule["Properties"]["Target"]
    assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
    assert target["DeadLetterConfig"]["Arn"] == {"Fn::GetAtt": ["MissedSweeps", "Arn"]}


@each_schedule
def test_a_missed_sweep_is_an_alarm_by_the_group_of_its_schedule(schedule: Resource) -> None:
    group = template("schedule")["Resources"][schedule["Properties"]["GroupName"]["Ref"]]
    assert group["Properties"]["Name"] == {"Ref": "Prefix"}
    assert watched("MissedSweeps", "ScheduleGroup") == {
        ("InvocationDroppedCount", "Prefix"),
        ("InvocationsSentToDeadLetterCount", "Prefix"),
        ("InvocationsFailedToBeSentToDeadLetterCount", "Prefix"),
    }


def test_the_scheduler_may_set_a_missed_sweep_aside() -> None:
    (policy,) = template("schedule")["Resources"]["SchedulerRole"]["Properties"]["Policies"]
    sending = [each for each in policy["PolicyDocument"]["Statement"] if each["Action"] == "sqs:SendMessage"]
    assert [each["Resource"] for each in sending] == [{"Fn::GetAtt": ["MissedSweeps", "Arn"]}]


def test_a_sweep_does_not_take_missed_sweeps_for_dead_letters_of_a_stage() -> None:
    name = resources("schedule", "AWS::SQS::Queue")["MissedSweeps"]["Properties"]["QueueName"]["Fn::Sub"]
    queue = arn("sqs", name.replace("${Prefix}", "landfall"))
    assert not allowed(role("sweep", LANDING_KEY), Call("sqs:ReceiveMessage", queue))
