"""A snapshot never replaces rows by nearly none in silence: it is held back until somebody accepts it."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cataloger.errors import PartitionEmpty
from services.cataloger.needs import Need
from services.cataloger.snapshots import Switched
from shared.layout import manifest_key
from shared.manifests import CatalogManifest, CuratedObject, RowCounts
from shared.stages import Stage
from tests.unit.cataloger.files import COLUMNS, Lake, extract, snapshot

FIRST, SECOND, THIRD = extract(29), extract(30), extract(31)


async def switch(lake: Lake, needs: list[Need]) -> Switched:
    return await lake.snapshots().switch(needs)


async def lake_with(rows: int) -> Lake:
    """One whose current snapshot has so many rows."""
    lake = Lake()
    await switch(lake, lake.put(FIRST, snapshot(FIRST, rows=rows, min_rows_share=0.0)))
    return lake


def entry(lake: Lake) -> dict[str, object]:
    """The register's entry of the only source."""
    parameters = lake.glue.tables["subscribers"]["Parameters"]
    (text,) = [text for name, text in parameters.items() if name.startswith("landfall_snapshot_")]
    found: dict[str, object] = json.loads(text)
    return found


def forget(lake: Lake, *names: str) -> None:
    """Make the register's entry one of an earlier release."""
    parameters = lake.glue.tables["subscribers"]["Parameters"]
    (name,) = [name for name in parameters if name.startswith("landfall_snapshot_")]
    kept = {key: value for key, value in json.loads(parameters[name]).items() if key not in names}
    parameters[name] = json.dumps(kept)


@pytest.mark.parametrize(
    ("before", "rows", "share", "held_back"),
    [
        pytest.param(1000, 0, None, True, id="none"),
        pytest.param(1000, 499, None, True, id="just below the half, which is the default"),
        pytest.param(1000, 500, None, False, id="the half"),
        pytest.param(1000, 2000, None, False, id="more"),
        pytest.param(3, 1, None, True, id="one of three"),
        pytest.param(1, 1, None, False, id="one of one"),
        pytest.param(1000, 899, 0.9, True, id="just below the recipe's share"),
        pytest.param(1000, 900, 0.9, False, id="the recipe's share"),
        pytest.param(1000, 0, 0.0, False, id="none, where the recipe has switched it off"),
        pytest.param(0, 0, None, False, id="none after none"),
    ],
)
async def test_a_snapshot_is_held_back_below_the_recipes_share_of_the_current_rows(
    before: int, rows: int, share: float | None, held_back: bool
) -> None:
    lake = await lake_with(before)

    switched = await switch(lake, lake.put(SECOND, snapshot(SECOND, rows=rows, min_rows_share=share)))

    assert bool(switched.held_back) == held_back
    assert lake.location() == snapshot(FIRST if held_back else SECOND).location


async def test_nothing_changes_in_glue_where_a_snapshot_is_held_back() -> None:
    lake = await lake_with(10)
    before = dict(lake.glue.tables), dict(lake.glue.partitions)

    wider = snapshot(SECOND, rows=1, columns={**COLUMNS, "added": "bigint"})
    switched = await switch(lake, lake.put(SECOND, wider))

    assert len(switched.held_back) == 1
    assert (lake.glue.tables, lake.glue.partitions) == before


async def test_the_message_has_the_dataset_both_counts_and_the_command() -> None:
    lake = await lake_with(1234)

    (refused,) = (await switch(lake, lake.put(SECOND, snapshot(SECOND, rows=1)))).held_back

    command = f"landfall replay {SECOND.file_id} --accept-shrink --because TEXT"
    assert refused.message == (
        "subscribers, source default: 1 row would replace 1,234: the snapshot is held back; "
        f"the recipe's min_rows_share is 0.5. To accept it: {command}"
    )


@pytest.mark.parametrize(("rows", "share", "held_back"), [(0, None, 1), (1, None, 0), (0, 0.0, 0)])
async def test_a_first_snapshot_is_held_back_only_without_a_row(
    rows: int, share: float | None, held_back: int
) -> None:
    lake = Lake()

    switched = await switch(lake, lake.put(FIRST, snapshot(FIRST, rows=rows, min_rows_share=share)))

    assert len(switched.held_back) == held_back
    assert bool(lake.glue.tables) != bool(held_back)


