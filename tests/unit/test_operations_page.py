"""docs/operations.md tells of everything that a person on call can meet."""

from __future__ import annotations

import re

import pytest
from typer.main import get_command

from landfall.cli import build_app
from landfall.operating.sweeping.findings import Kind
from landfall.registry import COMMANDS
from shared.metrics import Metric
from shared.outcomes import FailureOutcome, RejectionOutcome, SuccessOutcome
from tests.generated_docs import ROOT, documents

PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")] for line in PAGE.splitlines() if line[:3] == "| `"
]
OPERATING = ("status", "dlq", "replay", "backfill", "sweep", "verify")


def row(name: str) -> list[str]:
    """The cells beside a name in the first column of any table."""
    (found,) = [cells[1:] for cells in ROWS if f"`{name}`" in cells[0]]
    return found


def events_in(*folders: str) -> set[str]:
    """The log events that the code of some folders can write."""
    call = re.compile(r'\blog\.(?:info|warning|error|debug)\(\s*"([a-z_]+)"')
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return {name for path in files for name in call.findall(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("kind", Kind)
def test_every_finding_of_a_sweep_says_why_and_what_is_done(kind: Kind) -> None:
    why, repair = row(kind)
    assert why
    assert repair


@pytest.mark.parametrize("metric", Metric)
def test_every_metric_is_listed(metric: Metric) -> None:
    assert row(metric)


@pytest.mark.parametrize("event", sorted(events_in("services", "shared")))
def test_every_line_that_a_service_can_log_is_explained(event: str) -> None:
    assert row(event)


def test_no_line_is_explained_that_no_service_logs() -> None:
    table = PAGE.partition("## Logs and traces")[2].partition("## Metrics")[0]
    explained = {
        name for cells in re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE) for name in names(cells)
    }
    assert explained - events_in("services", "shared") == set()


def names(cell: str) -> list[str]:
    return re.findall(r"`([a-z_]+)`", cell)


@pytest.mark.parametrize("command", OPERATING)
def test_every_operating_command_is_shown_with_each_of_its_subcommands(command: str) -> None:
    (entry,) = [entry for entry in COMMANDS if entry.name == command]
    group = get_command(build_app([entry.name])).commands[command]  # type: ignore[attr-defined] # a group
    for subcommand in getattr(group, "commands", {"": group}):
        assert f"landfall {command} {subcommand}".strip() in PAGE


def test_every_option_that_is_shown_exists() -> None:
    commands = documents_text("docs/commands.md")
    ours = re.sub(r"\baws [^`)\n]*", "", PAGE)  # AWS's own command has options, too
    shown = set(re.findall(r"(?<![\w`-])(--[a-z][a-z-]+)", ours))
    assert {option for option in shown if f"`{option}`" not in commands} == set()


def documents_text(path: str) -> str:
    return next(text for name, text in documents().items() if str(name) == path)


@pytest.mark.parametrize(
    "model", [SuccessOutcome, FailureOutcome, RejectionOutcome], ids=lambda m: m.__name__
)
def test_every_outcome_has_a_published_schema_that_the_page_links_to(model: type) -> None:
    assert f"(events/{model.__name__}.v1.json)" in PAGE
