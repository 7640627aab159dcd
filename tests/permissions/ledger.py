"""The calls of all services, each held against its role at the moment it is noted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Self

from landfall.deployment import Deployment
from tests.permissions.calls import Call
from tests.permissions.evaluator import allowed, applies
from tests.permissions.policies import PREFIX, SERVICES, Statement, bucket_policies, role
from tests.permissions.recognising import Request, permissions

Allowance = tuple[str, str, str]  # role, statement, action


class Ledger:
    """What each role may do, what it was seen to need, and what AWS would have refused of that.

    A call is kept once, however often it is made. ``complaints`` only grows; any thread may note.
    """

    def __init__(
        self, roles: Mapping[str, Sequence[Statement]], bucket_policies: Sequence[Statement] = ()
    ) -> None:
        self.roles = roles
        self.bucket_policies = bucket_policies
        self.calls: dict[str, set[Call]] = {name: set() for name in roles}
        self.complaints: list[str] = []
        self._riddles: set[str] = set()

    @classmethod
    def of(cls, deployment: Deployment, purpose: str = "", roles: Iterable[str] = SERVICES) -> Self:
        """For a deployment of the templates that the roles are of, with files that give ``purpose``."""
        assert deployment.prefix == PREFIX
        held = {name: role(name, deployment.landing_key_arn, purpose) for name in roles}
        return cls(held, bucket_policies())

    def note(self, name: str, request: Request) -> None:
        """Take down what was asked in the name of a role."""
        try:
            calls = permissions(request)
        except ValueError as error:
            self._puzzle_over(f"{name}: it is not known what {request.method} {request.path} needs: {error}")
            return
        for call in calls:
            if call not in self.calls[name]:
                self.calls[name].add(call)
                if not allowed(self.roles[name], call):
                    self.complaints.append(f"{name}: its role does not allow {call}")
                self.complaints += [
                    f"{name}: the bucket's policy denies {call} ({each.sid})"
                    for each in self.bucket_policies
                    if applies(each, call)
                ]

    def verdict(self) -> list[str]:
        """Everything that is wrong: the complaints, and the silence."""
        return [*self.complaints, *self.silence()]

    def silence(self) -> list[str]:
        """Each role of which nothing was noted at all: whoever has it went past the record."""
        return [f"{name}: not one call was noted" for name, calls in self.calls.items() if not calls]

    def unused(self, name: str) -> set[Allowance]:
        """Which actions a role allows on some resource where nothing that was noted needs them."""
        noted = frozenset(self.calls[name])  # which may grow meanwhile
        return {
            (name, statement.sid, action)
            for statement in self.roles[name]
            for action, resource in product(statement.actions, statement.resources)
            if not any(
                applies(replace(statement, actions=(action,), resources=(resource,)), call) for call in noted
            )
        }

    def check(self) -> None:
        """Look at all that was noted.

        Raises:
            AssertionError: with everything that is wrong, a line each.
        """
        wrong = self.verdict()
        assert not wrong, "\n".join(["Held against the roles of deploy/ecs:", *wrong])

    def _puzzle_over(self, riddle: str) -> None:
        if riddle not in self._riddles:
            self._riddles.add(riddle)
            self.complaints.append(riddle)
