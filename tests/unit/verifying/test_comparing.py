"""What of a table, beyond its objects, is a discrepancy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from landfall.verifying.comparing import Counted, compare
from landfall.verifying.expected import Expected
from landfall.verifying.registered import Registered
from services.cataloger.gluecatalog import Partition, Table
from services.cataloger.ordering import order_of
from services.cataloger.ties import Ties
from shared.objects.store import Listed
from tests.builders import landed
from tests.unit.cataloger.files import COLUMNS, DAY, appended, snapshot

FILE = landed()
CURATED = appended(FILE)
HOME = "s3://curated/sent/"
COLUMNS_OF = tuple(COLUMNS.items())


def table(**changes: Any) -> Table:
    facts: dict[str, Any] = {
        "name": "sent",
        "location": HOME,
        "columns": COLUMNS_OF,
        "keys": ("ingest_date",),
        "parameters": {},
        "version": "1",
        "in_lake_formation": False,
        "definition": {},
    }
    return Table(**(facts | changes))


def codes(
    table: Table,
    partition: Partition | None = None,
    columns: Mapping[str, str] = COLUMNS,
) -> list[str]:
    partition = partition or Partition((DAY,), CURATED.location, COLUMNS_OF)
    item = Listed(CURATED.object.key, 1, CURATED.object.etag, datetime(2026, 1, 31, tzinfo=UTC))
    expected = Expected(FILE.file_id, order_of(FILE), CURATED, cataloged=True, failed=False)
    found = Registered(table, {partition.values: partition}, {partition.values: {item.key: item}})
    counted = {item.key: Counted(1, columns)}
    return [each.code for each in compare(found, [expected], counted, HOME)]


def test_a_table_that_is_as_it_must_be_has_none() -> None:
    assert codes(table()) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"location": "s3://curated/"}, "TABLE_ELSEWHERE"),
        ({"in_lake_formation": True}, "UNFIT_FOR_CLEAN_ROOMS"),
        ({"columns": (*COLUMNS_OF, ("n", "int"))}, "UNFIT_FOR_CLEAN_ROOMS"),
    ],
)
def test_a_table_that_clean_rooms_would_refuse(changes: dict[str, Any], code: str) -> None:
    assert codes(table(**changes)) == [code]


def test_a_partition_outside_its_table() -> None:
    elsewhere = Partition((DAY,), "s3://curated/other/", COLUMNS_OF)
    assert "PARTITION_ELSEWHERE" in codes(table(), elsewhere)


def test_a_partition_that_types_a_column_otherwise_than_its_table() -> None:
    partition = Partition((DAY,), CURATED.location, (("email_plain", "bigint"),))
    assert "PARTITION_COLUMNS_DIFFER" in codes(table(), partition)


def test_an_object_with_a_column_that_the_table_lacks() -> None:
    assert codes(table(), columns={**COLUMNS, "extra": "string"}) == ["COLUMNS_DIFFER"]


def test_an_object_with_a_column_that_only_its_partition_lacks() -> None:
    narrow = Partition((DAY,), CURATED.location, COLUMNS_OF[:1])
    assert codes(table(), narrow) == ["COLUMNS_DIFFER"]


@pytest.mark.parametrize(("shown", "codes"), [(0, ["SNAPSHOT_NOT_NEWEST"]), (1, [])])
def test_of_snapshots_of_one_second_the_one_that_is_newer_to_s3_must_be_shown(
    shown: int, codes: list[str]
) -> None:
    files = sorted((landed(version="v1"), landed(version="v2")), key=order_of, reverse=True)
    older, newer = files  # by S3, unlike their ids
    snapshots = [snapshot(file) for file in files]
    ties = Ties(frozenset({(order_of(older), order_of(newer))}))
    partition = Partition(("default",), snapshots[shown].location, COLUMNS_OF)
    item = Listed(snapshots[shown].object.key, 1, "e", datetime(2026, 1, 31, tzinfo=UTC))
    expected = [
        Expected(file.file_id, order_of(file), curated, cataloged=True, failed=False)
        for file, curated in zip(files, snapshots, strict=True)
    ]
    at = table(name="subscribers", location="s3://curated/subscribers/", keys=("source",))
    found = Registered(at, {partition.values: partition}, {partition.values: {item.key: item}})
    told = compare(found, expected, {item.key: Counted(1, COLUMNS)}, at.location, ties)
    assert [each.code for each in told] == codes
