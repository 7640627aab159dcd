"""What holds for every template that an account gets, and between them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from landfall.deployment import ACCOUNT_STACKS, TEMPLATES
from tests.unit.local.templates.reading import granted, template

# CloudFormation takes a template in the request itself up to this size; a larger one would need a bucket.
BODY_BYTES = 51_200

# Deployed once for each table that partners may query, not with the rest: docs of its own say how.
FOR_EACH_TABLE = {"clean-rooms"}

each_stack = pytest.mark.parametrize("stack", ACCOUNT_STACKS)


def text(stack: str) -> str:
    return (TEMPLATES / f"{stack}.yaml").read_text(encoding="utf-8")


def exports(stack: str) -> set[str]:
    outputs = template(stack)["Outputs"].values()
    return {each["Export"]["Name"]["Fn::Sub"] for each in outputs if "Export" in each}


def imports(stack: str) -> set[str]:
    return set(re.findall(r'Fn::ImportValue"?: !Sub "?(\$\{Prefix\}-\w+)', text(stack)))


def test_every_template_is_deployed() -> None:
    assert {path.stem for path in TEMPLATES.glob("*.yaml")} == {*ACCOUNT_STACKS, *FOR_EACH_TABLE}


@each_stack
def test_a_template_fits_into_a_request(stack: str) -> None:
    assert len(text(stack).encode()) < BODY_BYTES


@each_stack
def test_everything_that_people_set_or_read_is_described(stack: str) -> None:
    loaded = template(stack)
    described = [*loaded["Parameters"].values(), *loaded["Outputs"].values(), loaded]
    assert all(each["Description"] for each in described)


@each_stack
def test_the_prefix_means_the_same_in_every_stack(stack: str) -> None:
    assert template(stack)["Parameters"]["Prefix"] == template("messaging")["Parameters"]["Prefix"]


@each_stack
def test_a_stack_imports_only_from_those_before_it(stack: str) -> None:
    before = ACCOUNT_STACKS[: ACCOUNT_STACKS.index(stack)]
    assert imports(stack) <= {name for each in before for name in exports(each)}


@each_stack
def test_every_parameter_is_in_a_labelled_group(stack: str) -> None:
    loaded = template(stack)
    groups = loaded["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(loaded["Parameters"])


# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-rules.html
FOR_RULES = {
    "Ref",
    "Fn::And",
    "Fn::Contains",
    "Fn::EachMemberEquals",
    "Fn::EachMemberIn",
    "Fn::Equals",
    "Fn::Not",
    "Fn::Or",
    "Fn::RefAll",
    "Fn::ValueOf",
    "Fn::ValueOfAll",
}


def functions(source: Any) -> set[str]:
    """The intrinsic functions in a part of a template, however deep."""
    parts = source.values() if isinstance(source, dict) else source if isinstance(source, list) else ()
    own = (
        {key for key in source if key == "Ref" or key.startswith("Fn::")}
        if isinstance(source, dict)
        else set()
    )
    return own.union(*map(functions, parts))


@each_stack
def test_rules_use_only_the_functions_that_cloudformation_has_for_them(stack: str) -> None:
    """Linters pass over others; CloudFormation refuses the template."""
    assert functions(template(stack).get("Rules", {})) <= FOR_RULES


@each_stack
def test_what_bears_tags_is_tagged(stack: str) -> None:
    untagged = [
        name
        for name, resource in template(stack)["Resources"].items()
        if "Tags" not in resource.get("Properties", {}) and resource["Type"] in TAGGED
    ]
    assert untagged == []


TAGGED = {
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::VPC",
    "AWS::ECR::Repository",
    "AWS::ECS::Cluster",
    "AWS::ECS::Service",
    "AWS::ECS::TaskDefinition",
    "AWS::EventSchemas::Schema",
    "AWS::Glue::Crawler",
    "AWS::IAM::Role",
    "AWS::IAM::User",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
}


# Glue is not documented to name the account; a condition that it does not meet would stop every crawl.
ASKS_FOR_ACCOUNT = {"catalog": "StringEqualsIfExists"}


@each_stack
def test_a_service_of_aws_takes_a_role_in_the_name_of_this_account_alone(stack: str) -> None:
    roles = [each for each in template(stack)["Resources"].values() if each["Type"] == "AWS::IAM::Role"]
    trusted = [
        statement["Condition"][ASKS_FOR_ACCOUNT.get(stack, "StringEquals")]["aws:SourceAccount"]
        for role in roles
        for statement in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    ]
    assert trusted == [{"Ref": "AWS::AccountId"}] * len(roles)


@each_stack
def test_no_policy_of_a_role_allows_a_whole_service(stack: str) -> None:
    roles = [each for each in template(stack)["Resources"].values() if each["Type"] == "AWS::IAM::Role"]
    statements = [statement for role in roles for statement in granted(role)]
    assert [each["Sid"] for each in statements if "*" in str(each["Action"])] == []
    assert [each["Sid"] for each in statements if each["Resource"] == "*"] in ([], ["SignIn"])
