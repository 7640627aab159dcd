"""Who may send what: to queues only S3, rules and operators, on the bus each service its own events."""

from __future__ import annotations

from typing import Any

import pytest

from tests.permissions.calls import ACCOUNT, Call, arn
from tests.permissions.evaluator import allowed, applies
from tests.permissions.policies import LANDING_KEY, PREFIX, ROLES, Statement, role, statement
from tests.unit.local.templates.reading import statements, template

OPERATOR = f"arn:aws:iam::{ACCOUNT}:role/landfall-operator"
STAGES = {
    "decrypt": "decryptor",
    "normalize": "normalizer",
    "catalog": "cataloger",
    "archive": "archiver",
}
OWN = {
    "decryptor": "FileDecrypted",
    "normalizer": "FileNormalized",
    "cataloger": "FileCataloged",
    "archiver": "FileArchived",
}
KINDS = {*OWN.values(), "FileFailed", "MessageRejected", "ReplayRequested"}
_WHERE_OPERATORS_ARE_NAMED = {"OnlyAwsAndOperatorsSend", "OnlyAwsItsStageAndOperatorsSetAside"}


def principal(name: str) -> str:
    """The ARN that CloudFormation gives the role of a service, or of the sweep."""
    stack, resource = ROLES[name]
    return f"arn:aws:iam::{ACCOUNT}:role/{PREFIX}-{stack}-{resource}-1A2B3C4D5E6F"


def put(kind: str, source: str = "landfall") -> Call:
    context = {"events:source": source, "events:detail-type": kind}
    return Call("events:PutEvents", arn("events", f"event-bus/{PREFIX}"), frozenset(context.items()))


@pytest.mark.parametrize("name", ROLES)
def test_a_role_puts_its_own_events_alone(name: str) -> None:
    policy = role(name, LANDING_KEY)
    expected = {"FileFailed"} if name == "sweep" else {OWN[name], "FileFailed", "MessageRejected"}
    assert {kind for kind in KINDS if allowed(policy, put(kind))} == expected
    assert not any(allowed(policy, put(kind, "another.source")) for kind in KINDS)


def policy_of(queue: str, operator: str = "") -> list[Statement]:
    values: dict[str, Any] = {
        "Prefix": PREFIX,
        "AWS::Partition": "aws",
        "AWS::Region": "us-east-1",
        "AWS::AccountId": ACCOUNT,
        "OperatorRoleArn": operator,
        f"{queue}.Arn": arn("sqs", queue),
    }
    every = statements(template("messaging")["Resources"][f"{queue}Policy"])
    meant = [each for each in every if operator or each["Sid"] not in _WHERE_OPERATORS_ARE_NAMED]
    return [statement(each, values) for each in meant]


def denies(queue: str, sender: str, operator: str = "", *, is_aws: bool = False) -> bool:
    context = {
        "aws:principalarn": sender,
        "aws:securetransport": "true",
        "aws:principalisawsservice": str(is_aws).lower(),
    }
    call = Call("sqs:SendMessage", arn("sqs", queue), frozenset(context.items()))
    return any(applies(each, call) for each in policy_of(queue, operator) if each.effect == "Deny")


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("stage", STAGES)
def test_no_service_sends_work_and_each_sets_aside_only_its_own(stage: str, name: str) -> None:
    assert denies(f"{stage.capitalize()}Queue", principal(name))
    assert denies(f"{stage.capitalize()}DeadLetterQueue", principal(name)) == (STAGES[stage] != name)


@pytest.mark.parametrize("stage", STAGES)
def test_where_operators_are_named_nobody_else_of_the_account_sends_work(stage: str) -> None:
    queue = f"{stage.capitalize()}Queue"
    stranger = f"arn:aws:iam::{ACCOUNT}:role/stranger"
    assert denies(queue, stranger, OPERATOR)
    assert not denies(queue, OPERATOR, OPERATOR)
    assert not denies(queue, "", OPERATOR, is_aws=True)
    assert not denies(queue, stranger)


@pytest.mark.parametrize("stage", STAGES)
def test_where_operators_are_named_only_they_and_the_stage_set_aside(stage: str) -> None:
    queue = f"{stage.capitalize()}DeadLetterQueue"
    stranger = f"arn:aws:iam::{ACCOUNT}:role/stranger"
    assert denies(queue, stranger, OPERATOR)
    assert not denies(queue, OPERATOR, OPERATOR)
    assert not denies(queue, "", OPERATOR, is_aws=True)
    for name in ROLES:
        assert denies(queue, principal(name), OPERATOR) == (STAGES[stage] != name)
    assert not denies(queue, stranger)


def test_where_operators_are_named_nobody_else_of_the_account_puts_events() -> None:
    policy = template("messaging")["Resources"]["EventBus"]["Properties"]["Policy"]["Fn::If"]
    assert policy[0] == "NamesOperators"
    (denial,) = policy[1]["Statement"]
    values = {
        "Prefix": PREFIX,
        "AWS::Partition": "aws",
        "AWS::Region": "us-east-1",
        "AWS::AccountId": ACCOUNT,
    }
    held = statement(denial, {**values, "OperatorRoleArn": OPERATOR})

    def is_denied(sender: str) -> bool:
        call = put("FileDecrypted")
        return applies(held, Call(call.action, call.resource, frozenset({("aws:principalarn", sender)})))

    assert is_denied(f"arn:aws:iam::{ACCOUNT}:role/stranger")
    assert not any(is_denied(each) for each in (OPERATOR, *map(principal, ROLES)))
