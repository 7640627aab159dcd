"""Deploying stack by stack: each change set is looked at before it is applied."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from landfall import change_sets, stacks
from landfall.deployment import ACCOUNT_STACKS, read_template
from landfall.errors import OperatorError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

Action = Literal["create", "update", "none", "unknown"]


@dataclass(frozen=True, slots=True)
class Step:
    """What a deployment means for one stack.

    ``unknown``: it imports from a stack that this deployment has yet to create, so no change set can be made.
    """

    stack: str
    action: Action
    changes: tuple[change_sets.Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Stacks of ``prefix`` by the names of their templates, and the parameters that are given."""

    prefix: str
    names: tuple[str, ...]
    parameters: Mapping[str, str]

    @classmethod
    def of(cls, prefix: str, names: Sequence[str], parameters: Mapping[str, str]) -> Wanted:
        """The named stacks, or all, in the order in which they need each other.

        Raises:
            OperatorError: there is no such stack.
        """
        unknown = sorted(set(names) - set(ACCOUNT_STACKS))
        if unknown:
            raise OperatorError(
                f"There is no stack {', '.join(unknown)}: the stacks are {', '.join(ACCOUNT_STACKS)}."
            )
        chosen = [name for name in ACCOUNT_STACKS if not names or name in names]
        return cls(prefix, tuple(chosen), {**parameters, "Prefix": prefix})

    def stack(self, name: str) -> str:
        """What the stack is called in the account."""
        return f"{self.prefix}-{name}"


def deploy(
    cloudformation: CloudFormationClient, wanted: Wanted, agree: Callable[[Step], bool]
) -> Iterator[Step]:
    """Bring stacks to their templates, in order; gives each step once it is done or was declined.

    Args:
        cloudformation: of the account and Region.
        wanted: which stacks.
        agree: is shown each step that changes something; where it says no, nothing is changed.

    Raises:
        OperatorError: a parameter is missing or unknown, or a stack failed.
    """
    _check_parameters(cloudformation, wanted)
    declined: set[str] = set()
    for name in wanted.names:
        stack, template = wanted.stack(name), read_template(name)
        if declined and "Fn::ImportValue" in template and not stacks.exists(cloudformation, stack):
            yield Step(stack, "unknown")
            continue
        ready = change_sets.plan(cloudformation, stack, template, wanted.parameters)
        if ready is None:
            yield Step(stack, "none")
            continue
        step = Step(stack, "create" if ready.creates else "update", ready.changes)
        if agree(step):
            change_sets.apply(cloudformation, ready)
        else:
            change_sets.discard(cloudformation, ready)
            if ready.creates:
                declined.add(name)
        yield step


def _check_parameters(cloudformation: CloudFormationClient, wanted: Wanted) -> None:
    """Before anything is changed: half a deployment for want of a value would be a nuisance."""
    declared = {"Prefix"}
    for name in wanted.names:
        template = read_template(name)
        missing = change_sets.missing_parameters(
            cloudformation, wanted.stack(name), template, wanted.parameters
        )
        if missing:
            raise OperatorError(
                f"The stack {wanted.stack(name)} needs {' '.join(f'--set {each}=…' for each in missing)}: "
                f"see the descriptions in deploy/ecs/{name}.yaml."
            )
        summary = cloudformation.get_template_summary(TemplateBody=template)
        declared |= {each["ParameterKey"] for each in summary["Parameters"]}
    unknown = sorted(set(wanted.parameters) - declared)
    if unknown:
        raise OperatorError(f"None of these stacks has a parameter {', '.join(unknown)}: see deploy/ecs/.")
