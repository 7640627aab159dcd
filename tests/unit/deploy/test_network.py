"""Endpoints of the network: in a VPC of its own, and in somebody else's only when asked for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.local.templates.reading import default, resources, template

THERE = "vpc-0a"


def holds(condition: Any, given: dict[str, str]) -> bool:
    """Whether a condition of the template holds, with ``given`` instead of the parameters' defaults."""
    if isinstance(condition, str):
        return holds(template("network")["Conditions"][condition], given)
    ((function, operands),) = condition.items()
    match function:
        case "Condition":
            return holds(operands, given)
        case "Fn::Equals":
            left, right = operands
            return bool(given.get(left["Ref"], default("network", left["Ref"])) == right)
        case "Fn::Not":
            return not holds(operands[0], given)
        case "Fn::And":
            return all(holds(each, given) for each in operands)
        case "Fn::Or":
            return any(holds(each, given) for each in operands)
    raise ValueError(f"the function {function} is not known here")


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({}, True),
        ({"VpcId": THERE}, False),
        ({"VpcId": THERE, "CreateEndpoints": "true"}, True),
        ({"VpcId": THERE, "CreateEndpoints": "false"}, False),
        ({"CreateEndpoints": "false"}, False),
    ],
)
def test_a_vpc_that_is_there_gets_no_endpoint_unless_asked_for(given: dict[str, str], *, made: bool) -> None:
    endpoints = resources("network", "AWS::EC2::VPCEndpoint")
    assert len(endpoints) == 12
    assert {holds(each["Condition"], given) for each in endpoints.values()} == {made}


@pytest.mark.parametrize(
    ("given", "others"),
    [
        ({}, False),
        ({"EndpointClientCidr": "10.20.0.0/16"}, True),
        ({"EndpointClientCidr": "10.20.0.0/16", "VpcId": THERE}, False),
    ],
)
def test_endpoints_answer_others_only_where_their_addresses_are_given(
    given: dict[str, str], *, others: bool
) -> None:
    (rule,) = resources("network", "AWS::EC2::SecurityGroupIngress").values()
    assert rule["Properties"]["CidrIp"] == {"Ref": "EndpointClientCidr"}
    assert holds(rule["Condition"], given) == others


def test_endpoints_answer_the_tasks() -> None:
    group = resources("network", "AWS::EC2::SecurityGroup")["EndpointSecurityGroup"]["Properties"]
    (only,) = group["SecurityGroupIngress"]
    assert only["SourceSecurityGroupId"] == {"Ref": "TaskSecurityGroup"}


def test_who_asks_for_endpoints_in_a_vpc_that_is_there_is_warned() -> None:
    assert "WARNING" in template("network")["Parameters"]["CreateEndpoints"]["Description"]


@pytest.mark.parametrize(
    ("given", "logged"),
    [
        ({}, False),
        ({"FlowLogBucketArn": "arn:aws:s3:::logs"}, True),
        ({"FlowLogBucketArn": "arn:aws:s3:::logs", "VpcId": THERE}, False),
    ],
)
def test_all_traffic_of_the_vpc_that_is_made_is_logged_where_a_bucket_is_given(
    given: dict[str, str], *, logged: bool
) -> None:
    (log,) = resources("network", "AWS::EC2::FlowLog").values()
    assert holds(log["Condition"], given) == logged
    assert log["Properties"]["ResourceId"] == {"Ref": "Vpc"}
    assert log["Properties"]["TrafficType"] == "ALL"
