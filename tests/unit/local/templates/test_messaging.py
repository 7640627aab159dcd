"""Queues, rules and topics: what the messaging template promises, much of which no emulator enforces."""

from __future__ import annotations

from typing import Any

import pytest

from shared.stages import Stage
from tests.unit.local.templates.reading import Resource, default, resources, statements, template

STAGES = [stage.value.capitalize() for stage in Stage]
QUEUES = resources("messaging", "AWS::SQS::Queue")
RULES = resources("messaging", "AWS::Events::Rule")

each_stage = pytest.mark.parametrize("stage", STAGES)
each_queue = pytest.mark.parametrize("queue", QUEUES)
each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))


@each_stage
def test_a_message_is_tried_several_times_and_then_kept_apart(stage: str) -> None:
    redrive = QUEUES[f"{stage}Queue"]["Properties"]["RedrivePolicy"]
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": [f"{stage}DeadLetterQueue", "Arn"]}
    more = "Catalog" if stage == "Catalog" else ""
    assert redrive["maxReceiveCount"] == {"Ref": f"{more}MaxReceiveCount"}


def test_dead_letters_outlive_the_messages_of_their_queue() -> None:
    days = 86_400
    assert default("messaging", "RetentionSeconds") == 4 * days
    assert default("messaging", "DeadLetterRetentionSeconds") == 14 * days


@each_queue
def test_queues_are_encrypted(queue: str) -> None:
    assert QUEUES[queue]["Properties"]["SqsManagedSseEnabled"] is True


@each_queue
def test_queues_are_reached_over_tls_only(queue: str) -> None:
    (denied,) = [each for each in policy_of(queue) if each["Sid"] == "OnlyOverTls"]
    assert (denied["Effect"], denied["Principal"], denied["Action"]) == ("Deny", "*", "sqs:*")
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_only_the_ingest_bucket_of_this_account_may_notify_the_decrypt_queue() -> None:
    allowed = [each for each in policy_of("DecryptQueue") if each["Effect"] == "Allow"]
    bucket = template("storage")["Resources"]["IngestBucket"]["Properties"]["BucketName"]["Fn::Sub"]
    assert [each["Condition"] for each in allowed] == [
        {
            "ArnEquals": {"aws:SourceArn": {"Fn::Sub": f"arn:${{AWS::Partition}}:s3:::{bucket}"}},
            "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        }
    ]


@each_queue
def test_only_the_rules_of_a_stage_may_send_to_its_queues(queue: str) -> None:
    stage = queue.removesuffix("DeadLetterQueue").removesuffix("Queue")
    assert rules_allowed(queue) == {
        rule_arn(rule) for rule in RULES.values() if target_of(rule)["Arn"] == queue_arn(f"{stage}Queue")
    }


@pytest.mark.parametrize(
    ("event", "stage"),
    [
        ("FileDecrypted", "Normalize"),
        ("FileNormalized", "Catalog"),
        ("FileCataloged", "Archive"),
        ("FileFailed", "Archive"),
        ("MessageRejected", "Archive"),
    ],
)
def test_each_event_goes_to_one_queue(event: str, stage: str) -> None:
    matching = [rule for rule in RULES.values() if event in rule["Properties"]["EventPattern"]["detail-type"]]
    assert [target_of(rule)["Arn"] for rule in matching] == [queue_arn(f"{stage}Queue")]


@each_rule
def test_rules_listen_to_landfall_on_its_own_bus(rule: Resource) -> None:
    assert rule["Properties"]["EventBusName"] == {"Ref": "EventBus"}
    assert rule["Properties"]["EventPattern"]["source"] == ["landfall"]


@each_rule
def test_what_a_rule_cannot_deliver_is_kept(rule: Resource) -> None:
    target = target_of(rule)
    queue = target["Arn"]["Fn::GetAtt"][0]
    assert target["DeadLetterConfig"] == {"Arn": queue_arn(queue.replace("Queue", "DeadLetterQueue"))}


@each_rule
def test_rules_wait_until_their_queues_accept_them(rule: Resource) -> None:
    queue = target_of(rule)["Arn"]["Fn::GetAtt"][0]
    assert set(rule["DependsOn"]) == {f"{queue}Policy", f"{queue.replace('Queue', 'DeadLetterQueue')}Policy"}


def policy_of(queue: str) -> list[dict[str, Any]]:
    return statements(template("messaging")["Resources"][f"{queue}Policy"])


def queue_arn(queue: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [queue, "Arn"]}


def target_of(rule: Resource) -> dict[str, Any]:
    (target,) = rule["Properties"]["Targets"]
    return dict(target)


def rule_arn(rule: Resource) -> str:
    name = rule["Properties"]["Name"]["Fn::Sub"]
    return f"arn:${{AWS::Partition}}:events:${{AWS::Region}}:${{AWS::AccountId}}:rule/${{Prefix}}/{name}"


def rules_allowed(queue: str) -> set[str]:
    allowed = [
        each for each in policy_of(queue) if each.get("Principal") == {"Service": "events.amazonaws.com"}
    ]
    sources = [each["Condition"]["ArnEquals"]["aws:SourceArn"] for each in allowed]
    return {
        arn["Fn::Sub"] for source in sources for arn in (source if isinstance(source, list) else [source])
    }
