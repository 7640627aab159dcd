"""Several processes share a file: the result is that of one, whatever becomes of them."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path
from signal import SIGKILL, SIGSTOP

import pytest

from services.normalizer.crew.crew import Crew
from services.normalizer.csvfile.grammar import Grammar
from services.normalizer.csvfile.pieces import Piece
from services.normalizer.csvfile.records import Record, Records
from services.normalizer.csvfile.scanner import Scanner
from services.normalizer.errors import ParserDisagrees
from services.normalizer.layout import lay_out
from services.normalizer.piecework import PieceWork
from services.normalizer.recipes import Recipe
from services.normalizer.vcpus import usable_vcpus
from shared.stopping import StopSignal, WorkStopped, stopped_by
from tests.unit.normalizer.normalizing import Outcome, recipe_of, run

COLUMNS = """
    Key: {hash: identifier, required: true}
    Phone: {hash: phone, country: Country}
    Status: string
    N: {type: bigint, on_invalid: reject}
"""
RECIPE = recipe_of(COLUMNS, max_rejected="1", unique_by="[Key]")
HEADER = "Key,Phone,Country,Status,N\n"


def row(n: int) -> str:
    if n % 70 == 0:
        return "short\n"
    return f"k{n % 900},030 90{n:04d},DE,{'k7' if n == 7 else 'on'},{n if n % 50 else 'x'}\n"


ROWS = "".join(map(row, range(1000)))


def normalized(crew: Crew, pepper: bytes | None = None) -> Outcome:
    return run(HEADER + ROWS, RECIPE, crew=crew, piece_bytes=1000, pepper=pepper)


def work_of(recipe: Recipe) -> PieceWork:
    return PieceWork(recipe, lay_out(recipe, tuple(recipe.columns)), Scanner(Grammar(b",", b'"', 5), None))


@pytest.fixture
def crew() -> Iterator[Crew]:
    with Crew(3) as three:
        yield three


def children() -> set[int]:
    """The processes of crews that run for this process, whichever of its threads started them."""
    return {int(stat.parent.name) for stat in Path("/proc").glob("[0-9]*/stat") if is_of_a_crew(stat)}


def is_of_a_crew(stat: Path) -> bool:
    try:
        parent = int(stat.read_bytes().rpartition(b")")[2].split()[1])
        return parent == os.getpid() and b"services.normalizer.crew" in (stat.parent / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):  # some process that ended meanwhile
        return False


def test_bytes_account_and_rejects_are_those_of_one_process(crew: Crew) -> None:
    with Crew(1) as alone:
        one = normalized(alone)

    assert normalized(crew) == one
    assert (one.account.rejected, one.account.duplicates > 0) == (32, True)


def test_processes_serve_one_file_after_another_each_with_its_own_recipe_and_pepper(crew: Crew) -> None:
    with Crew(1) as alone:
        assert normalized(crew, b"a") == normalized(alone, b"a")
        started = children()
        assert normalized(crew, b"b") == normalized(alone, b"b")

    assert children() == started


def test_a_file_of_a_few_pieces_starts_no_process(crew: Crew) -> None:
    before = children()

    run(HEADER + ROWS[:5000], RECIPE, crew=crew, piece_bytes=1000)

    assert children() == before


def test_pieces_of_processes_that_were_killed_are_worked_on_by_this_one(crew: Crew) -> None:
    before = children()
    expected = normalized(crew)
    for pid in children() - before:
        os.kill(pid, SIGKILL)

    assert normalized(crew) == expected
    assert normalized(crew) == expected


def test_a_crew_that_is_closed_leaves_no_process_and_can_still_be_worked_with(crew: Crew) -> None:
    before = children()
    expected = normalized(crew)
    started = children() - before

    crew.close()

    assert started
    assert children() == before
    assert normalized(crew) == expected


def test_a_file_that_is_given_up_halfway_leaves_a_crew_that_serves_the_next_one(crew: Crew) -> None:
    expected = normalized(crew)
    signal = StopSignal()

    def give_up_halfway() -> None:
        stopped_by(signal)
        for number, _ in enumerate(crew.in_order(work_of(RECIPE), [Piece(b"k,,DE,on,1\n")] * 200)):
            if number == 20:
                signal.set()

    with pytest.raises(WorkStopped):
        copy_context().run(give_up_halfway)

    assert normalized(crew) == expected
    assert len(children()) == 2


def test_a_file_that_is_given_up_ends_a_process_that_hangs(crew: Crew) -> None:
    """As a defect of a library would have it."""
    normalized(crew)
    signal, started = StopSignal(), children()
    for pid in started:
        os.kill(pid, SIGSTOP)

    def normalize_it() -> None:
        stopped_by(signal)
        normalized(crew)

    threading.Timer(0.2, signal.set).start()
    with pytest.raises(WorkStopped):
        copy_context().run(normalize_it)

    assert not children() & started
    assert normalized(crew).account.rejected


def test_what_another_process_refuses_is_refused_here_in_the_same_words(crew: Crew) -> None:
    """A record is said to hold what the parser takes for two."""
    work = work_of(RECIPE)
    sound = [Piece(b"k,,DE,on,1\n")] * 20
    unsound = [Piece(b"k,,DE,on,1\n" * 2, Records.collect([Record(0, 21, 22, None)]))] * 6

    for _ in range(3):
        with pytest.raises(ParserDisagrees, match="2 rows in 1 records"):
            list(crew.in_order(work, sound + unsound))

    assert len(children()) == 2


PARENT = """
import sys
from services.normalizer.crew.crew import Crew
from tests.unit.normalizer.test_crew import children, normalized
crew = Crew(2)
normalized(crew)
print(*children(), flush=True)
sys.stdin.read()
"""


def test_processes_end_with_the_one_that_started_them_even_if_it_is_killed() -> None:
    root = Path(__file__).parents[3]
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
    )
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        watch = os.pidfd_open(child)
        parent.kill()

    try:
        assert select.select([watch], [], [], 30.0)[0] == [watch]
    finally:
        os.close(watch)


def test_vcpus_are_those_the_process_may_run_on(tmp_path: Path) -> None:
    assert usable_vcpus(tmp_path) == len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("limit", "vcpus"),
    [
        ("25000 100000", 1),
        ("100000 100000", 1),
        ("150000 100000", 2),
        ("900000 100000", 8),
        ("max 100000", 8),
    ],
)
def test_a_containers_limit_is_heeded_and_rounded_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, vcpus: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    (tmp_path / "cpu.max").write_text(limit + "\n")

    assert usable_vcpus(tmp_path) == vcpus


def test_a_limit_of_the_older_control_groups_is_heeded(tmp_path: Path) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu/cpu.cfs_quota_us").write_text("20000\n")
    (tmp_path / "cpu/cpu.cfs_period_us").write_text("100000\n")

    assert usable_vcpus(tmp_path) == 1


def test_a_process_of_the_crew_loads_nothing_that_only_its_employer_needs() -> None:
    """Each process is memory of the task."""
    loaded = subprocess.run(
        [sys.executable, "-c", "import services.normalizer.crew.__main__, sys; print(*sys.modules)"],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "pyarrow" in loaded
    assert {"structlog", "botocore", "aiohttp", "asyncio"}.isdisjoint(loaded)
