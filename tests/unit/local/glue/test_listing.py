"""From keys to tables and partitions."""

from __future__ import annotations

import pytest

from landfall.local.glue.definition import S3Target
from landfall.local.glue.listing import Folder, Found, arrange

ROOT = S3Target(Path="s3://curated/")


def found(key: str) -> Found:
    return Found("curated", key, '"e"', 1)


def folders(target: S3Target, level: int | None, *keys: str) -> set[str]:
    return {folder.path for folder in arrange(target, level, [found(key) for key in keys])}


def test_level_two_makes_a_table_of_each_folder_below_the_bucket() -> None:
    assert folders(ROOT, 2, "sent/ingest_date=1/a", "sent/ingest_date=2/b", "opens/c") == {"sent/", "opens/"}


def test_objects_above_the_level_belong_to_no_table() -> None:
    assert folders(ROOT, 2, "readme", "sent/a") == {"sent/"}
    assert folders(ROOT, 3, "sent/a", "x/sent/a") == {"x/sent/"}


@pytest.mark.parametrize(("path", "table"), [("s3://curated/", ""), ("s3://curated/x/sent", "x/sent/")])
def test_without_a_level_the_include_path_is_the_table(path: str, table: str) -> None:
    assert folders(S3Target(Path=path), None, f"{table}a", f"{table}k=1/b") == {table}


def test_folders_named_key_equals_value_are_partitions() -> None:
    tree = arrange(ROOT, 2, [found("sent/Ingest_Date=2026-01-31/hour=07/a.parquet")])
    partition = next(iter(tree[Folder("curated", "sent/")]))
    assert partition.keys == ("ingest_date", "hour")
    assert partition.values == ("2026-01-31", "07")
    assert partition.location == "s3://curated/sent/Ingest_Date=2026-01-31/hour=07/"


def test_other_folders_are_numbered_partitions() -> None:
    tree = arrange(ROOT, 2, [found("sent/2026/day=31/a.parquet")])
    partition = next(iter(tree[Folder("curated", "sent/")]))
    assert partition.keys == ("partition_0", "day")
    assert partition.values == ("2026", "31")


def test_the_location_of_a_table_ends_in_a_slash() -> None:
    assert Folder("curated", "sent/").location == "s3://curated/sent/"


def test_a_table_at_the_root_is_named_after_the_bucket() -> None:
    assert Folder("curated", "").name == "curated"
    assert Folder("curated", "x/sent/").name == "sent"
