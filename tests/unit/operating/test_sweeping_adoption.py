"""A sweep deletes nothing that a run which is at work may have made its own: a run adopts what it finds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from landfall.operating.states import FileState, state_of
from landfall.operating.sweeping.curated import sweep_curated
from landfall.operating.sweeping.findings import Finding, Tools
from landfall.operating.sweeping.leftovers import sweep_raw
from landfall.operating.sweeping.rejects import sweep_quarantine
from landfall.operating.sweeping.sweep import FULL, LIGHT
from shared.layout import quarantine_key, raw_key
from shared.objects.store import GENERATION, ObjectStore
from shared.stages import Stage
from tests.histories import History
from tests.unit.operating.house import House

Check = Callable[[Tools], Awaitable[list[Finding]]]


def rows(file: History) -> tuple[str, str]:
    return "curated", f"lists/source=default/snapshot={file.file_id}/Lists.csv.parquet"


def member(file: History) -> tuple[str, str]:
    return "ingest", raw_key(file.file_id, "Lists.csv")


def rejects(file: History) -> tuple[str, str]:
    return "ingest", quarantine_key(file.file_id, "Lists.csv.0.dead")


EVERYWHERE = pytest.mark.parametrize(
    ("check", "left"), [(sweep_curated, rows), (sweep_raw, member), (sweep_quarantine, rejects)]
)


@EVERYWHERE
async def test_what_an_old_run_left_goes_once_its_file_is_at_rest(
    check: Check, left: Callable[[History], tuple[str, str]]
) -> None:
    house = House()
    file = house.history().through(Stage.NORMALIZE)
    house.s3.put(*left(file), b"left", {GENERATION: "0"})
    (finding,) = await house.fix(check)
    assert (finding.done, left(file) in house.s3.objects) == ("deleted", False)


@EVERYWHERE
async def test_what_an_old_run_left_stays_while_its_file_may_be_in_work_again(
    check: Check, left: Callable[[History], tuple[str, str]]
) -> None:
    house = House()
    file = house.history().through(Stage.NORMALIZE)
    house.s3.put(*left(file), b"left", {GENERATION: "0"})
    house.record_afresh(file)
    assert await house.fix(check) == []
    assert left(file) in house.s3.objects


@EVERYWHERE
async def test_what_may_be_adopted_while_the_sweep_looks_stays_whatever_the_clocks_say(
    monkeypatch: pytest.MonkeyPatch, check: Check, left: Callable[[History], tuple[str, str]]
) -> None:
    house = House()
    file = house.history().through(Stage.NORMALIZE)
    house.s3.put(*left(file), b"left", {GENERATION: "0"})

    async def recorded_meanwhile(store: ObjectStore, bucket: str, file_id: str) -> FileState | None:
        file.open(1, Stage.DECRYPT)
        return await state_of(store, bucket, file_id)

    monkeypatch.setattr("landfall.operating.sweeping.stillness.state_of", recorded_meanwhile)
    assert await house.fix(check) == []
    assert left(file) in house.s3.objects


def test_what_lies_about_is_cleared_away_before_anybody_is_asked_to_work() -> None:
    assert FULL[-len(LIGHT) :] == LIGHT
    assert set(FULL[: -len(LIGHT)]).isdisjoint(LIGHT)
