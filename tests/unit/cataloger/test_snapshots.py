"""Full refreshes replace each other by source and extract date; never another source's, never backwards."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cataloger.errors import ColumnsDiffer, TableElsewhere
from services.cataloger.needs import Need
from tests.doubles.glue import InMemoryGlue
from tests.unit.cataloger.files import COLUMNS, Lake, extract, snapshot

FIRST, SECOND = extract(30), extract(31)


async def switch(lake: Lake, needs: list[Need]) -> list[str]:
    """Switch, and return the codes of the notices."""
    return [notice.code for notice in (await lake.snapshots().switch(needs)).notices]


async def test_the_first_snapshot_makes_table_and_partition() -> None:
    lake = Lake()
    switched = await lake.snapshots().switch(lake.put(FIRST, snapshot(FIRST)))
    assert [each.table.location for each in switched.shown] == ["s3://curated/subscribers/"]
    assert lake.location() == snapshot(FIRST).location


async def test_a_newer_extract_takes_over() -> None:
    lake = Lake()
    await switch(lake, lake.put(FIRST, snapshot(FIRST)))
    assert await switch(lake, lake.put(SECOND, snapshot(SECOND))) == []
    assert lake.location() == snapshot(SECOND).location
    assert len(lake.glue.partitions) == 1


async def test_an_older_extract_that_comes_late_does_not_win_and_says_so() -> None:
    lake = Lake()
    await switch(lake, lake.put(SECOND, snapshot(SECOND)))
    assert await switch(lake, lake.put(FIRST, snapshot(FIRST))) == ["SNAPSHOT_SUPERSEDED"]
    assert lake.location() == snapshot(SECOND).location


async def test_sources_never_replace_each_other() -> None:
    lake = Lake()
    await switch(lake, lake.put(SECOND, snapshot(SECOND, "bu1")))
    await switch(lake, lake.put(FIRST, snapshot(FIRST, "bu2")))
    assert lake.location("bu1") == snapshot(SECOND, "bu1").location
    assert lake.location("bu2") == snapshot(FIRST, "bu2").location


async def test_switching_twice_changes_nothing() -> None:
    lake = Lake()
    needs = lake.put(FIRST, snapshot(FIRST))
    await switch(lake, needs)
    before = dict(lake.glue.tables), dict(lake.glue.partitions)
    assert await switch(lake, needs) == []
    assert (lake.glue.tables, lake.glue.partitions) == before


async def test_a_new_column_is_added_and_none_is_lost() -> None:
    lake = Lake()
    await switch(lake, lake.put(FIRST, snapshot(FIRST, columns={**COLUMNS, "old": "string"})))
    await switch(lake, lake.put(SECOND, snapshot(SECOND, columns={**COLUMNS, "new": "bigint"})))
    assert lake.glue.columns("subscribers") == {**COLUMNS, "old": "string", "new": "bigint"}


async def test_what_others_set_on_the_table_is_kept() -> None:
    lake = Lake()
    await switch(lake, lake.put(FIRST, snapshot(FIRST)))
    lake.glue.tables["subscribers"] |= {"Description": "ours", "Owner": "marketing"}
    await switch(lake, lake.put(SECOND, snapshot(SECOND)))
    table = lake.glue.tables["subscribers"]
    assert (table["Description"], table["Owner"]) == ("ours", "marketing")


async def test_a_column_of_another_type_stops_the_switch() -> None:
    lake = Lake()
    await switch(lake, lake.put(FIRST, snapshot(FIRST)))
    with pytest.raises(ColumnsDiffer, match="date_created"):
        await switch(lake, lake.put(SECOND, snapshot(SECOND, columns={"date_created": "date"})))
    assert lake.location() == snapshot(FIRST).location


async def test_a_table_at_another_place_is_not_touched() -> None:
    lake = Lake()
    await switch(lake, lake.put(FIRST, snapshot(FIRST)))
    lake.glue.tables["subscribers"]["StorageDescriptor"]["Location"] = "s3://elsewhere/subscribers/"
    before = dict(lake.glue.partitions)
    with pytest.raises(TableElsewhere):
        await switch(lake, lake.put(SECOND, snapshot(SECOND)))
    assert lake.glue.partitions == before


async def test_a_crash_between_decision_and_switch_is_healed_by_the_redelivery() -> None:
    class DiesBeforeMoving(InMemoryGlue):
        dead = False

        async def batch_update_partition(self, **arguments: object) -> object:
            if not self.dead:
                self.dead = True
                raise asyncio.CancelledError
            return await super().batch_update_partition(**arguments)  # type: ignore[arg-type]

    lake = Lake()
    lake.glue = DiesBeforeMoving()
    await switch(lake, lake.put(FIRST, snapshot(FIRST)))
    needs = lake.put(SECOND, snapshot(SECOND))
    with pytest.raises(asyncio.CancelledError):
        await switch(lake, needs)
    assert lake.location() == snapshot(FIRST).location  # readers still see the former one, whole
    assert await switch(lake, needs) == []
    assert lake.location() == snapshot(SECOND).location


async def test_a_burst_of_extracts_is_one_switch() -> None:
    lake = Lake()
    extracts = [extract(day) for day in range(1, 32)]
    tables = lake.snapshots()
    switched = await asyncio.gather(*(tables.switch(lake.put(each, snapshot(each))) for each in extracts))
    assert lake.location() == snapshot(extracts[-1]).location
    assert lake.glue.calls["UpdateTable"] + lake.glue.calls["CreateTable"] <= 2
    assert sum(len(each.notices) for each in switched) == len(extracts) - 1


@given(
    seed=st.integers(),
    files=st.lists(
        st.tuples(st.integers(1, 31), st.sampled_from(["bu1", "bu2"])), min_size=2, max_size=8, unique=True
    ),
)
async def test_whatever_races_the_newest_of_each_source_stands_and_readers_always_see_one(
    seed: int, files: list[tuple[int, str]]
) -> None:
    lake = Lake(chaos=Random(seed))
    needs = [(lake.put(extract(day), snapshot(extract(day), source)), source) for day, source in files]
    legal = {source: {snapshot(extract(day), source).location for day, _ in files} for _, source in files}
    racing = asyncio.gather(*(lake.snapshots().switch(each) for each, _ in needs))
    appeared: set[str] = set()
    while not racing.done():
        for (_, (source,)), partition in list(lake.glue.partitions.items()):
            assert partition["StorageDescriptor"]["Location"] in legal[source]
            appeared.add(source)
        assert appeared <= {values[0] for _, values in lake.glue.partitions}  # none disappears again
        await asyncio.sleep(0)
    await racing
    for source, days in {s: [day for day, each in files if each == s] for _, s in files}.items():
        assert lake.location(source) == snapshot(extract(max(days)), source).location
        assert lake.glue.partition_columns("subscribers", source) == COLUMNS


async def test_the_time_of_landing_does_not_make_an_older_extract_newer() -> None:
    lake = Lake()
    late = extract(30, landed_after=timedelta(days=9))
    await switch(lake, lake.put(SECOND, snapshot(SECOND)))
    assert await switch(lake, lake.put(late, snapshot(late))) == ["SNAPSHOT_SUPERSEDED"]
