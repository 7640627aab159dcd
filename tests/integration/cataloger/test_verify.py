"""``landfall verify`` finds what was tampered with, by file, and nothing where nothing was."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from landfall import cli
from landfall.commands import verify as command
from landfall.errors import OperatorError
from landfall.target import Target
from landfall.verifying.report import Verification
from landfall.verifying.verification import Scope, verify
from shared.identity import LandedFile
from shared.layout import manifest_key
from shared.stages import Stage
from tests.integration.cataloger.lake import Lake, event, message, parquet

ROWS = pa.table({"email_plain": ["a", "b", "c"], "send_id": [1, 2, 3]})
JANUARY = [datetime(2026, 1, day, 12, tzinfo=UTC) for day in (29, 30, 31)]


class House:
    """A lake with three files of three days in ``sent``, and three extracts of one source."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.sent: list[LandedFile] = []
        self.extracts: list[LandedFile] = []

    async def fill(self) -> None:
        async with self.lake.cataloger(catalog_mode="direct") as cataloger:
            for at in JANUARY:
                self.sent.append(self.lake.normalized("sent", "append", ROWS, at=at))
                key = f"landing/{at:%Y%m%d}_Extract.zip"
                self.extracts.append(self.lake.normalized("subscribers", "snapshot", ROWS, at=at, key=key))
                for file in (self.sent[-1], self.extracts[-1]):
                    await cataloger.handle(event(file), message())

    async def verify(self, dataset: str = "sent", since: date | None = None) -> Verification:
        lake = self.lake
        deployment = replace(
            lake.deployment, ingest_bucket=lake.ingest, curated_bucket=lake.curated, database=lake.name
        )
        return await verify(Scope(deployment, dataset, since, "this is a test"))

    def key_of(self, file: LandedFile) -> str:
        return self.lake.describe(file, "sent", "append", ROWS).object.key

    def delete_object(self) -> None:
        self.lake.clients.s3.delete_object(Bucket=self.lake.curated, Key=self.key_of(self.sent[1]))

    def keep_partition_but_swap_object(self) -> None:
        other = parquet(pa.table({"email_plain": ["a"], "send_id": [1]}))
        self.lake.clients.s3.put_object(Bucket=self.lake.curated, Key=self.key_of(self.sent[1]), Body=other)

    def put_stranger(self) -> None:
        key = "sent/ingest_date=2026-01-30/stranger.parquet"
        self.lake.clients.s3.put_object(Bucket=self.lake.curated, Key=key, Body=parquet(ROWS))

    def spoil_object(self) -> None:
        self.lake.clients.s3.put_object(
            Bucket=self.lake.curated, Key=self.key_of(self.sent[1]), Body=b"no Parquet"
        )

    def drop_partition(self) -> None:
        self.lake.clients.glue.delete_partition(
            DatabaseName=self.lake.name, TableName="sent", PartitionValues=["2026-01-30"]
        )

    def drop_table(self) -> None:
        self.lake.clients.glue.delete_table(DatabaseName=self.lake.name, Name="sent")


@pytest.fixture
async def house(lake: Lake) -> House:
    made = House(lake)
    await made.fill()
    return made


async def test_what_agrees_is_verified_and_says_what_was_compared(house: House) -> None:
    result = await house.verify()
    assert (result.verified, result.discrepancies, result.waiting) == (True, (), ())
    assert (result.compared.partitions, result.compared.objects, result.compared.manifests) == (3, 3, 3)
    assert (result.compared.rows_by_sql, result.compared.rows_by_manifests) == (9, 9)
    assert result.sql.latest_ingest_date == "2026-01-31"
    assert result.sql.sample.rows == (("a", "1"), ("b", "2"), ("c", "3"))
    assert "not Athena: this is a test" in result.rests_on


async def test_only_the_newest_snapshot_of_a_source_is_counted(house: House) -> None:
    result = await house.verify("subscribers")
    assert (result.verified, result.compared.objects, result.compared.rows_by_sql) == (True, 1, 3)


