"""IAM's decision on identity policies, as far as these policies need it: an Allow that matches, and no Deny.

Wildcards and condition operators are those of the IAM user guide. A key that is missing from the context
fails every operator used here but those that ask for something not to be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from tests.permissions.calls import Call
from tests.permissions.policies import Statement


def allowed(statements: Iterable[Statement], call: Call) -> bool:
    """Whether the statements together allow the call."""
    effects = {each.effect for each in statements if applies(each, call)}
    return effects == {"Allow"}


def applies(statement: Statement, call: Call) -> bool:
    """Whether a statement is about the call."""
    return (
        any(matches(pattern.lower(), call.action.lower()) for pattern in statement.actions)
        and any(matches(pattern, call.resource) for pattern in statement.resources)
        and all(
            _holds(operator, call.value(key), wanted)
            for operator, keys in statement.condition.items()
            for key, wanted in keys.items()
        )
    )


def matches(pattern: str, text: str) -> bool:
    """IAM's wildcards: ``*`` any run of characters, slashes and colons too; ``?`` one."""
    return _compiled(pattern).fullmatch(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "."}
    parts = (wild.get(part) or re.escape(part) for part in re.split(r"([*?])", pattern))
    return re.compile("".join(parts), re.DOTALL)


def _holds(operator: str, value: str | None, wanted: tuple[str, ...]) -> bool:
    match operator:
        case "Null":
            return wanted == (str(value is None).lower(),)
        case "StringNotEquals":
            return value not in wanted
        case "ArnNotLike":
            return value is None or not any(matches(pattern, value) for pattern in wanted)
    if value is None:
        return False
    match operator:
        case "StringEquals":
            return value in wanted
        case "StringLike" | "ArnLike":
            return any(matches(pattern, value) for pattern in wanted)
        case "Bool":
            return value.lower() in wanted
    raise ValueError(f"the operator {operator} is not known here")
