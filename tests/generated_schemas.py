"""deploy/ecs/schemas.yaml: the models of the events, for EventBridge's registry. Written by ``make docs``.

EventBridge takes JSON Schema of draft 4, pydantic writes draft 2020-12: the few words that differ change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from shared.events import EVENTS, SOURCE

_HEAD = """\
# Written by `make docs` from the models in shared/events.py; do not edit.
AWSTemplateFormatVersion: "2010-09-09"
Description: >-
  Landfall schemas: every event of the bus in a registry of EventBridge, for programs that subscribe to them.

Metadata:
  AWS::CloudFormation::Interface:
    ParameterGroups:
      - Label: {default: Naming}
        Parameters: [Prefix]
    ParameterLabels:
      Prefix: {default: Name prefix}

Parameters:
  Prefix:
    Description: Begins the name of everything in this deployment; the same for all of its stacks.
    Type: String
    Default: landfall
    MinLength: 2
    MaxLength: 20
    AllowedPattern: "[a-z][a-z0-9]*(-[a-z0-9]+)*"
    ConstraintDescription: lower-case letters, digits and single hyphens, beginning with a letter.

Resources:
  Registry:
    Type: AWS::EventSchemas::Registry
    Properties:
      RegistryName: !Ref Prefix
      Description: What became of each landed file, stage by stage.
      Tags:
        - {Key: landfall, Value: !Ref Prefix}
"""
_SCHEMA = """\
  %(name)s:
    Type: AWS::EventSchemas::Schema
    Properties:
      RegistryName: !Ref Prefix
      SchemaName: %(source)s@%(name)s
      Type: JSONSchemaDraft4
      Description: %(description)s
      Content: >-
        %(content)s
      Tags:
        - {Key: landfall, Value: !Ref Prefix}
    DependsOn: Registry
"""
_TAIL = """
Outputs:
  Registry:
    Description: Registry of the event schemas.
    Value: !Ref Registry
"""


def schemas_template() -> str:
    """The template's text."""
    parts = [
        _SCHEMA
        % {
            "name": name,
            "source": SOURCE,
            "description": json.dumps((model.__doc__ or "").splitlines()[0]),
            "content": json.dumps(_event(name, model), sort_keys=True),
        }
        for name, model in EVENTS.items()
    ]
    return _HEAD + "".join(parts) + _TAIL


def _event(name: str, model: type[BaseModel]) -> dict[str, Any]:
    """The whole event as a rule matches it, with the model as its detail."""
    detail = _draft_4(model.model_json_schema(ref_template="#/definitions/{model}"))
    definitions = detail.pop("definitions", {})
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": name,
        "type": "object",
        "required": ["source", "detail-type", "detail"],
        "properties": {
            "source": {"type": "string", "enum": [SOURCE]},
            "detail-type": {"type": "string", "enum": [name]},
            "detail": detail,
        },
        "definitions": definitions,
    }


def _draft_4(schema: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in schema.items():
        match key:
            case "$defs":
                made["definitions"] = {name: _draft_4(each) for name, each in value.items()}
            case "const":
                made["enum"] = [value]
            case "properties":
                made[key] = {name: _draft_4(each) for name, each in value.items()}
            case "items" | "additionalProperties" if isinstance(value, Mapping):
                made[key] = _draft_4(value)
            case "anyOf" | "allOf" | "oneOf":
                made[key] = [_draft_4(each) for each in value]
            case "exclusiveMinimum" | "exclusiveMaximum":
                made[key.removeprefix("exclusive").lower()] = value
                made[key] = True
            case _:
                made[key] = value
    return made
