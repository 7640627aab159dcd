"""Tables as a Glue crawler writes them."""

from __future__ import annotations

from landfall.local.glue.columns import Column
from landfall.local.glue.definition import CrawlerDefinition
from landfall.local.glue.footers import Footer
from landfall.local.glue.listing import Folder, Found, Partition, arrange
from landfall.local.glue.tables import (
    CrawledTable,
    Sizes,
    crawled_table,
    partition_input,
    table_input,
    table_name,
    with_hash,
)

DEFINITION = CrawlerDefinition.model_validate(
    {"Name": "nightly", "DatabaseName": "db", "Targets": {"S3Targets": [{"Path": "s3://curated/"}]}}
)
SENT = Folder("curated", "sent/")
DAY = Partition(("ingest_date",), ("2026-01-31",), "s3://curated/sent/ingest_date=2026-01-31/")
COLUMNS = (Column("n", "bigint"),)
TABLE = CrawledTable("sent", SENT, COLUMNS, (), ("ingest_date",), {DAY: Sizes(objects=2, rows=10, bytes=500)})


def crawl(footers: dict[str, Footer | None]) -> CrawledTable | None:
    items = {Found("curated", key, '"e"', 100): footer for key, footer in footers.items()}
    tree = arrange(DEFINITION.targets.s3[0], 2, items)
    return crawled_table(SENT, tree[SENT], {item: footer for item, footer in items.items() if footer}, "")


def test_a_folder_without_parquet_is_no_table() -> None:
    assert crawl({"sent/ingest_date=1/readme.txt": None}) is None


def test_a_partition_without_parquet_is_not_registered() -> None:
    table = crawl({"sent/ingest_date=1/a": Footer(COLUMNS, 3), "sent/ingest_date=2/readme.txt": None})
    assert table is not None
    assert [partition.values for partition in table.partitions] == [("1",)]


def test_sizes_add_up_over_partitions() -> None:
    table = crawl(
        {"sent/d=1/a": Footer(COLUMNS, 3), "sent/d=1/b": Footer(COLUMNS, 4), "sent/d=2/c": Footer(COLUMNS, 5)}
    )
    assert table is not None
    assert table.sizes == Sizes(objects=3, rows=12, bytes=300)


def test_the_nesting_of_most_files_decides_the_partition_keys() -> None:
    table = crawl(
        {
            "sent/stray": Footer((Column("x", "string"),), 1),
            "sent/d=1/a": Footer(COLUMNS, 1),
            "sent/d=2/b": Footer(COLUMNS, 1),
        }
    )
    assert table is not None
    assert table.partition_keys == ("d",)
    assert table.columns == COLUMNS


def test_a_table_is_named_as_glue_names_it() -> None:
    assert table_name("sfmc_", "Sent-Events 2") == "sfmc_sent_events_2"


def test_a_second_folder_of_the_same_name_gets_the_hash_of_its_location() -> None:
    assert with_hash("sent", SENT) != with_hash("sent", Folder("curated", "other/sent/"))
    assert with_hash("sent", SENT).startswith("sent_")


def test_the_request_has_what_readers_of_parquet_need() -> None:
    request = table_input(TABLE, "sent", COLUMNS, DEFINITION, "run-1")
    storage = request["StorageDescriptor"]
    assert storage["Location"] == "s3://curated/sent/"
    assert storage["Columns"] == [{"Name": "n", "Type": "bigint"}]
    assert storage["InputFormat"] == "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    assert storage["OutputFormat"] == "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
    assert storage["SerdeInfo"]["SerializationLibrary"] == (
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    )
    assert request["TableType"] == "EXTERNAL_TABLE"
    assert request["PartitionKeys"] == [{"Name": "ingest_date", "Type": "string"}]


def test_the_request_says_who_made_it_and_of_what() -> None:
    parameters = table_input(TABLE, "sent", COLUMNS, DEFINITION, "run-1")["Parameters"]
    assert parameters["classification"] == "parquet"
    assert parameters["UPDATED_BY_CRAWLER"] == "nightly"
    assert (parameters["objectCount"], parameters["recordCount"], parameters["sizeKey"]) == ("2", "10", "500")


def test_a_partition_has_its_own_location_and_the_columns_of_the_table() -> None:
    request = partition_input(DAY, Sizes(1, 2, 3), COLUMNS, DEFINITION, "run-1")
    assert request["Values"] == ["2026-01-31"]
    assert request["StorageDescriptor"]["Location"] == DAY.location
    assert request["StorageDescriptor"]["Columns"] == [{"Name": "n", "Type": "bigint"}]
