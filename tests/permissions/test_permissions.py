"""Each service may do what it does, and no more: its role held against the calls that it was seen to make."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.permissions.conftest import Evidence
from tests.permissions.evaluator import allowed, applies
from tests.permissions.policies import SERVICES

# (service, statement, action) → why no run against an emulator can show it.
UNSEEN = {
    **{
        (service, "ProtectTask", f"ecs:{action}TaskProtection"): "there is no ECS agent here"
        for service in SERVICES
        for action in ("Get", "Update")
    },
}

each_service = pytest.mark.parametrize("service", SERVICES)


@each_service
def test_every_call_is_allowed(evidence: Evidence, service: str) -> None:
    calls = evidence.calls[service]
    assert len(calls) > 10
    assert [call for call in calls if not allowed(evidence.roles[service], call)] == []


@each_service
def test_nothing_is_allowed_that_is_not_used(evidence: Evidence, service: str) -> None:
    unused = {
        (service, statement.sid, action)
        for statement in evidence.roles[service]
        for action in statement.actions
        if not any(applies(replace(statement, actions=(action,)), call) for call in evidence.calls[service])
    }
    assert unused == {key for key in UNSEEN if key[0] == service}


@each_service
def test_no_resource_is_named_that_is_not_used(evidence: Evidence, service: str) -> None:
    unused = {
        (statement.sid, resource)
        for statement in evidence.roles[service]
        for resource in statement.resources
        if not any(
            applies(replace(statement, resources=(resource,)), call) for call in evidence.calls[service]
        )
        and any((service, statement.sid, action) not in UNSEEN for action in statement.actions)
    }
    assert unused == set()
