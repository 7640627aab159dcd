"""CloudFormation templates as data: ``!Ref X`` reads as ``{"Ref": "X"}``, and so on."""

from __future__ import annotations

import functools
from typing import Any

import yaml

from landfall.deployment import TEMPLATES

Template = dict[str, Any]
Resource = dict[str, Any]


class _Loader(yaml.SafeLoader):
    """The safe loader plus CloudFormation's short forms."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        text = loader.construct_scalar(node)
        return {name: text.split(".") if suffix == "GetAtt" else text}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    raise TypeError(f"!{suffix} of something else than a scalar or a sequence")


_Loader.add_multi_constructor("!", _short_form)


@functools.cache
def template(name: str) -> Template:
    """One template of ``deploy/ecs``."""
    with (TEMPLATES / f"{name}.yaml").open(encoding="utf-8") as file:
        loaded: Template = yaml.load(file, _Loader)
    return loaded


def resources(name: str, kind: str) -> dict[str, Resource]:
    """The resources of one type by logical id."""
    return {key: each for key, each in template(name)["Resources"].items() if each["Type"] == kind}


def statements(policy: Resource) -> list[dict[str, Any]]:
    """The statements of a queue, bucket or topic policy, those too that only some parameters bring about."""
    found: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return [each["Fn::If"][1] if "Fn::If" in each else each for each in found]


def granted(role: Resource) -> list[dict[str, Any]]:
    """The statements of a role's own policies, those too that only some parameters bring about."""
    every = [
        each for policy in role["Properties"]["Policies"] for each in policy["PolicyDocument"]["Statement"]
    ]
    return [each["Fn::If"][1] if "Fn::If" in each else each for each in every]


def default(stack: str, parameter: str) -> Any:
    """The default of a parameter."""
    return template(stack)["Parameters"][parameter]["Default"]


def watched(alarm: str, dimension: str) -> set[tuple[str, str]]:
    """Names of the metrics that an alarm adds up, each with the value of one of its dimensions."""
    return {
        (metric["MetricStat"]["Metric"]["MetricName"], next(iter(each["Value"].values())))
        for metric in resources("observability", "AWS::CloudWatch::Alarm")[alarm]["Properties"]["Metrics"]
        if "MetricStat" in metric
        for each in metric["MetricStat"]["Metric"]["Dimensions"]
        if each["Name"] == dimension
    }
