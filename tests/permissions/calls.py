"""What IAM decides on: an action on a resource in a context."""

from __future__ import annotations

from dataclasses import dataclass, field

ACCOUNT = "000000000000"
REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Call:
    """One permission that a request needs; ``context`` holds condition keys in lower case."""

    action: str
    resource: str
    context: frozenset[tuple[str, str]] = field(default=frozenset())

    def __str__(self) -> str:
        context = ", ".join(f"{key}={value}" for key, value in sorted(self.context))
        return f"{self.action} on {self.resource}" + (f" ({context})" if context else "")

    def value(self, key: str) -> str | None:
        """The context's value of a condition key."""
        return dict(self.context).get(key.lower())


def arn(service: str, rest: str) -> str:
    """An ARN in the emulator's account and Region."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"
