"""The CloudFormation stacks that are there: their outputs, how they came to rest, why one failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from landfall.errors import OperatorError
from landfall.waiting import wait_until

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

_STACK_SECONDS = 3600.0  # busy tasks let go within a quarter of an hour, their files may take as long


def exists(cloudformation: CloudFormationClient, stack: str) -> bool:
    """Whether there is such a stack with resources in it."""
    found = find(cloudformation, stack)
    return found is not None and found["StackStatus"] not in ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE")


def outputs(cloudformation: CloudFormationClient, stack: str) -> dict[str, str]:
    """The outputs of a finished stack by name.

    Raises:
        OperatorError: there is no such stack.
    """
    found = find(cloudformation, stack)
    if found is None or found["StackStatus"] == "REVIEW_IN_PROGRESS":
        raise OperatorError(
            f"There is no stack {stack} here: deploy it first, or name another prefix, account or region."
        )
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


def delete(cloudformation: CloudFormationClient, stack: str) -> bool:
    """Delete a stack and wait until it is gone; whether there was one.

    Raises:
        OperatorError: a resource could not be deleted (the message names it and the reason).
    """
    if find(cloudformation, stack) is None:
        return False
    cloudformation.delete_stack(StackName=stack)
    status = await_rest(cloudformation, stack)
    if status not in (None, "DELETE_COMPLETE"):
        raise OperatorError(f"The stack {stack} ended as {status}: {first_failure(cloudformation, stack)}")
    return True


def find(cloudformation: CloudFormationClient, stack: str) -> StackTypeDef | None:
    """What CloudFormation says of a stack; ``None`` where there is none."""
    try:
        return cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as missing:
        if "does not exist" in reason(missing):
            return None
        raise


def settle(cloudformation: CloudFormationClient, stack: str) -> StackTypeDef | None:
    """The stack if it can be updated, ``None`` if it has to be created.

    One whose creation was rolled back holds nothing and cannot be updated: it is deleted.

    Raises:
        OperatorError: somebody else is changing it, or it could not be deleted.
    """
    found = find(cloudformation, stack)
    if found is None or found["StackStatus"] == "REVIEW_IN_PROGRESS":
        return None
    if found["StackStatus"] == "ROLLBACK_COMPLETE":
        cloudformation.delete_stack(StackName=stack)
        status = await_rest(cloudformation, stack)
        if status not in (None, "DELETE_COMPLETE"):
            raise OperatorError(
                f"The stack {stack} could not be deleted ({status}): delete it, then try again."
            )
        return None
    if found["StackStatus"].endswith("_IN_PROGRESS"):
        raise OperatorError(
            f"The stack {stack} is {found['StackStatus']}: wait until it is done and try again."
        )
    return found


def await_rest(cloudformation: CloudFormationClient, stack: str) -> str | None:
    """The status in which the stack came to rest; ``None`` when it is gone.

    Raises:
        OperatorError: it is still changing after an hour.
    """

    def poll() -> tuple[str | None] | None:
        found = find(cloudformation, stack)
        if found is None:
            return (None,)
        return None if found["StackStatus"].endswith("_IN_PROGRESS") else (found["StackStatus"],)

    try:
        return wait_until(poll, within=_STACK_SECONDS, slowest=5.0)[0]
    except TimeoutError:
        raise OperatorError(
            f"The stack {stack} is still changing: look at its events and try again later."
        ) from None


def first_failure(cloudformation: CloudFormationClient, stack: str) -> str:
    """The oldest failure of the latest operation: those after it are mostly its consequences."""
    failure = "its events do not say why"
    for page in cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack):
        for event in page["StackEvents"]:
            status, reason = (
                event.get("ResourceStatus", ""),
                event.get("ResourceStatusReason", "no reason given"),
            )
            itself = event.get("PhysicalResourceId") == event["StackId"]
            if itself and status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"):
                return failure
            if status.endswith("_FAILED") and "cancelled" not in reason:
                failure = f"{event['LogicalResourceId']} ({event['ResourceType']}): {reason}"
    return failure


def reason(error: ClientError) -> str:
    """What CloudFormation said when it refused a request."""
    return error.response.get("Error", {}).get("Message", "no reason given")
