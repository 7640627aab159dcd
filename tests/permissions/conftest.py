"""The recorded calls of a whole run, made once for all tests that look at them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from landfall.local.checkout import CHECKOUT
from landfall.local.stack import LocalStack
from landfall.local.starting import Options
from tests.permissions.ledger import Ledger
from tests.permissions.policies import ROLES
from tests.permissions.scenario import PURPOSE, play, scenario


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """Run every service through the scenario."""
    home, recipes = tmp_path_factory.mktemp("recorded"), tmp_path_factory.mktemp("recipes") / "recipes"
    with_other_recipes(recipes)
    options = Options(home=home, endpoint=None, glue_endpoint=None, port=0, services=(), crawl_seconds=0.2)
    before = dict(os.environ)
    try:
        with LocalStack.up(options) as stack:
            ledger = Ledger.of(stack.deployment, PURPOSE, ROLES)
            with scenario(stack, ledger.note) as recorded:
                play(recorded, recipes)
            yield ledger
    finally:
        os.environ.clear()
        os.environ.update(before)


def with_other_recipes(folder: Path) -> None:
    """The built-in recipes but for two.

    The rows of Sent.csv go to another dataset, so a replay has to move them. Unsubs.csv has a new column, so
    cataloguing it directly changes a table that is there.
    """
    shutil.copytree(CHECKOUT / "recipes", folder)
    _change(folder / "sent.yaml", "dataset: sent\n", "dataset: sent_again\n")
    _change(folder / "unsubs.yaml", "  UnsubReason: drop # free text\n", "  UnsubReason: string\n")


def _change(recipe: Path, old: str, new: str) -> None:
    text = recipe.read_text(encoding="utf-8")
    assert old in text
    recipe.write_text(text.replace(old, new), encoding="utf-8")
