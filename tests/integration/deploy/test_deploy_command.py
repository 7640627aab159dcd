"""``landfall deploy`` and ``landfall destroy`` against an emulator."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from landfall import cli
from landfall.deployment import STACKS
from landfall.local.stack import LocalStack
from tests.stack import Clients

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(stack_environment: LocalStack, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``landfall`` and read the JSON that it prints."""

    def landfall(*args: str, code: int = 0) -> dict[str, Any]:
        capsys.readouterr()
        assert cli.main([*args, "--json"]) == code
        printed = capsys.readouterr()
        answer: dict[str, Any] = json.loads(printed.out) if code == 0 else {"error": printed.err}
        return answer

    return landfall


def present(clients: Clients, prefix: str) -> set[str]:
    pages = clients.cloudformation.get_paginator("describe_stacks").paginate()
    names = {stack["StackName"] for page in pages for stack in page["Stacks"]}
    return {name for name in names if name.startswith(f"{prefix}-")}


def test_a_dry_run_shows_the_change_sets_and_leaves_nothing_behind(run: Run, clients: Clients) -> None:
    told = run("deploy", *STACKS, "--prefix", "dry", "--dry-run")
    by_stack = {each["stack"]: each for each in told["stacks"]}
    assert [by_stack[f"dry-{name}"]["action"] for name in STACKS] == ["create", "create", "unknown"]
    assert {"IngestBucket", "CuratedBucket"} <= {
        each["resource"] for each in by_stack["dry-storage"]["changes"]
    }
    assert present(clients, "dry") == set()


def test_deploying_twice_changes_nothing_the_second_time(run: Run) -> None:
    first = run("deploy", *STACKS, "--prefix", "twice", "--yes")
    again = run("deploy", *STACKS, "--prefix", "twice", "--yes")
    assert {each["action"] for each in first["stacks"]} == {"create"}
    assert {each["action"] for each in again["stacks"]} == {"none"}
    assert again["outputs"] == first["outputs"]


def test_stacks_are_deployed_in_the_order_of_their_needs_however_they_are_given(run: Run) -> None:
    told = run("deploy", *reversed(STACKS), "--prefix", "order", "--yes")
    assert [each["stack"] for each in told["stacks"]] == [f"order-{name}" for name in STACKS]


def test_every_template_whose_resources_the_emulator_knows_is_deployed(run: Run) -> None:
    known = ("images", "network", *STACKS, "roles")
    told = run("deploy", *known, "--prefix", "account", "--yes")
    assert {each["action"] for each in told["stacks"]} == {"create"}
    assert {each["action"] for each in run("deploy", *known, "--prefix", "account", "--yes")["stacks"]} == {
        "none"
    }
    assert len(told["outputs"]["account-network"]["SubnetIds"].split(",")) == 2
    run("destroy", "--prefix", "account", "--yes")


def test_a_vpc_that_is_there_is_used(run: Run, clients: Clients) -> None:
    there = {"VpcId": "vpc-0a", "SubnetIds": "subnet-0a,subnet-0b"}
    values = [part for name, value in there.items() for part in ("--set", f"{name}={value}")]
    told = run("deploy", "network", "--prefix", "there", "--yes", *values)
    made = clients.cloudformation.list_stack_resources(StackName="there-network")["StackResourceSummaries"]
    assert [each["ResourceType"] for each in made] == ["AWS::EC2::SecurityGroup"]
    assert told["outputs"]["there-network"]["SubnetIds"] == there["SubnetIds"]


def test_a_vpc_that_is_there_gets_endpoints_when_asked_for(run: Run, clients: Clients) -> None:
    there = {"VpcId": "vpc-0a", "SubnetIds": "subnet-0a,subnet-0b", "RouteTableIds": "rtb-0a"}
    asked = there | {"CreateEndpoints": "true"}
    values = [part for name, value in asked.items() for part in ("--set", f"{name}={value}")]
    run("deploy", "network", "--prefix", "asked", "--yes", *values)
    made = clients.cloudformation.list_stack_resources(StackName="asked-network")["StackResourceSummaries"]
    assert {each["ResourceType"] for each in made} == {"AWS::EC2::SecurityGroup", "AWS::EC2::VPCEndpoint"}


def test_a_vpc_without_its_subnets_is_refused(run: Run) -> None:
    refused = run("deploy", "network", "--prefix", "half", "--yes", "--set", "VpcId=vpc-0a", code=1)
    assert "Give SubnetIds with VpcId." in refused["error"]


def test_the_settings_of_each_service_are_written(run: Run, tmp_path: Path) -> None:
    outputs = run("deploy", *STACKS, "--prefix", "files", "--yes", "--settings", str(tmp_path))["outputs"]
    key = outputs["files-storage"]["LandingKeyArn"]
    assert f"LANDFALL_KMS_KEY_ARNS={key}\n" in (tmp_path / "decryptor.env").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (("nonsense",), "There is no stack nonsense"),
        (("messaging", "--set", "Colour=red"), "None of these stacks has a parameter Colour"),
        (("messaging", "--prefix", "asks"), "There is nobody to ask here"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(run: Run, args: tuple[str, ...], reason: str) -> None:
    assert reason in run("deploy", *args, code=1)["error"]


def test_destroy_refuses_while_a_bucket_holds_anything(run: Run, clients: Clients) -> None:
    outputs = run("deploy", *STACKS, "--prefix", "full", "--yes")["outputs"]
    bucket = outputs["full-storage"]["CuratedBucket"]
    clients.s3.put_object(Bucket=bucket, Key="x", Body=b"x")
    clients.s3.delete_object(Bucket=bucket, Key="x")  # the version stays
    assert f"The bucket {bucket} holds data" in run("destroy", "--prefix", "full", "--yes", code=1)["error"]
    assert present(clients, "full") == {f"full-{name}" for name in STACKS}


def test_destroy_deletes_every_stack(run: Run, clients: Clients) -> None:
    run("deploy", *STACKS, "--prefix", "gone", "--yes")
    assert run("destroy", "--prefix", "gone", "--yes")["deleted"] == [f"gone-{s}" for s in reversed(STACKS)]
    assert present(clients, "gone") == set()
    assert run("destroy", "--prefix", "gone", "--yes")["deleted"] == []
