"""Running a command line in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from landfall import cli

Command = Callable[..., Any]


def json_command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command line that must succeed, and gives what ``--json`` printed."""

    def run(*args: str) -> Any:
        capsys.readouterr()
        ended = cli.main([*args, "--json"])
        shown = capsys.readouterr()
        assert ended == 0, shown.err
        return json.loads(shown.out)

    return run
