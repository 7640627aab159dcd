"""The daily file that did not come is found: by what is set, or by the days before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from landfall.errors import OperatorError
from landfall.operating.sweeping.arrivals import Arrivals
from landfall.operating.sweeping.findings import Finding, Kind
from landfall.operating.sweeping.overdue import learnt_interval, parse_expected, sweep_overdue
from shared.layout import ARRIVALS, manifest_key
from shared.objects.store import ObjectStore
from shared.stages import Stage
from tests.doubles.s3 import EPOCH
from tests.histories import History
from tests.unit.operating.house import House

DAY = timedelta(days=1)
DAILY = {"SalesForce/daily": timedelta(hours=26)}


class Feed:
    """A deployment whose sweep comes every so often, with a clock of its own."""

    def __init__(self, expected: Mapping[str, timedelta | None] | None = None) -> None:
        self.house = House()
        self.expected = expected or {}

    def land(self, at: datetime, key: str = "landing/SalesForce/daily/x.zip", *, keep: bool = False) -> None:
        """A file comes, and is archived at once unless it is kept in landing/."""
        file = History(self.house.s3, key)
        self.house.s3.change_newest("ingest", key, last_modified=at)
        if keep:
            return
        file.file = file.file.model_copy(update={"landed_at": at})
        file.file_id = file.file.file_id
        file.through(Stage.ARCHIVE)
        for stage in Stage:
            at_once = manifest_key(file.file_id, stage, 0)
            self.house.s3.change_newest("ingest", at_once, last_modified=at)
        del self.house.s3.versions["ingest", key]

    async def sweep(self, at: datetime, *, announce: bool = True) -> list[Finding]:
        days = tuple((at - timedelta(days=n)).date() for n in range(4))
        tools = replace(
            self.house.tools(announce=announce), now=at, days=days, expected=self.expected, surveyed=[]
        )
        return await sweep_overdue(tools)

    async def pages(self, at: datetime) -> int:
        """How many folders are an alarm."""
        return sum(each.alarms for each in await self.sweep(at))

    async def daily(self, days: int, key: str = "landing/SalesForce/daily/x.zip") -> datetime:
        """A file a day with sweeps after each; returns when the last one came."""
        for day in range(days):
            self.land(EPOCH + day * DAY, key)
            assert await self.sweep(EPOCH + day * DAY + timedelta(minutes=30)) == []
        return EPOCH + (days - 1) * DAY


async def test_a_folder_that_had_a_file_a_day_is_overdue_when_the_next_does_not_come() -> None:
    feed = Feed()
    last = await feed.daily(6)
    assert await feed.sweep(last + timedelta(hours=26)) == []
    (finding,) = await feed.sweep(last + timedelta(hours=27))
    assert (finding.kind, finding.alarms) == (Kind.FILE_OVERDUE, True)
    assert finding.where == "s3://ingest/landing/SalesForce/daily/"
    assert "no file for 27 h, expected every 26 h by the days before" in finding.detail


async def test_it_is_overdue_no_longer_when_the_file_has_come() -> None:
    feed = Feed()
    last = await feed.daily(6)
    assert await feed.pages(last + timedelta(hours=27)) == 1
    feed.land(last + timedelta(hours=28))
    assert await feed.sweep(last + timedelta(hours=28, minutes=1)) == []


async def test_a_file_that_came_and_fails_or_waits_has_come() -> None:
    feed = Feed()
    last = await feed.daily(6)
    feed.land(last + timedelta(hours=26), keep=True)
    assert await feed.sweep(last + timedelta(hours=27)) == []


async def test_a_deployment_without_history_expects_nothing() -> None:
    assert await Feed().sweep(EPOCH) == []


async def test_a_folder_that_is_set_before_its_first_file_is_said_and_no_alarm() -> None:
    (finding,) = await Feed(DAILY).sweep(EPOCH)
    assert not finding.alarms
    assert "no file has been seen there yet" in finding.detail


async def test_one_file_is_enough_where_the_interval_is_set() -> None:
    feed = Feed(DAILY)
    feed.land(EPOCH)
    assert await feed.sweep(EPOCH + timedelta(hours=26)) == []
    assert await feed.pages(EPOCH + timedelta(hours=26, minutes=1)) == 1


async def test_folders_in_a_set_folder_are_a_part_of_it() -> None:
    feed = Feed(DAILY)
    feed.land(EPOCH, "landing/SalesForce/daily/2026-01-31/x.zip")
    feed.land(EPOCH + DAY, "landing/SalesForce/daily/2026-02-01/x.zip")
    feed.land(EPOCH + DAY, "landing/SalesForce/daily-extra/x.zip")
    assert await feed.sweep(EPOCH + DAY + timedelta(hours=25)) == []
    assert await feed.pages(EPOCH + DAY + timedelta(hours=27)) == 1


@pytest.mark.parametrize(("expected", "interval"), [({}, 26), (DAILY, 26)], ids=["learnt", "set"])
async def test_a_folder_that_stopped_for_good_is_an_alarm_for_three_missed_files_only(
    expected: dict[str, timedelta | None], interval: int
) -> None:
    feed = Feed(expected)
    last = await feed.daily(6)
    due = [await feed.pages(last + timedelta(hours=n * interval, minutes=30)) for n in range(12)]
    assert due == [0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    assert await feed.pages(last + 40 * DAY) == 0


async def test_the_root_of_landing_is_a_folder_too() -> None:
    feed = Feed()
    last = await feed.daily(6, "landing/x.zip")
    (finding,) = await feed.sweep(last + timedelta(hours=27))
    assert finding.where == "s3://ingest/landing/"


async def test_a_folder_can_be_left_out_of_what_is_learnt() -> None:
    feed = Feed({"SalesForce": None})
    last = await feed.daily(6)
    assert await feed.sweep(last + timedelta(hours=27)) == []


def at_days(*days: float) -> tuple[datetime, ...]:
    return tuple(EPOCH + day * DAY for day in days)


@pytest.mark.parametrize(
    ("deliveries", "hours"),
    [
        (at_days(0, 1, 2, 3, 4), 26),
        (at_days(0, 1, 2, 3, 4, 7, 8, 9, 10, 11), 78),  # a weekend
        (at_days(0, 0.5, 1, 1.5, 2), 14),  # twice a day
    ],
)
def test_the_longest_interval_and_a_grace_are_learnt(deliveries: tuple[datetime, ...], hours: float) -> None:
    assert learnt_interval(deliveries) == timedelta(hours=hours)


@pytest.mark.parametrize("deliveries", [(), at_days(0, 1, 2, 3), at_days(0, 1, 1.2, 1.3, 9)])
def test_nothing_is_learnt_from_few_or_irregular_deliveries(deliveries: tuple[datetime, ...]) -> None:
    assert learnt_interval(deliveries) is None


async def test_files_that_come_together_are_one_delivery() -> None:
    feed = Feed()
    for minutes in range(0, 300, 10):
        feed.land(EPOCH + timedelta(minutes=minutes))
    assert await feed.sweep(EPOCH + 2 * DAY) == []


async def test_a_record_of_each_file_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    original = ObjectStore.read

    async def counted(store: ObjectStore, bucket: str, key: str) -> bytes | None:
        read.append(key)
        return await original(store, bucket, key)

    monkeypatch.setattr(ObjectStore, "read", counted)
    feed = Feed()
    last = await feed.daily(3)
    await feed.sweep(last + timedelta(hours=2))
    read.clear()
    await feed.sweep(last + timedelta(hours=3))
    assert [key.startswith(ARRIVALS) for key in read] == [True]  # what the sweep before had written


async def test_a_sweep_that_only_looks_writes_nothing() -> None:
    feed = Feed()
    feed.land(EPOCH)
    await feed.sweep(EPOCH + DAY, announce=False)
    assert [key for key in feed.house.keys("ingest") if key.startswith(ARRIVALS)] == []


async def test_what_is_recorded_holds_folders_and_times_and_no_name_of_a_file() -> None:
    feed = Feed()
    feed.land(EPOCH, "landing/SalesForce/daily/Ada.Lovelace.zip")
    await feed.sweep(EPOCH + DAY)
    (key,) = [key for key in feed.house.keys("ingest") if key.startswith(ARRIVALS)]
    body = feed.house.s3.objects["ingest", key]
    assert Arrivals.model_validate_json(body).folders.keys() == {"SalesForce/daily"}
    assert b"Ada" not in body


async def test_a_damaged_record_is_passed_over() -> None:
    feed = Feed()
    last = await feed.daily(6)
    newest = max(key for key in feed.house.keys("ingest") if key.startswith(ARRIVALS))
    feed.house.s3.put("ingest", newest, b"{")
    assert await feed.pages(last + timedelta(hours=27)) == 1


def test_expectations_are_read() -> None:
    assert parse_expected("SalesForce/daily=26h, landing/Other/=7d,adhoc=off,") == {
        "SalesForce/daily": timedelta(hours=26),
        "Other": timedelta(days=7),
        "adhoc": None,
    }
    assert parse_expected("") == {}


@pytest.mark.parametrize(
    "text", ["daily", "daily=", "daily=26", "daily=26m", "daily=0h", "a=b=1h", "x=99999d"]
)
def test_an_expectation_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(OperatorError, match=r"expectation|interval"):
        parse_expected(text)