async def test_filtered_rows_and_duplicates_do_not_hold_a_snapshot_back_and_rejected_ones_do() -> None:
    filtered = RowCounts(rows_in=100, rows_out=1, filtered=90, duplicates=9)
    rejected = RowCounts(rows_in=100, rows_out=40, rejected=60)
    lake = await lake_with(100)

    assert (
        await switch(lake, lake.put(THIRD, snapshot(THIRD).model_copy(update={"rows": rejected})))
    ).held_back
    assert not (
        await switch(lake, lake.put(SECOND, snapshot(SECOND).model_copy(update={"rows": filtered})))
    ).held_back


def parts(rows: list[int], file: int) -> list[CuratedObject]:
    """Members of one file that go to the same source."""
    whole = snapshot(extract(file))
    return [
        whole.model_copy(
            update={
                "member": f"Subscribers{n}.csv",
                "object": whole.object.model_copy(update={"key": f"{whole.object.key}{n}"}),
                "rows": RowCounts(rows_in=count, rows_out=count),
            }
        )
        for n, count in enumerate(rows)
    ]


async def test_members_of_one_source_are_counted_together_on_both_sides() -> None:
    lake = Lake()
    await switch(lake, lake.put(FIRST, *parts([60, 40], 29)))

    assert not (await switch(lake, lake.put(SECOND, *parts([20, 20, 10], 30)))).held_back
    assert (await switch(lake, lake.put(THIRD, *parts([12, 12], 31)))).held_back


async def test_sources_are_compared_each_with_its_own() -> None:
    lake = Lake()
    await switch(lake, lake.put(FIRST, snapshot(FIRST, "bu1", rows=100), snapshot(FIRST, "bu2", rows=3)))

    switched = await switch(
        lake, lake.put(SECOND, snapshot(SECOND, "bu1", rows=3), snapshot(SECOND, "bu2", rows=3))
    )

    assert ["source bu1" in each.message for each in switched.held_back] == [True]
    assert [each.need.values for each in switched.shown] == [("bu2",)]
    assert lake.location("bu1") == snapshot(FIRST, "bu1").location
    assert lake.location("bu2") == snapshot(SECOND, "bu2").location


async def test_an_accepted_snapshot_replaces_the_current_one_and_says_so() -> None:
    lake = await lake_with(100)

    switched = await switch(lake, lake.put(SECOND, snapshot(SECOND, rows=0), accepts_shrink=True))

    assert [notice.code for notice in switched.notices] == ["SHRINK_ACCEPTED"]
    assert lake.location() == snapshot(SECOND).location


async def test_what_follows_an_accepted_snapshot_is_compared_with_that() -> None:
    lake = await lake_with(100)
    await switch(lake, lake.put(SECOND, snapshot(SECOND, rows=4), accepts_shrink=True))

    assert not (await switch(lake, lake.put(THIRD, snapshot(THIRD, rows=3)))).held_back


async def test_an_older_extract_is_superseded_and_not_held_back() -> None:
    lake = await lake_with(1)
    await switch(lake, lake.put(THIRD, snapshot(THIRD, rows=100)))

    switched = await switch(lake, lake.put(SECOND, snapshot(SECOND, rows=0)))

    assert ([notice.code for notice in switched.notices], switched.held_back) == (["SNAPSHOT_SUPERSEDED"], [])


async def test_a_snapshot_that_was_held_back_is_superseded_once_a_newer_one_counts() -> None:
    lake = await lake_with(100)
    refused = lake.put(SECOND, snapshot(SECOND, rows=0))
    assert (await switch(lake, refused)).held_back
    await switch(lake, lake.put(THIRD, snapshot(THIRD, rows=100)))

    assert [notice.code for notice in (await switch(lake, refused)).notices] == ["SNAPSHOT_SUPERSEDED"]


async def test_the_current_snapshots_own_file_is_not_compared_again() -> None:
    lake = await lake_with(100)
    needs = lake.put(SECOND, snapshot(SECOND, rows=1), accepts_shrink=True)
    await switch(lake, needs)

    again = await switch(lake, lake.put(SECOND, snapshot(SECOND, rows=1)))

    assert (again.held_back, again.notices) == ([], [])


async def test_the_current_files_rows_normalised_once_more_are_compared_with_those_that_were_accepted() -> (
    None
):
    lake = await lake_with(100)

    refused = await switch(lake, lake.put(FIRST, snapshot(FIRST, rows=7), generation=1))
    assert "has 7 rows instead of 100" in refused.held_back[0].message
    smaller = await switch(lake, lake.put(SECOND, snapshot(SECOND, rows=7)))
    assert len(smaller.held_back) == 1  # the rows that were refused are no measure

    accepted = await switch(lake, lake.put(FIRST, snapshot(FIRST, rows=7), generation=1, accepts_shrink=True))
    assert [notice.code for notice in accepted.notices] == ["SHRINK_ACCEPTED"]
    assert entry(lake)["generation"] == 1
    assert not (await switch(lake, lake.put(SECOND, snapshot(SECOND, rows=7)))).held_back


