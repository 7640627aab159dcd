"""Names come from outside: nothing that a command prints can control the terminal or begin a line."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall import cli, console, failures
from landfall.commands.letter_view import report, show_letter, show_letters
from landfall.commands.story_view import show_files
from landfall.errors import OperatorError
from landfall.operating.dead_letters import held
from landfall.operating.lines import FileLine
from shared.errors import PermanentError
from shared.stages import Stage
from tests.builders import notification
from tests.doubles.queues import QUEUES, InMemoryQueues

HOSTILE = "landing/a\x1b[2J\x1b]0;owned\x07\r\nfile b  \x9b31m\x7f\u202etxt.exe\u2028\u200b[red]x"
SHOWN = "\\x1b[2J\\x1b]0;owned\\x07\\r\\nfile b  \\x9b31m\\x7f\\u202etxt.exe\\u2028\\u200b[red]x"
ROOT = Path(__file__).resolve().parents[3]


def printing_modules() -> list[Path]:
    """Every module of the command line but those that are checked above or print nothing from outside."""
    own = {"console.py", "failures.py", "match_key.py", "demo.py"}
    modules = (ROOT / "landfall").rglob("*.py")
    return sorted(path for path in modules if path.name not in own and not {"demo", "local"} & {*path.parts})


class Refused(PermanentError):
    code = "REFUSED"
    advice = "Rename it."


@pytest.fixture(params=[False, True], ids=["in a pipe", "on a terminal"])
def _output(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "on_terminal", lambda: request.param)
    monkeypatch.setenv("COLUMNS", "400")


def dead_letters() -> InMemoryQueues:
    queues = InMemoryQueues()
    for _ in range(2):
        queues.dead(Stage.DECRYPT, notification(HOSTILE.replace("%", "%25")), code=HOSTILE, reason=HOSTILE)
    return queues


def letters_listed() -> None:
    with held(dead_letters().client(), QUEUES) as letters:
        show_letters(letters)


def letter_shown() -> None:
    with held(dead_letters().client(), QUEUES) as letters:
        show_letter(letters[0])


def letters_dropped() -> None:
    with held(dead_letters().client(), QUEUES) as letters:
        report("dropped", "is dropped", letters, dry_run=False, as_json=False)


def files_listed() -> None:
    show_files([FileLine("20260131-0123456789abcdef", HOSTILE, "failed", HOSTILE)])


def operator_error() -> None:
    console.complain(failures.explain(OperatorError(f"There is no file {HOSTILE}.")))


def product_error() -> None:
    console.complain(failures.explain(Refused(f"{HOSTILE} is refused")))


@pytest.mark.usefixtures("_output")
@pytest.mark.parametrize(
    "show",
    [
        letters_listed,
        letter_shown,
        letters_dropped,
        files_listed,
        operator_error,
        product_error,
        lambda: console.print_line(HOSTILE),
        lambda: console.say(HOSTILE),
        lambda: console.print_facts([("file", HOSTILE), (HOSTILE, "file")]),
        lambda: console.print_table(("file",), [(HOSTILE,)]),
    ],
    ids=[
        "dlq ls",
        "dlq show",
        "dlq drop",
        "status",
        "operator error",
        "product error",
        "line",
        "progress",
        "facts",
        "table",
    ],
)
def test_a_hostile_name_is_shown_as_text(
    show: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    show()
    printed = "".join(capsys.readouterr())
    unstyled = re.sub(r"\x1b\[[0-9;]*m", "", printed)  # what rich itself adds for bold and colours
    assert SHOWN in unstyled
    assert all(char.isprintable() or char == "\n" for char in unstyled)


def test_an_error_has_one_line_whatever_a_name_holds(capsys: pytest.CaptureFixture[str]) -> None:
    operator_error()
    assert capsys.readouterr().err.count("\n") == 1


@given(st.text())
def test_json_is_exact_and_safe_on_a_terminal(name: str) -> None:
    line = console.to_json({"key": name})
    assert line.isprintable()
    assert json.loads(line) == {"key": name}


def test_rich_markup_in_a_name_means_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(console, "on_terminal", lambda: True)
    console.print_table(("file",), [("[bold]x[/bold] [link=file:///]y",)])
    assert "[bold]x[/bold] [link=file:///]y" in capsys.readouterr().out


def test_match_key_shows_hostile_values_as_text(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr("sys.stdin", type("Stdin", (), {"buffer": io.BytesIO(b"a\x1b[31m\xc2\x9bb\n")}))
    assert cli.main(["match-key", "--profile", "plain", "--field", "last_name"]) == 0
    assert b"a\\x1b[31m\\x9bb" in capfdbinary.readouterr().out


@pytest.mark.parametrize("path", printing_modules(), ids=lambda path: path.name)
def test_nothing_is_printed_past_the_console(path: Path) -> None:
    """The demo prints only names that it has made itself; the emulator's programs have no terminal."""
    assert not re.search(r"(?<![\w.])print\(|sys\.std(out|err)\.write", path.read_text(encoding="utf-8"))


def test_a_letter_of_many_files_widens_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    queues = InMemoryQueues()
    records = [json.loads(notification(f"landing/{number}.csv"))["Records"][0] for number in range(300)]
    queues.dead(Stage.DECRYPT, json.dumps({"Records": records}), code="LANDING_GONE", reason="gone")
    with held(queues.client(), QUEUES) as letters:
        show_letters(letters)
    out = capsys.readouterr().out
    assert out.count("and 298 more") == 2
    assert max(map(len, out.splitlines())) < 250
