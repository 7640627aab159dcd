"""What is checked before a deployment begins."""

from __future__ import annotations

from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from landfall.deploying import Step, Wanted, deploy
from landfall.deployment import ACCOUNT_STACKS
from landfall.errors import OperatorError
from tests.unit.local.templates.reading import template


class Account:
    """CloudFormation of an account without stacks; a change set made in it fails the test."""

    def get_template_summary(self, TemplateBody: str) -> dict[str, Any]:  # noqa: N803 - AWS names it so
        (name,) = [
            each
            for each in ACCOUNT_STACKS
            if template(each)["Description"][:40] in " ".join(TemplateBody.split())
        ]
        return {
            "Parameters": [
                {"ParameterKey": key, **({"DefaultValue": each["Default"]} if "Default" in each else {})}
                for key, each in template(name)["Parameters"].items()
            ]
        }

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS names it so
        message = f"Stack {StackName} does not exist"
        raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "DescribeStacks")


def steps(wanted: Wanted) -> list[Step]:
    return list(deploy(cast("Any", Account()), wanted, lambda _: True))


def test_a_missing_parameter_is_told_before_anything_is_changed() -> None:
    with pytest.raises(OperatorError, match=r"landfall-services needs --set ImageTag=…"):
        steps(Wanted.of("landfall", ("messaging", "services"), {}))


def test_a_parameter_of_no_stack_is_told_before_anything_is_changed() -> None:
    with pytest.raises(OperatorError, match="None of these stacks has a parameter Colour"):
        steps(Wanted.of("landfall", ("messaging",), {"Colour": "red"}))


def test_without_names_all_stacks_are_meant() -> None:
    assert Wanted.of("landfall", (), {}).names == ACCOUNT_STACKS
