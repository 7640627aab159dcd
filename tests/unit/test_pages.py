"""The pages people read lead where they say, and every command they show can be typed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from landfall.cli import build_app
from tests.generated_docs import ROOT

PAGES = sorted(
    path.relative_to(ROOT)
    for pattern in ("*.md", "docs/**/*.md", "deploy/**/*.md")
    for path in ROOT.glob(pattern)
)
FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:^|\| )(?:\.venv/bin/)?landfall ([a-z][^#|>]*)")


def text_of(page: Path) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> list[tuple[Path, str]]:
    """Where in this repository the page's links lead: a path from its root, and an anchor or nothing."""
    found = [link.partition("#") for link in re.findall(r"\]\((?!\w+:)([^)\s]+)\)", text_of(page))]
    return [
        ((ROOT / page).parent.joinpath(path).resolve().relative_to(ROOT) if path else page, anchor)
        for path, _, anchor in found
    ]


def shown_commands(page: Path) -> list[str]:
    lines = [
        line for block in FENCED.findall(text_of(page)) for line in block.replace("\\\n", " ").splitlines()
    ]
    return [found[1].strip() for line in lines if (found := COMMAND.search(line))]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = [
        (str(target), anchor)
        for target, anchor in links(page)
        if not (ROOT / target).exists() or (anchor and anchor not in anchors(target))
    ]
    assert broken == []


def test_the_readme_leads_to_every_page() -> None:
    linked = {target for target, _ in links(Path("README.md"))}
    others = {page for page in PAGES if page.parts[:2] != ("docs", "decisions")} - {Path("README.md")}
    assert sorted(map(str, others - linked)) == []


def test_every_decision_stands_in_the_index() -> None:
    index = Path("docs/decisions/README.md")
    pages = {page for page in PAGES if page.parent == index.parent} - {index}
    assert [target for target, _ in links(index)] == sorted(pages)


@pytest.mark.parametrize("page", [page for page in PAGES if shown_commands(page)], ids=str)
def test_every_command_shown_can_be_typed(page: Path) -> None:
    wrong = []
    for line in shown_commands(page):
        words = shlex.split(line)
        command: Any = get_command(build_app(words))
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        known = {name for param in command.params for name in param.opts} | {"--help"}
        options = {word.partition("=")[0] for word in words if word.startswith("--")}
        if hasattr(command, "commands") or options - known:
            wrong.append(line)
    assert wrong == []
