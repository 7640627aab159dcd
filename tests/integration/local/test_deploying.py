"""Deploying by change set: again without effect, with other parameters, and with a template that fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from landfall import change_sets, stacks
from landfall.deployment import TEMPLATES, deploy, read_deployment
from landfall.errors import OperatorError
from landfall.local.stack import LocalStack
from shared.stages import Stage
from tests.stack import Clients

TOPIC = """
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties: {TopicName: %s}
"""


def visibility(stack: LocalStack, clients: Clients) -> str:
    url = stack.deployment.queues[Stage.DECRYPT].url
    asked = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    return asked["Attributes"]["VisibilityTimeout"]


def test_deploying_again_changes_nothing(stack: LocalStack, clients: Clients) -> None:
    before = clients.cloudformation.describe_stacks(StackName="landfall-storage")["Stacks"][0]
    assert deploy(clients.cloudformation) == stack.deployment
    after = clients.cloudformation.describe_stacks(StackName="landfall-storage")["Stacks"][0]
    assert after.get("LastUpdatedTime") == before.get("LastUpdatedTime")


def test_the_names_are_read_from_the_stacks(stack: LocalStack, clients: Clients) -> None:
    assert read_deployment(clients.cloudformation) == stack.deployment


def test_a_parameter_that_was_set_stays_set(stack: LocalStack, clients: Clients) -> None:
    assert visibility(stack, clients) == "120"
    try:
        deploy(clients.cloudformation, parameters={"VisibilityTimeout": "77"})
        assert visibility(stack, clients) == "77"
        deploy(clients.cloudformation)
        assert visibility(stack, clients) == "77"
    finally:
        deploy(clients.cloudformation, parameters={"VisibilityTimeout": "120"})


def test_two_deployments_live_side_by_side(stack: LocalStack, clients: Clients) -> None:
    other = deploy(clients.cloudformation, prefix="my-test")
    assert other.ingest_bucket != stack.deployment.ingest_bucket
    assert other.database == "my_test"


def test_a_plan_says_what_would_change_before_it_does(clients: Clients) -> None:
    plan = change_sets.plan(clients.cloudformation, "planned", TOPIC % "planned", {})
    assert plan is not None
    assert [(change.action, change.resource, change.type) for change in plan.changes] == [
        ("Add", "Topic", "AWS::SNS::Topic")
    ]
    with pytest.raises(OperatorError, match="no stack planned"):
        stacks.outputs(clients.cloudformation, "planned")


def test_a_stack_that_is_missing_says_what_to_do(clients: Clients) -> None:
    with pytest.raises(OperatorError, match="There is no stack nowhere-messaging"):
        read_deployment(clients.cloudformation, "nowhere")


def test_a_template_that_is_missing_says_what_to_do(clients: Clients, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"no template .*messaging\.yaml"):
        deploy(clients.cloudformation, "elsewhere", templates=tmp_path)


def test_a_template_that_is_refused_names_the_reason(clients: Clients) -> None:
    with pytest.raises(OperatorError, match=r"CloudFormation .* template of wrong"):
        change_sets.plan(clients.cloudformation, "wrong", "Resources: {Queue: {Type: AWS::SQS::Nothing}}", {})


def test_a_stack_that_fails_names_the_resource_and_can_be_deployed_again(
    stack: LocalStack, clients: Clients, tmp_path: Path
) -> None:
    """The database of the main stack is there already, so a second one of its name fails."""
    text = (TEMPLATES / "catalog.yaml").read_text(encoding="utf-8")
    taken = text.replace('!Join [_, !Split ["-", !Ref Prefix]]', stack.deployment.database)
    for name in ("messaging", "storage"):
        (tmp_path / f"{name}.yaml").write_text(
            (TEMPLATES / f"{name}.yaml").read_text(encoding="utf-8"), encoding="utf-8"
        )
    (tmp_path / "catalog.yaml").write_text(taken, encoding="utf-8")
    with pytest.raises(
        OperatorError, match=r"The stack second-catalog ended as .*: Database \(AWS::Glue::Database\)"
    ):
        deploy(clients.cloudformation, "second", templates=tmp_path)
    assert deploy(clients.cloudformation, "second").database == "second"
