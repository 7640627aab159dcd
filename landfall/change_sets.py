"""One CloudFormation template by change set: see what would change, apply it, wait for it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from landfall import stacks
from landfall.errors import OperatorError
from landfall.waiting import wait_until

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import (
        DescribeChangeSetOutputTypeDef,
        ParameterTypeDef,
        StackTypeDef,
    )

_CHANGE_SET_SECONDS = 300.0
_NOTHING_TO_CHANGE = ("didn't contain changes", "No updates are to be performed")
_DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


@dataclass(frozen=True, slots=True)
class Change:
    """What would happen to one resource. ``replacement`` is "True", "False", "Conditional" or empty."""

    action: str
    resource: str
    type: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A change set that is ready to be applied; ``creates`` where the stack is not there yet."""

    stack: str
    change_set: str
    changes: tuple[Change, ...]
    creates: bool


def plan(
    cloudformation: CloudFormationClient, stack: str, template: str, parameters: Mapping[str, str]
) -> Plan | None:
    """Make a change set from ``stack`` to ``template`` (its text); ``None`` when nothing would change.

    Parameters that the template does not declare are passed over; those that are not given keep the value
    that the stack has. A stack whose creation was rolled back holds nothing and cannot be updated: it is
    deleted and made anew.

    Raises:
        OperatorError: the template was refused, or the stack is being changed by somebody else.
    """
    present = stacks.settle(cloudformation, stack)
    try:
        made = cloudformation.create_change_set(
            StackName=stack,
            ChangeSetName=f"landfall-{uuid.uuid4()}",
            ChangeSetType="CREATE" if present is None else "UPDATE",
            TemplateBody=template,
            Parameters=_parameters(cloudformation, template, parameters, present),
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
    except ClientError as refused:
        raise OperatorError(
            f"CloudFormation refused the template of {stack}: {stacks.reason(refused)}"
        ) from refused
    change_set = made["Id"]
    described = _await_change_set(cloudformation, stack, change_set)
    if described["Status"] == "FAILED":
        reason = described.get("StatusReason", "no reason given")
        cloudformation.delete_change_set(ChangeSetName=change_set)
        if any(text in reason for text in _NOTHING_TO_CHANGE):
            return None
        raise OperatorError(f"CloudFormation cannot bring {stack} to its template: {reason}")
    return Plan(stack, change_set, tuple(_changes(cloudformation, change_set)), present is None)


def discard(cloudformation: CloudFormationClient, unwanted: Plan) -> None:
    """Remove a change set that is not to be applied, and the empty stack that stands for a new one."""
    cloudformation.delete_change_set(ChangeSetName=unwanted.change_set, StackName=unwanted.stack)
    if unwanted.creates:
        cloudformation.delete_stack(StackName=unwanted.stack)


def apply(cloudformation: CloudFormationClient, ready: Plan) -> None:
    """Execute a change set and wait until the stack has it.

    Raises:
        OperatorError: the stack failed (which resource and why), or did not finish within an hour.
    """
    cloudformation.execute_change_set(ChangeSetName=ready.change_set, StackName=ready.stack)
    status = stacks.await_rest(cloudformation, ready.stack)
    if status not in _DONE:
        raise OperatorError(
            f"The stack {ready.stack} ended as {status}: {stacks.first_failure(cloudformation, ready.stack)}"
        )


def missing_parameters(
    cloudformation: CloudFormationClient, stack: str, template: str, given: Mapping[str, str]
) -> list[str]:
    """The parameters that need a value and have none: no default, not given, not set before."""
    present = stacks.find(cloudformation, stack)
    set_before = {each["ParameterKey"] for each in present.get("Parameters", [])} if present else set()
    declared = cloudformation.get_template_summary(TemplateBody=template)["Parameters"]
    return [
        each["ParameterKey"]
        for each in declared
        if "DefaultValue" not in each and each["ParameterKey"] not in {*given, *set_before}
    ]


def _parameters(
    cloudformation: CloudFormationClient,
    template: str,
    given: Mapping[str, str],
    present: StackTypeDef | None,
) -> list[ParameterTypeDef]:
    summary = cloudformation.get_template_summary(TemplateBody=template)
    declared = [parameter["ParameterKey"] for parameter in summary["Parameters"]]
    kept = {parameter["ParameterKey"] for parameter in present.get("Parameters", [])} if present else set()
    chosen: list[ParameterTypeDef] = [
        {"ParameterKey": key, "ParameterValue": given[key]} for key in declared if key in given
    ]
    chosen += [
        {"ParameterKey": key, "UsePreviousValue": True}
        for key in declared
        if key in kept and key not in given
    ]
    return chosen


def _await_change_set(
    cloudformation: CloudFormationClient, stack: str, change_set: str
) -> DescribeChangeSetOutputTypeDef:
    def poll() -> DescribeChangeSetOutputTypeDef | None:
        described = cloudformation.describe_change_set(ChangeSetName=change_set)
        return described if described["Status"] in ("CREATE_COMPLETE", "FAILED") else None

    try:
        return wait_until(poll, within=_CHANGE_SET_SECONDS, slowest=5.0)
    except TimeoutError:
        raise OperatorError(
            f"CloudFormation is still preparing the change set of {stack}: try again later."
        ) from None


def _changes(cloudformation: CloudFormationClient, change_set: str) -> list[Change]:
    found = []
    for page in cloudformation.get_paginator("describe_change_set").paginate(ChangeSetName=change_set):
        for change in page["Changes"]:
            resource = change["ResourceChange"]
            found.append(
                Change(
                    resource["Action"],
                    resource["LogicalResourceId"],
                    resource["ResourceType"],
                    resource.get("Replacement", ""),
                )
            )
    return found