async def test_an_entry_of_an_earlier_release_is_compared_by_what_was_catalogued_last() -> None:
    lake = await lake_with(100)
    forget(lake, "generation", "previous")
    lake.put(FIRST, snapshot(FIRST, rows=7), generation=1)  # not catalogued yet
    cataloged = CatalogManifest(
        file=FIRST,
        generation=0,
        fingerprint="f",
        attempt=1,
        tables=(),
        started_at=FIRST.landed_at,
        finished_at=FIRST.landed_at,
    )
    key = manifest_key(FIRST.file_id, Stage.CATALOG, 0)
    lake.s3.put(FIRST.bucket, key, cataloged.model_dump_json().encode())

    assert len((await switch(lake, lake.put(SECOND, snapshot(SECOND, rows=7)))).held_back) == 1


async def test_an_entry_of_an_earlier_release_stays_as_it_is_for_its_own_file() -> None:
    lake = await lake_with(100)
    forget(lake, "generation", "previous")
    before = dict(lake.glue.tables)

    switched = await switch(lake, lake.put(FIRST, snapshot(FIRST, rows=100)))

    assert (switched.held_back, switched.notices, lake.glue.tables) == ([], [], before)


@pytest.mark.parametrize("body", [None, b"{}"])
@pytest.mark.parametrize(("rows", "held_back"), [(0, True), (1, False)])
async def test_where_no_manifest_tells_the_current_rows_only_an_empty_snapshot_is_held_back(
    rows: int, held_back: bool, body: bytes | None
) -> None:
    lake = await lake_with(100)
    key = FIRST.bucket, manifest_key(FIRST.file_id, Stage.NORMALIZE, 0)
    if body is None:
        lake.s3.versions.pop(key)
    else:
        lake.s3.put(*key, body)

    switched = await switch(lake, lake.put(SECOND, snapshot(SECOND, rows=rows)))

    assert bool(switched.held_back) == held_back
    codes = [notice.code for notice in switched.notices]
    assert codes == ([] if held_back else ["SNAPSHOT_NOT_COMPARED"])


async def test_a_snapshot_whose_rows_are_gone_never_becomes_the_current_one() -> None:
    lake = await lake_with(100)
    needs = lake.put(SECOND, snapshot(SECOND, rows=0), accepts_shrink=True)
    lake.s3.versions.pop(("curated", snapshot(SECOND).object.key))

    with pytest.raises(PartitionEmpty):
        await switch(lake, needs)

    assert lake.location() == snapshot(FIRST).location


async def test_a_snapshot_that_was_held_back_goes_with_a_newer_one_once_the_grace_is_over() -> None:
    grace = timedelta(hours=12)
    lake = Lake()
    lake.time = THIRD.landed_at
    lake.put(SECOND, snapshot(SECOND, rows=0))

    async def land(rows: int, day: int) -> None:
        snapshots, file = lake.snapshots(grace), extract(day)
        switched = await snapshots.switch(lake.put(file, snapshot(file, rows=rows)))
        await snapshots.clear(switched, file.bucket)

    await land(100, 29)
    lake.time += grace
    await land(0, 30)
    assert ("curated", snapshot(SECOND).object.key) in lake.s3.objects
    lake.time += grace
    await land(100, 31)

    assert ("curated", snapshot(SECOND).object.key) not in lake.s3.objects
    assert ("curated", snapshot(FIRST).object.key) in lake.s3.objects  # just replaced


@given(seed=st.integers(), rows=st.permutations([100, 60, 0, 0]))
async def test_whatever_races_an_empty_snapshot_never_shows(seed: int, rows: list[int]) -> None:
    lake = Lake(chaos=Random(seed))
    base = extract(1)
    await switch(lake, lake.put(base, snapshot(base, rows=100)))
    files = {extract(2 + n): count for n, count in enumerate(rows)}
    empty = {snapshot(file).location for file, count in files.items() if not count}
    needs = [lake.put(file, snapshot(file, rows=count)) for file, count in files.items()]

    racing: asyncio.Future[list[Switched]] = asyncio.gather(*(switch(lake, each) for each in needs))
    while not racing.done():
        assert lake.location() not in empty
        await asyncio.sleep(0)

    await racing
    newest = max((file for file, count in files.items() if count), key=lambda file: file.key)
    assert lake.location() == snapshot(newest).location
