"""Direct mode: tables, columns and partitions through the Glue API, added in batches; nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cataloger.errors import (
    ColumnsDiffer,
    DatabaseMissing,
    PartitionElsewhere,
    PartitionEmpty,
    TableElsewhere,
    UnfitForCleanRooms,
)
from shared.errors import AwsAccessDenied, AwsUnavailable
from tests.builders import LANDED_AT, landed
from tests.doubles.glue import InMemoryGlue
from tests.doubles.s3 import failure
from tests.unit.cataloger.files import COLUMNS, DAY, Lake, appended

FILE = landed("landing/20260131_Extract.zip", "v1")
WIDER = {**COLUMNS, "added": "bigint"}


def later(number: int) -> Any:
    return landed(f"landing/{number}.zip", f"v{number}", LANDED_AT)


async def test_the_first_file_makes_table_and_partition() -> None:
    lake = Lake()
    (shown,) = await lake.tables().bring_up(lake.put(FILE, appended(FILE)))
    assert (shown.table.database, shown.table.table, shown.table.columns) == ("landfall", "sent", 2)
    partition = lake.glue.partitions["sent", (DAY,)]
    assert partition["StorageDescriptor"]["Location"] == f"s3://curated/sent/ingest_date={DAY}/"


async def test_a_file_that_is_covered_already_changes_nothing() -> None:
    lake = Lake()
    await lake.tables().bring_up(lake.put(FILE, appended(FILE)))
    lake.glue.calls.clear()
    await lake.tables().bring_up(lake.put(later(2), appended(later(2))))
    assert lake.glue.calls == {"GetTable": 1, "BatchGetPartition": 1}


async def test_a_new_column_reaches_the_table_and_all_of_its_partitions() -> None:
    lake = Lake()
    for day in ("2026-01-29", "2026-01-30"):
        await lake.tables().bring_up(lake.put(FILE, appended(FILE, day=day)))
    await lake.tables().bring_up(lake.put(FILE, appended(FILE, columns=WIDER)))
    assert lake.glue.columns("sent") == WIDER
    days = ("2026-01-29", "2026-01-30", DAY)
    assert [lake.glue.partition_columns("sent", day) for day in days] == [WIDER] * 3


async def test_a_file_with_fewer_columns_takes_none_away() -> None:
    lake = Lake()
    await lake.tables().bring_up(lake.put(FILE, appended(FILE, columns=WIDER)))
    await lake.tables().bring_up(lake.put(FILE, appended(FILE, day="2026-02-01")))
    assert lake.glue.columns("sent") == WIDER
    assert lake.glue.partition_columns("sent", "2026-02-01") == WIDER


async def test_a_type_change_is_refused_and_says_which_column() -> None:
    lake = Lake()
    await lake.tables().bring_up(lake.put(FILE, appended(FILE)))
    with pytest.raises(ColumnsDiffer, match="sent has another type for date_created"):
        await lake.tables().bring_up(lake.put(FILE, appended(FILE, columns={"date_created": "date"})))
    assert lake.glue.columns("sent") == COLUMNS


async def test_one_file_with_another_type_fails_alone() -> None:
    lake = Lake()
    tables = lake.tables()
    good, bad = lake.put(FILE, appended(FILE)), lake.put(later(2), appended(later(2), columns={"a": "date"}))
    worse = lake.put(later(3), appended(later(3), columns={"a": "string"}))
    outcomes = await asyncio.gather(*map(tables.bring_up, (good, bad, worse)), return_exceptions=True)
    assert [isinstance(each, ColumnsDiffer) for each in outcomes] == [False, False, True]
    assert lake.glue.columns("sent") == {**COLUMNS, "a": "date"}


async def test_a_thousand_files_cost_a_few_calls() -> None:
    lake = Lake()
    tables = lake.tables()
    needs = [lake.put(FILE, appended(FILE, day=f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}")) for n in range(1000)]
    await asyncio.gather(*map(tables.bring_up, needs))
    assert lake.glue.calls.total() <= 10
    assert len(lake.glue.partitions) == 84


async def test_partitions_that_one_answer_has_no_room_for_are_not_taken_for_missing() -> None:
    lake = Lake()
    days = [f"2026-01-{day:02}" for day in range(1, 21)]
    needs = lake.put(FILE, *(appended(FILE, day=day) for day in days))
    await lake.tables().bring_up(needs)
    lake.glue.room = 7
    assert len(await lake.tables().look(needs)) == 20


async def test_writers_in_other_tasks_that_came_first_are_no_failure() -> None:
    class Late(InMemoryGlue):
        """Somebody else creates whatever we are about to create."""

        async def create_table(self, **arguments: Any) -> Any:
            if not self.tables:
                await super().create_table(**arguments)
            return await super().create_table(**arguments)

        async def batch_create_partition(self, **arguments: Any) -> Any:
            await super().batch_create_partition(**arguments)
            return await super().batch_create_partition(**arguments)

    lake = Lake()
    lake.glue = Late()
    (shown,) = await lake.tables().bring_up(lake.put(FILE, appended(FILE)))
    assert shown.table.partition == {"ingest_date": DAY}


@given(
    seed=st.integers(),
    files=st.lists(
        st.tuples(st.sampled_from(["2026-01-30", DAY]), st.sets(st.sampled_from("abcdef"))),
        min_size=2,
        max_size=6,
    ),
)
async def test_concurrent_writers_lose_nothing(seed: int, files: Sequence[tuple[str, set[str]]]) -> None:
    lake = Lake(chaos=Random(seed))
    await lake.tables().bring_up(lake.put(FILE, appended(FILE, day="2025-12-31")))
    wanted = [(day, {**COLUMNS, **dict.fromkeys(sorted(extra), "string")}) for day, extra in files]
    needs = [lake.put(FILE, appended(FILE, day=day, columns=columns)) for day, columns in wanted]
    await asyncio.gather(*(lake.tables().bring_up(each) for each in needs))
    every = {name: kind for _, columns in wanted for name, kind in columns.items()}
    assert lake.glue.columns("sent") == every
    for day in {"2025-12-31", *(day for day, _ in wanted)}:
        assert lake.glue.partition_columns("sent", day) == every


async def test_a_partition_registered_elsewhere_is_not_moved() -> None:
    lake = Lake()
    needs = lake.put(FILE, appended(FILE))
    await lake.tables().bring_up(needs)
    lake.glue.partitions["sent", (DAY,)]["StorageDescriptor"]["Location"] = "s3://curated/other/"
    with pytest.raises(PartitionElsewhere):
        await lake.tables().bring_up(needs)


async def test_a_table_partitioned_otherwise_is_refused() -> None:
    lake = Lake()
    needs = lake.put(FILE, appended(FILE))
    await lake.tables().bring_up(needs)
    lake.glue.tables["sent"]["PartitionKeys"] = [{"Name": "day", "Type": "string"}]
    with pytest.raises(TableElsewhere, match="not partitioned by ingest_date"):
        await lake.tables().bring_up(needs)


async def test_a_partition_without_an_object_is_noticed() -> None:
    lake = Lake()
    needs = lake.put(FILE, appended(FILE))
    lake.s3.versions["curated", appended(FILE).object.key].clear()
    with pytest.raises(PartitionEmpty):
        await lake.tables().bring_up(needs)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"n": "int"}, "n has the type int"),
        ({"E-Mail": "string"}, "E-Mail is no name there"),
    ],
    ids=["type", "name"],
)
async def test_what_clean_rooms_refuses_is_not_written(columns: dict[str, str], reason: str) -> None:
    lake = Lake()
    with pytest.raises(UnfitForCleanRooms, match=reason):
        await lake.tables().bring_up(lake.put(FILE, appended(FILE, columns=columns)))
    assert lake.glue.tables == {}


async def test_a_table_may_have_more_columns_than_an_allow_list_of_clean_rooms() -> None:
    lake = Lake()
    first, second = ({f"{letter}{n}": "string" for n in range(60)} for letter in "ab")
    await lake.tables().bring_up(lake.put(FILE, appended(FILE, columns=first)))

    (shown,) = await lake.tables().bring_up(lake.put(later(2), appended(later(2), columns=second)))

    assert shown.table.columns == 120


async def test_a_location_in_lake_formation_is_refused() -> None:
    lake = Lake()
    needs = lake.put(FILE, appended(FILE))
    await lake.tables().bring_up(needs)
    lake.glue.tables["sent"]["IsRegisteredWithLakeFormation"] = True
    with pytest.raises(UnfitForCleanRooms, match="Lake Formation"):
        await lake.tables().look(needs)


async def test_a_database_that_is_not_there_is_named() -> None:
    class NoDatabase(InMemoryGlue):
        async def create_table(self, **arguments: Any) -> Any:
            raise failure("CreateTable", "EntityNotFoundException", 400)

    lake = Lake()
    lake.glue = NoDatabase()
    with pytest.raises(DatabaseMissing, match="landfall"):
        await lake.tables().bring_up(lake.put(FILE, appended(FILE)))


@pytest.mark.parametrize(
    ("code", "error"),
    [("InternalServiceException", AwsUnavailable), ("AccessDeniedException", AwsAccessDenied)],
)
async def test_an_entry_that_a_batch_refuses_is_a_failure_of_its_kind(
    code: str, error: type[Exception]
) -> None:
    class Refuses(InMemoryGlue):
        async def batch_create_partition(self, **arguments: Any) -> Any:
            return {"Errors": [{"PartitionValues": [DAY], "ErrorDetail": {"ErrorCode": code}}]}

    lake = Lake()
    lake.glue = Refuses()
    with pytest.raises(error, match="BatchCreatePartition"):
        await lake.tables().bring_up(lake.put(FILE, appended(FILE)))
