"""The roles of deploy/ecs as IAM would see them: plain statements without CloudFormation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.permissions.calls import ACCOUNT, REGION, arn
from tests.permissions.recognising import BUCKET_KEY
from tests.unit.local.templates.reading import template

PREFIX = "landfall"
SERVICES = ("decryptor", "normalizer", "cataloger", "archiver")
# Every role that is proven: the stack and the resource that define it.
ROLES = {
    **{service: ("roles", f"{service.capitalize()}Role") for service in SERVICES},
    "sweep": ("schedule", "SweepRole"),
}
LANDING_KEY = arn("kms", "key/landing")
Values = Mapping[str, Any]  # of parameters and exports, and the definitions of conditions
_VALUES: dict[str, Any] = {
    "Prefix": PREFIX,
    "Database": PREFIX,  # of the catalog stack, by Ref
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    f"{PREFIX}-BucketKeyArn": BUCKET_KEY,
    f"{PREFIX}-CuratedBucket": f"{PREFIX}-curated-{ACCOUNT}-{REGION}",
}

_BUCKETS = {
    "IngestBucket": f"{PREFIX}-ingest-{ACCOUNT}-{REGION}",
    "CuratedBucket": f"{PREFIX}-curated-{ACCOUNT}-{REGION}",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; ``condition`` is operator → key → values."""

    sid: str
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: dict[str, dict[str, tuple[str, ...]]]


def role(name: str, landing_key: str, purpose: str = "", further_keys: str = "") -> list[Statement]:
    """Every statement of a role.

    Args:
        name: a service, or ``sweep``.
        landing_key: ARN of the key that files are encrypted under before they are uploaded.
        purpose: which the stack requires of their encryption context.
        further_keys: ARNs of other such keys, comma separated.
    """
    return statements(*ROLES[name], landing_key, EncryptionPurpose=purpose, KmsKeyArns=further_keys)


def statements(
    stack: str, resource: str, landing_key: str = LANDING_KEY, **parameters: str
) -> list[Statement]:
    """Every statement of the inline policies of a role or group, by ``parameters`` or their defaults."""
    properties = template(stack)["Resources"][resource]["Properties"]
    defaults = {name: each.get("Default") for name, each in template(stack)["Parameters"].items()}
    values = {**defaults, **_VALUES, f"{PREFIX}-LandingKeyArn": landing_key, **parameters}
    values |= template(stack).get("Conditions", {})
    every = [each for policy in properties["Policies"] for each in policy["PolicyDocument"]["Statement"]]
    there = [resolve(each, values) for each in every]
    return [statement(each, values) for each in there if each is not None]


def bucket_policies(**parameters: str) -> list[Statement]:
    """Every statement of the policies of both buckets; all of them deny something to everyone."""
    values = {
        **{name: each.get("Default") for name, each in template("storage")["Parameters"].items()},
        **_VALUES,
        **{f"{bucket}.Arn": f"arn:aws:s3:::{name}" for bucket, name in _BUCKETS.items()},
        "BucketKey.Arn": BUCKET_KEY,
        **parameters,
    }
    values |= template("storage")["Conditions"]
    policies = [template("storage")["Resources"][f"{bucket}Policy"] for bucket in _BUCKETS]
    every = [each for policy in policies for each in policy["Properties"]["PolicyDocument"]["Statement"]]
    return [statement(each, values) for each in every]


def statement(source: dict[str, Any], values: Values) -> Statement:
    """A statement of a template with every intrinsic function resolved."""
    condition = resolve(source.get("Condition", {}), values) or {}
    return Statement(
        sid=source["Sid"],
        effect=source["Effect"],
        actions=_texts(source["Action"], values),
        resources=_texts(source["Resource"], values),
        condition={
            operator: {key: _texts(wanted, values) for key, wanted in keys.items()}
            for operator, keys in condition.items()
        },
    )


def _texts(source: Any, values: Values) -> tuple[str, ...]:
    every = [resolve(each, values) for each in (source if isinstance(source, list) else [source])]
    return tuple(str(text) for each in every for text in (each if isinstance(each, list) else [each]))


def resolve(source: Any, values: Values) -> Any:
    """The value of Ref, GetAtt, Sub, Join, Split, ImportValue, If, Equals and Not, nested as they may be."""
    if not isinstance(source, dict) or not _is_function(source):
        return source
    ((function, argument),) = source.items()
    match function:
        case "Ref" if argument == "AWS::NoValue":
            return None
        case "Fn::If":
            name, then, otherwise = argument
            return resolve(then if resolve(values[name], values) else otherwise, values)
        case "Fn::Equals":
            first, second = (resolve(each, values) for each in argument)
            return first == second
        case "Fn::Not":
            return not resolve(argument[0], values)
        case "Ref":
            return values[argument]
        case "Fn::GetAtt":
            return values[".".join(argument)]
        case "Fn::ImportValue":
            return values[resolve(argument, values)]
        case "Fn::Sub" if isinstance(argument, str):
            return re.sub(r"\$\{([^}]+)\}", lambda found: str(values[found[1]]), argument)
        case "Fn::Sub":
            text, own = argument
            known = {name: str(resolve(value, values)) for name, value in own.items()}
            return resolve({"Fn::Sub": text}, {**values, **known})
        case "Fn::Join":
            separator, parts = argument
            joined = resolve(parts, values) if isinstance(parts, dict) else parts
            texts = (resolve(each, values) for each in joined)
            return separator.join(str(text) for text in texts if text is not None)
        case "Fn::Split":
            separator, text = argument
            return str(resolve(text, values)).split(separator)
    raise ValueError(f"{function} is not known here")


def _is_function(source: dict[str, Any]) -> bool:
    """Whether it is an intrinsic function, and not a part of the template that holds some."""
    return len(source) == 1 and next(iter(source)).startswith(("Ref", "Fn::"))
