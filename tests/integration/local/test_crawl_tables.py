"""Tables that the local Glue crawler makes of real Parquet in the emulator."""

from __future__ import annotations

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from landfall.local.stack import LocalStack
from landfall.waiting import wait_until
from tests.integration.local.lake import Lake
from tests.stack import Clients


def test_parquet_becomes_a_table_with_partitions(lake: Lake) -> None:
    lake.put("sent/ingest_date=2026-01-31/a.parquet", SendID=[1], email_sha256=["x"])
    lake.put("sent/ingest_date=2026-02-01/b.parquet", SendID=[2], email_sha256=["y"])
    assert lake.crawl()["State"] == "COMPLETED"
    assert lake.columns("sent") == {"sendid": "bigint", "email_sha256": "string"}
    assert lake.tables()["sent"]["StorageDescriptor"]["Location"] == f"s3://{lake.name}/sent/"
    assert {
        values: each["StorageDescriptor"]["Location"] for values, each in lake.partitions("sent").items()
    } == {
        "2026-01-31": f"s3://{lake.name}/sent/ingest_date=2026-01-31/",
        "2026-02-01": f"s3://{lake.name}/sent/ingest_date=2026-02-01/",
    }


def test_excluded_folders_make_no_table(lake: Lake) -> None:
    lake.put("subscribers/source=all/snapshot=1/a.parquet", n=[1])
    lake.crawl()
    assert lake.tables() == {}


def test_a_new_column_reaches_the_table_and_its_older_partitions(lake: Lake) -> None:
    lake.put("sent/ingest_date=1/a.parquet", n=[1])
    lake.crawl()
    lake.put("sent/ingest_date=2/b.parquet", n=[1], added=["x"])
    lake.crawl()
    assert lake.columns("sent") == {"n": "bigint", "added": "string"}
    assert [
        [column["Name"] for column in each["StorageDescriptor"]["Columns"]]
        for each in lake.partitions("sent").values()
    ] == [["n", "added"], ["n", "added"]]


def test_columns_that_a_table_has_keep_their_type_when_only_new_ones_may_be_added(clients: Clients) -> None:
    lake = Lake(clients)
    configuration = {
        "Version": 1.0,
        "Grouping": {"TableLevelConfiguration": 2},
        "CrawlerOutput": {"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}},
    }
    lake.glue.update_crawler(Name=lake.name, Configuration=json.dumps(configuration))
    lake.put("sent/ingest_date=2/a.parquet", n=[1])
    lake.crawl()
    lake.put("sent/ingest_date=1/b.parquet", n=["text"])
    lake.crawl()
    assert lake.columns("sent") == {"n": "bigint"}


def test_more_partitions_than_one_request_takes(lake: Lake) -> None:
    for number in range(120):
        lake.put(f"sent/ingest_date={number}/a.parquet", n=[1])
    lake.crawl()
    assert len(lake.partitions("sent")) == 120


def test_a_partition_that_somebody_else_registered_is_no_failure(lake: Lake) -> None:
    lake.put("sent/ingest_date=1/a.parquet", n=[1])
    lake.crawl()
    lake.put("sent/ingest_date=2/b.parquet", n=[1])
    lake.glue.create_partition(
        DatabaseName=lake.name,
        TableName="sent",
        PartitionInput={"Values": ["2"], "StorageDescriptor": {"Columns": [{"Name": "n", "Type": "bigint"}]}},
    )
    assert lake.crawl()["State"] == "COMPLETED"


@pytest.mark.parametrize("policy", ["LOG", "DEPRECATE_IN_DATABASE", "DELETE_FROM_DATABASE"])
def test_a_table_whose_objects_are_gone_is_treated_by_policy(clients: Clients, policy: str) -> None:
    lake = Lake(
        clients, SchemaChangePolicy={"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": policy}
    )
    lake.put("sent/a.parquet", n=[1])
    lake.crawl()
    lake.s3.delete_object(Bucket=lake.name, Key="sent/a.parquet")
    lake.crawl()
    tables = lake.tables()
    assert ("sent" in tables) == (policy != "DELETE_FROM_DATABASE")
    deprecated = [name for name, each in tables.items() if "DEPRECATED_BY_CRAWLER" in each["Parameters"]]
    assert deprecated == (["sent"] if policy == "DEPRECATE_IN_DATABASE" else [])


@pytest.mark.parametrize("policy", ["LOG", "DEPRECATE_IN_DATABASE", "DELETE_FROM_DATABASE"])
def test_a_partition_whose_objects_are_gone_is_dropped_only_if_the_policy_says_so(
    clients: Clients, policy: str
) -> None:
    lake = Lake(
        clients, SchemaChangePolicy={"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": policy}
    )
    for day in (1, 2, 3):
        lake.put(f"sent/ingest_date={day}/a.parquet", n=[1])
    lake.crawl()
    for day in (1, 2):
        lake.s3.delete_object(Bucket=lake.name, Key=f"sent/ingest_date={day}/a.parquet")
    changed = json.loads(lake.crawl()["Summary"])
    dropped = policy == "DELETE_FROM_DATABASE"
    assert set(lake.partitions("sent")) == ({"3"} if dropped else {"1", "2", "3"})
    assert ("DELETE" in changed.get("PARTITION", {})) == dropped


def test_a_table_that_the_crawler_did_not_make_is_never_deleted(clients: Clients) -> None:
    lake = Lake(
        clients,
        SchemaChangePolicy={"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DELETE_FROM_DATABASE"},
    )
    location = f"s3://{lake.name}/subscribers/"
    lake.glue.create_table(
        DatabaseName=lake.name,
        TableInput={"Name": "subscribers", "StorageDescriptor": {"Location": location}},
    )
    lake.crawl()
    assert set(lake.tables()) == {"subscribers"}


def test_a_table_that_may_not_be_updated_keeps_its_columns(clients: Clients) -> None:
    lake = Lake(clients, SchemaChangePolicy={"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"})
    lake.put("sent/a.parquet", n=[1])
    lake.crawl()
    lake.put("sent/b.parquet", n=[1], added=["x"])
    lake.crawl()
    assert lake.columns("sent") == {"n": "bigint"}


def test_another_folder_of_the_same_name_gets_a_table_of_its_own(lake: Lake) -> None:
    lake.glue.create_table(
        DatabaseName=lake.name,
        TableInput={"Name": "sent", "StorageDescriptor": {"Location": "s3://elsewhere/sent/"}},
    )
    lake.put("sent/a.parquet", n=[1])
    lake.crawl()
    locations = sorted(table["StorageDescriptor"]["Location"] for table in lake.tables().values())
    assert locations == ["s3://elsewhere/sent/", f"s3://{lake.name}/sent/"]


def test_the_deployed_crawler_makes_the_tables_of_the_curated_bucket(
    stack: LocalStack, clients: Clients
) -> None:
    deployment = stack.deployment
    sink = io.BytesIO()
    pq.write_table(pa.table({"n": [1]}), sink)
    for key in ("clicks/ingest_date=2026-01-31/a.parquet", "lists/source=x/snapshot=1/a.parquet"):
        clients.s3.put_object(Bucket=deployment.curated_bucket, Key=key, Body=sink.getvalue())
    clients.glue.start_crawler(Name=deployment.crawler)
    wait_until(
        lambda: clients.glue.get_crawler(Name=deployment.crawler)["Crawler"]["State"] == "READY" or None,
        within=30,
    )
    tables = clients.glue.get_tables(DatabaseName=deployment.database)["TableList"]
    assert "clicks" in {table["Name"] for table in tables}
    assert "lists" not in {table["Name"] for table in tables}
