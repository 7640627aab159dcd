"""What is said about an exception that reaches the edge of the command line: one sentence, and what to do."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from landfall import console
from landfall.errors import OperatorError
from shared.errors import LandfallError

TRACEBACK_VARIABLE = "LANDFALL_TRACEBACK"

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "403", "Forbidden"})
_BAD_TOKEN = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "InvalidAccessKeyId"}
)


def expected() -> tuple[type[Exception], ...]:
    """The exceptions that have something to say to the person at the terminal.

    Those of libraries are among them only once something has imported the library: a command that never spoke
    to AWS cannot have failed there.
    """
    kinds: list[type[Exception]] = [LandfallError, OperatorError, OSError, ModuleNotFoundError]
    for module, name in (
        ("botocore.exceptions", "BotoCoreError"),
        ("botocore.exceptions", "ClientError"),
        ("pydantic", "ValidationError"),
    ):
        if module in sys.modules:
            kinds.append(getattr(sys.modules[module], name))
    return tuple(kinds)


def explain(error: Exception) -> str:
    """One sentence about an expected exception, then what to do about it. Never a value from a file."""
    text = _explain(error)
    return (
        text
        if isinstance(error, LandfallError) and error.code == "RECIPE_INVALID"
        else console.printable(text)
    )


def _explain(error: Exception) -> str:
    if isinstance(error, LandfallError):
        return f"{error.code}: {_sentence(error.message)} {error.advice}"
    if isinstance(error, OperatorError):
        return error.message
    if isinstance(error, ModuleNotFoundError):
        return (
            f"The library {error.name} is not installed. Run `make setup`, or install landfall's cli extra."
        )
    if isinstance(error, OSError):
        return _about_file(error)
    if "pydantic" in sys.modules and isinstance(error, sys.modules["pydantic"].ValidationError):
        return _about_settings(error)
    return _about_aws(error)


def _about_file(error: OSError) -> str:
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    where = f" ({error.filename})" if error.filename else ""
    return f"The operating system refused{where}: {reason.lower()}. Check the path and its permissions."


def _about_settings(error: Exception) -> str:
    """Names of settings and what is wrong with them, without the values that were given."""
    problems = [
        f"{'.'.join(map(str, problem['loc'])) or 'the whole'} ({problem['type'].replace('_', ' ')})"
        for problem in getattr(error, "errors")()  # noqa: B009 - known only once pydantic is imported
    ]
    return f"These settings or fields are not valid: {', '.join(problems)}. Correct them and try again."


def _about_aws(error: Exception) -> str:
    facts: Mapping[str, object] = getattr(error, "kwargs", {})
    kind = type(error).__name__
    if "endpoint_url" in facts:
        return (
            f"AWS does not answer at {facts['endpoint_url']}. "
            "Check AWS_ENDPOINT_URL and the network, or start the local stack with `landfall local up`."
        )
    if kind in ("NoCredentialsError", "PartialCredentialsError"):
        return (
            "There are no AWS credentials. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        )
    if kind == "NoRegionError":
        return "No AWS region is set. Set AWS_REGION or AWS_DEFAULT_REGION."
    if kind == "ProfileNotFound":
        return "There is no AWS profile of the name in AWS_PROFILE. Correct the name or unset it."
    response: Mapping[str, Mapping[str, object]] = getattr(error, "response", {})
    code = str(response.get("Error", {}).get("Code", kind))
    call = getattr(error, "operation_name", "a request")
    if code in _DENIED:
        return f"AWS refused {call} ({code}). Check what the credentials in use may do."
    if code in _BAD_TOKEN:
        return f"AWS does not accept the credentials ({code}). Renew them and try again."
    return f"AWS answered {call} with {code}. Check the names and the region, and try again."


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def report_defect(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An exception hook for what nobody expected: says where, not what, since its text may hold data."""
    if os.environ.get(TRACEBACK_VARIABLE):
        traceback.print_exception(kind, error, trace)
        return
    frames = traceback.extract_tb(trace)
    where = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    sys.stderr.write(
        f"error: landfall met a defect of its own ({kind.__name__}{where}). "
        f"Run the command again with {TRACEBACK_VARIABLE}=1 and report what it shows.\n"
    )
