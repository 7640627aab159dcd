"""What a normalised file asks of the catalog."""

from __future__ import annotations

import pytest

from services.cataloger.errors import ColumnsDiffer
from services.cataloger.needs import needs_of
from tests.unit.cataloger.files import appended, extract, normalized, snapshot

FILE = extract(31)


def test_members_that_go_to_the_same_partition_are_one_need() -> None:
    (need,) = needs_of(normalized(FILE, appended(FILE), appended(FILE)))
    assert need.partition == {"ingest_date": "2026-01-31"}


def test_their_columns_come_together() -> None:
    first, second = (
        appended(FILE, columns={"a": "string"}),
        appended(FILE, columns={"a": "string", "b": "date"}),
    )
    (need,) = needs_of(normalized(FILE, first, second))
    assert need.columns == (("a", "string"), ("b", "date"))


def test_members_that_contradict_each_other_are_refused() -> None:
    first, second = appended(FILE, columns={"a": "string"}), appended(FILE, columns={"a": "date"})
    with pytest.raises(ColumnsDiffer, match="a"):
        needs_of(normalized(FILE, first, second))


def test_only_snapshots_are_compared() -> None:
    orders = [
        need.snapshot is not None for need in needs_of(normalized(FILE, appended(FILE), snapshot(FILE)))
    ]
    assert orders == [False, True]


def test_the_table_lies_at_the_whole_datasets_folder() -> None:
    needs = needs_of(normalized(FILE, appended(FILE), snapshot(FILE)))
    assert [each.table_location for each in needs] == ["s3://curated/sent/", "s3://curated/subscribers/"]


def test_thousands_of_files_share_the_memory_of_their_columns() -> None:
    first, second = (needs_of(normalized(extract(day), appended(extract(day))))[0] for day in (1, 2))
    assert first.columns is second.columns
