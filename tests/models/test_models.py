"""The models hold, each broken twin fails on the invariant it breaks, and the code has what they name."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from tests.models import commit
from tests.models.commit import Commit
from tests.models.explorer import Explored, Violated
from tests.models.snapshots import Switch

README = Path(__file__).with_name("README.md")

TWO_RUNS = ((0, "ab"), (0, "a"))
OVERTAKEN = ((0, "ab"), (1, "b"))
COMMITS = [
    pytest.param(Commit(TWO_RUNS, behind=True, crashes=2), id="two runs, two crashes"),
    pytest.param(Commit((*TWO_RUNS, (1, "b"))), id="two runs and a forced replay"),
    pytest.param(Commit(((0, "a"), (1, "b"), (2, "ab")), behind=True), id="three generations"),
    pytest.param(Commit(((0, "b"), (1, "ab"), (1, "a")), behind=True, crashes=0), id="two runs of a replay"),
]
SWITCHES = [
    pytest.param(Switch((10, 10)), id="two refreshes"),
    pytest.param(Switch((10, 1)), id="the newer one shrank"),
    pytest.param(Switch((10, 1, 10), graces=1, crashes=0), id="one between shrank"),
    pytest.param(Switch((1, 10, 4), graces=1, crashes=0), id="the newest shrank"),
]
BROKEN_COMMITS = {
    "manifests are final": Commit(TWO_RUNS, broken="puts if absent"),
    "no generation covers a later one": Commit(OVERTAKEN, broken="keeps what is there"),
    "what is announced is committed": Commit(TWO_RUNS, broken="commits before it publishes"),
    "what is built upon stays": Commit(TWO_RUNS, behind=True, broken="opens behind a success only"),
    "every file finishes": Commit(TWO_RUNS, broken="publishes again"),
    "nothing is missing": Commit(((0, "a"), (1, "b")), broken="spares later generations"),
    "nothing is left beside": Commit(TWO_RUNS, broken="cleans up"),
}
BROKEN_SWITCHES = {
    "readers see a whole snapshot": Switch((10, 10), broken="spares what is shown"),
    "a query finds its rows to the end": Switch((10, 10), broken="counts the grace from the move"),
    "the register never goes back": Switch((10, 10), broken="the newer one wins"),
    "what awaits its switch stays": Switch((10, 10), broken="spares what is newer"),
    "no snapshot shrinks in silence": Switch((10, 1), broken="holds back what shrank"),
    "the newest that is not held back is shown": Switch(
        (10, 10), graces=0, broken="looks again after a write"
    ),
}


@pytest.mark.parametrize("model", COMMITS)
def test_the_commit_holds_whatever_happens(model: Commit) -> None:
    Explored(model, commit.INVARIANTS)


@pytest.mark.parametrize("model", SWITCHES)
def test_the_switch_holds_whatever_happens(model: Switch) -> None:
    Explored(model, model.invariants)


@pytest.mark.parametrize("invariant", commit.INVARIANTS)
def test_each_invariant_of_the_commit_has_a_twin_that_breaks_it(invariant: str) -> None:
    with pytest.raises(Violated) as violated:
        Explored(BROKEN_COMMITS[invariant], commit.INVARIANTS)
    assert violated.value.invariant == invariant


@pytest.mark.parametrize("invariant", Switch((10, 10)).invariants)
def test_each_invariant_of_the_switch_has_a_twin_that_breaks_it(invariant: str) -> None:
    twin = BROKEN_SWITCHES[invariant]
    with pytest.raises(Violated) as violated:
        Explored(twin, twin.invariants)
    assert violated.value.invariant == invariant


def test_without_the_second_look_a_later_generation_finds_rows_beside_its_own() -> None:
    with pytest.raises(Violated, match="nothing is left beside"):
        Explored(Commit(OVERTAKEN, broken="looks again"), commit.INVARIANTS)


@pytest.mark.parametrize(
    "broken", ["compares again after a lost race", "updates the version it has read"], ids=str
)
def test_two_refreshes_at_once_let_no_shrunken_one_through(broken: str) -> None:
    twin = Switch((10, 1), broken=broken)
    with pytest.raises(Violated, match="no snapshot shrinks in silence"):
        Explored(twin, twin.invariants)


def test_only_what_never_was_registered_goes_at_once() -> None:
    twin = Switch((10, 10), broken="knows what it replaced")
    with pytest.raises(Violated, match="readers see a whole snapshot"):
        Explored(twin, twin.invariants)


def test_where_ties_are_broken_otherwise_for_clearing_the_newer_one_goes() -> None:
    twin = Switch((10, 10), broken="clears by the order it switches by")
    with pytest.raises(Violated, match="what awaits its switch stays"):
        Explored(twin, twin.invariants)


def test_one_that_was_held_back_goes_with_the_next_switch() -> None:
    model = Switch((10, 1, 10), graces=0, crashes=0)
    assert any(1 not in state.objects for state in Explored(model, model.invariants).states)


def test_former_snapshots_go_in_the_end() -> None:
    model = Switch((10, 10))
    assert any(0 not in state.objects for state in Explored(model, model.invariants).states)


def test_the_trace_is_as_short_as_can_be() -> None:
    with pytest.raises(Violated) as violated:
        Explored(Commit(TWO_RUNS, broken="commits before it publishes"), commit.INVARIANTS)
    assert violated.value.trace == ["look 1", "put 1"]


def rows() -> list[tuple[set[str], set[str], str]]:
    """Of the table: the models, the actions, the code."""
    row = re.compile(r"^\| ((?:commit|snapshots)[^|]*) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
    return [
        (set(models.split(", ")), set(re.findall(r"`(\w+)`", actions)), code)
        for models, actions, code in row.findall(README.read_text(encoding="utf-8"))
    ]


def places() -> list[str]:
    """Everything in the code that the table names."""
    return sorted({place for *_, code in rows() for place in re.findall(r"`([\w.]+\.\w+)`", code)})


def in_table(model: str) -> set[str]:
    return set().union(*(actions for models, actions, _ in rows() if model in models))


def test_the_table_has_every_action_of_the_commit() -> None:
    assert Explored(Commit(OVERTAKEN, behind=True), commit.INVARIANTS).actions == in_table("commit")


def test_the_table_has_every_action_of_the_switch() -> None:
    model = Switch((10, 1), graces=1)
    assert Explored(model, model.invariants).actions == in_table("snapshots")


@pytest.mark.parametrize("place", places())
def test_the_code_has_what_the_table_names(place: str) -> None:
    parts = place.split(".")
    for depth in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:depth]))
        except ModuleNotFoundError:
            continue
        for part in parts[depth:]:
            found = getattr(found, part)
        return
    pytest.fail(f"there is no {place}")
