"""The command line's frame: what is loaded when, what comes out where, and with which exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import botocore.exceptions
import pytest
import typer
from pydantic import BaseModel
from typer.main import get_command
from typer.testing import CliRunner

from landfall import cli
from landfall.errors import OperatorError
from landfall.registry import COMMANDS, Entry
from shared.errors import PermanentError

HEAVY = {
    "aiobotocore",
    "aws_encryption_sdk",
    "boto3",
    "botocore",
    "duckdb",
    "phonenumbers",
    "pyarrow",
    "pydantic",
}

SUBCOMMANDS = [
    [entry.name, *([name] if name else [])] for entry in COMMANDS for name in sorted({"", *entry.examples})
]

Install = Callable[[Callable[[], None]], None]


class Unreadable(PermanentError):
    code = "UNREADABLE"
    advice = "Land the file again."


class Settings(BaseModel):
    port: int


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Make ``landfall probe`` run the given function."""

    def put(body: Callable[[], None]) -> None:
        module = ModuleType("probe_module")
        module.__dict__["probe"] = body
        monkeypatch.setitem(sys.modules, "probe_module", module)
        monkeypatch.setattr(cli, "COMMANDS", (*COMMANDS, Entry("probe", "probe_module:probe", "A test.")))

    return put


def failing(error: BaseException) -> Callable[[], None]:
    def probe() -> None:
        raise error

    return probe


def test_a_command_that_returns_ends_with_0(install: Install) -> None:
    install(lambda: None)

    assert cli.main(["probe"]) == 0


def test_a_command_may_choose_its_exit_code(install: Install) -> None:
    install(failing(typer.Exit(1)))

    assert cli.main(["probe"]) == 1


@pytest.mark.parametrize("args", [[], ["no-such-command"], ["--no-such-option"], ["probe", "too", "many"]])
def test_wrong_usage_ends_with_2_and_prints_no_result(
    args: list[str], install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install(lambda: None)

    assert cli.main(args) == 2
    assert capsys.readouterr().err.strip() or args == []


def test_a_misspelt_command_is_corrected(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["nomalize"])

    assert "Did you mean 'normalize'?" in capsys.readouterr().err


def test_an_interrupt_ends_quietly_with_130(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install(failing(KeyboardInterrupt()))

    assert cli.main(["probe"]) == 130
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        pytest.param(
            Unreadable("line 3 does not end"),
            "UNREADABLE: line 3 does not end. Land the file again.",
            id="landfall",
        ),
        pytest.param(OperatorError("Start Docker first."), "Start Docker first.", id="operator"),
        pytest.param(
            FileNotFoundError(2, "No such file or directory", "a.csv"),
            "The operating system refused (a.csv): no such file or directory. "
            "Check the path and its permissions.",
            id="file",
        ),
        pytest.param(
            ModuleNotFoundError("No module named 'duckdb'", name="duckdb"),
            "The library duckdb is not installed. Run `make setup`, or install landfall's cli extra.",
            id="library",
        ),
        pytest.param(
            botocore.exceptions.EndpointConnectionError(endpoint_url="http://127.0.0.1:9/"),
            "AWS does not answer at http://127.0.0.1:9/. "
            "Check AWS_ENDPOINT_URL and the network, or start the local stack with `landfall local up`.",
            id="endpoint",
        ),
        pytest.param(
            botocore.exceptions.NoCredentialsError(),
            "There are no AWS credentials. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
            id="credentials",
        ),
        pytest.param(
            botocore.exceptions.ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject"),
            "AWS refused PutObject (AccessDenied). Check what the credentials in use may do.",
            id="denied",
        ),
        pytest.param(
            botocore.exceptions.ClientError({"Error": {"Code": "NoSuchBucket"}}, "ListObjectsV2"),
            "AWS answered ListObjectsV2 with NoSuchBucket. Check the names and the region, and try again.",
            id="other answer",
        ),
    ],
)
def test_an_expected_failure_ends_with_1_and_one_sentence_that_says_what_to_do(
    error: Exception, sentence: str, install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install(failing(error))

    assert cli.main(["probe"]) == 1
    assert capsys.readouterr() == ("", f"error: {sentence}\n")


def test_a_wrong_setting_is_named_but_its_value_is_not_shown(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    def probe() -> None:
        Settings.model_validate({"port": "hunter2"})

    install(probe)

    assert cli.main(["probe"]) == 1
    message = capsys.readouterr().err
    assert "port (int parsing)" in message
    assert "hunter2" not in message


def test_only_the_command_that_was_given_is_imported() -> None:
    program = (
        "import sys; from landfall import cli; cli.main(['--help']); print(*sys.modules, file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert HEAVY & {name.partition(".")[0] for name in ended.stderr.split()} == set()


def test_a_defect_shows_where_it_is_but_neither_traceback_nor_text() -> None:
    program = (
        "import sys; from landfall import cli; from landfall.registry import Entry;"
        "sys.argv = ['landfall', 'probe'];"
        "cli.COMMANDS = (Entry('probe', 'json:loads', 'A test.'),);"
        "sys.modules['json'].loads = lambda: {}['anna@example.com'];"
        "sys.exit(cli.main())"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.startswith("error: landfall met a defect of its own (KeyError in <string>, line 1).")
    assert ended.stderr.count("\n") == 1
    assert "anna" not in ended.stderr


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("landfall 0.")


def test_help_lists_every_command_with_its_summary() -> None:
    shown = " ".join(CliRunner().invoke(cli.build_app(["--help"]), ["--help"]).output.split())

    assert [entry.name for entry in COMMANDS if f"{entry.name} {entry.summary}" not in shown] == []


@pytest.mark.parametrize("words", [[], *SUBCOMMANDS], ids=" ".join)
def test_every_help_screen_ends_with_an_example_that_begins_with_the_command(words: list[str]) -> None:
    args = [*words, "--help"]
    shown = CliRunner().invoke(cli.build_app(args), args)

    assert shown.exit_code == 0
    assert f"landfall {' '.join(words)}".strip() in " ".join(shown.output.partition("Example:")[2].split())


@pytest.mark.parametrize("words", SUBCOMMANDS, ids=" ".join)
def test_every_option_and_argument_says_what_it_is(words: list[str]) -> None:
    command: Any = get_command(cli.build_app(words))
    for word in words:
        command = command.commands[word]
    assert [each.name for each in command.params if not each.help] == []


def test_every_subcommand_of_a_group_has_an_example() -> None:
    groups = [(entry, code) for entry in COMMANDS if isinstance(code := entry.load(), typer.Typer)]
    missing = [
        f"{entry.name} {each.name}"
        for entry, code in groups
        for each in code.registered_commands
        if not each.epilog and (each.name or cli.name_of(each.callback)) not in entry.examples
    ]

    assert groups
    assert missing == []


def test_help_is_quick_enough_to_be_asked_for_often() -> None:
    program = "import time; t = time.process_time(); from landfall import cli; cli.main(['--help']); "
    program += "import sys; print(time.process_time() - t, file=sys.stderr)"
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert float(ended.stderr) < 0.4


def test_json_is_one_line_whatever_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    from landfall import console

    console.print_json({"name": "Zoë\n"})

    assert json.loads(capsys.readouterr().out) == {"name": "Zoë\n"}