@pytest.mark.parametrize(
    ("tamper", "codes"),
    [
        (House.delete_object, {"OBJECT_MISSING", "PARTITION_EMPTY"}),
        (House.keep_partition_but_swap_object, {"OBJECT_CHANGED", "ROWS_DIFFER"}),
        (House.put_stranger, {"OBJECT_UNKNOWN"}),
        (House.spoil_object, {"OBJECT_CHANGED", "OBJECT_UNREADABLE"}),
        (House.drop_partition, {"NOT_REGISTERED"}),
        (House.drop_table, {"TABLE_MISSING"}),
    ],
    ids=["deleted", "swapped", "stranger", "spoilt", "partition", "table"],
)
async def test_what_was_tampered_with_is_found_by_file(
    house: House, tamper: Callable[[House], None], codes: set[str]
) -> None:
    tamper(house)
    result = await house.verify()
    assert not result.verified
    assert {each.code for each in result.discrepancies} == codes
    blamed = {each.file_id for each in result.discrepancies if each.file_id}
    assert blamed <= {house.sent[1].file_id}


async def test_a_source_that_shows_an_older_snapshot_is_found(house: House) -> None:
    lake = house.lake
    older = lake.describe(house.extracts[0], "subscribers", "snapshot", ROWS).location
    partition = lake.partitions("subscribers")[("default",)]
    lake.clients.glue.batch_update_partition(
        DatabaseName=lake.name,
        TableName="subscribers",
        Entries=[
            {
                "PartitionValueList": ["default"],
                "PartitionInput": {
                    "Values": ["default"],
                    "StorageDescriptor": {**partition["StorageDescriptor"], "Location": older},
                },
            }
        ],
    )
    (found,) = (await house.verify("subscribers")).discrepancies
    assert (found.code, found.file_id) == ("SNAPSHOT_NOT_NEWEST", house.extracts[2].file_id)


async def test_a_file_that_still_awaits_its_crawl_is_no_discrepancy(house: House) -> None:
    waiting = house.lake.normalized("sent", "append", ROWS, at=JANUARY[2])
    result = await house.verify()
    assert (result.verified, result.waiting) == (True, (waiting.file_id,))


async def test_a_file_that_the_cataloger_gave_up_is_one(house: House) -> None:
    failed = house.lake.normalized("sent", "append", ROWS, at=JANUARY[2])
    key = manifest_key(failed.file_id, Stage.CATALOG, 0).replace(".json", ".failed-1.json")
    house.lake.clients.s3.put_object(Bucket=house.lake.ingest, Key=key, Body=b"{}")
    (found,) = (await house.verify()).discrepancies
    assert (found.code, found.file_id) == ("NOT_CATALOGED", failed.file_id)


async def test_older_days_can_be_left_out(house: House) -> None:
    house.delete_object()
    result = await house.verify(since=date(2026, 1, 31))
    assert (result.verified, result.compared.partitions, result.compared.manifests) == (True, 1, 1)


async def test_a_dataset_that_nobody_knows_is_said_to_be_so(house: House) -> None:
    with pytest.raises(OperatorError, match="no table nosuch and no file has rows for it"):
        await house.verify("nosuch")


@pytest.fixture
def at_house(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Commands look at the house rather than at the whole stack."""
    lake = house.lake
    deployment = replace(
        lake.deployment, ingest_bucket=lake.ingest, curated_bucket=lake.curated, database=lake.name
    )
    monkeypatch.setattr(command, "find_target", lambda: Target(deployment, local=True))
    return house


def test_the_command_shows_what_was_compared(at_house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", "sent"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for fact in (
        f"table {at_house.lake.name}.sent at s3://{at_house.lake.curated}/sent/",
        "compared 3 partitions, 3 objects, 3 files' manifests",
        "rows 9 by SQL, 9 by the manifests",
        "rests on not Athena: an emulator's ignores the catalog and would prove nothing",
        "SQL count 9, latest ingest_date 2026-01-31",
        "verified catalog, objects and manifests agree",
    ):
        assert fact in shown


def test_the_command_names_each_discrepancy_and_ends_with_1(
    at_house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    at_house.delete_object()
    assert cli.main(["verify", "sent", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["verified"], told["compared"]["objects"], told["athena"]) == (False, 2, None)
    assert {(each["code"], each["file_id"]) for each in told["discrepancies"]} == {
        ("PARTITION_EMPTY", None),
        ("OBJECT_MISSING", at_house.sent[1].file_id),
    }


@pytest.mark.usefixtures("at_house")
def test_a_dataset_that_nobody_knows_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", "nosuch"]) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "There is no table nosuch and no file has rows for it" in told
    assert "Traceback" not in told
