"""The made-up extract: shaped like a real one, told consistently, the same from the same seed."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import phonenumbers
import pytest

from landfall.demo.extract import Extract, build_extract
from landfall.demo.extract.columns import COLUMNS

SUBSCRIBERS, EVENTS = 900, 20_000
EVENT_FILES = set(COLUMNS) - {
    *("Subscribers.csv", "Attributes.csv", "Lists.csv", "ListMembership.csv", "SendJobs.csv"),
    *("Complaints.csv", "MultipleDataExtensionSendLists.csv"),
}
TIME = re.compile(r"([1-9]|1[0-2])/([1-9]|[12]\d|3[01])/\d{4} ([1-9]|1[0-2]):[0-5]\d:[0-5]\d (AM|PM)")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")

Records = list[dict[str, str]]


@pytest.fixture(scope="module")
def extract() -> Extract:
    return build_extract(seed=7, subscribers=SUBSCRIBERS, events=EVENTS)


@pytest.fixture(scope="module")
def tables(extract: Extract) -> dict[str, Records]:
    return {name: read(name, content) for name, content in extract.csvs.items()}


def text_of(name: str, content: bytes) -> str:
    return content.decode("utf-16" if name == "Attributes.csv" else "utf-8-sig")


def read(name: str, content: bytes) -> Records:
    delimiter = "\t" if name == "Bounces.csv" else ","
    return list(
        csv.DictReader(io.StringIO(text_of(name, content), newline=""), delimiter=delimiter, strict=True)
    )


def test_the_same_seed_makes_the_same_bytes_in_any_process(extract: Extract) -> None:
    program = (
        "import hashlib; from landfall.demo.extract import build_extract;"
        f"print(hashlib.sha256(build_extract(7, {SUBSCRIBERS}, {EVENTS}).zip_bytes).hexdigest())"
    )
    other = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "1"},
    )

    assert other.stdout.strip() == hashlib.sha256(extract.zip_bytes).hexdigest()


def test_another_seed_makes_other_people() -> None:
    one, other = (build_extract(seed=seed, subscribers=30, events=0) for seed in (1, 2))

    assert one.csvs["Subscribers.csv"] != other.csvs["Subscribers.csv"]


def test_the_zip_holds_the_files_intact(extract: Extract) -> None:
    with zipfile.ZipFile(io.BytesIO(extract.zip_bytes)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == extract.csvs


def test_all_nineteen_files_are_there_under_their_headers(
    tables: dict[str, Records], extract: Extract
) -> None:
    headers = {
        name: re.split("[,\t]", text_of(name, content).split("\r\n", 1)[0].replace('"', ""))
        for name, content in extract.csvs.items()
    }

    assert headers == {name: list(columns) for name, columns in COLUMNS.items()}
    assert len(tables) == 19


def test_the_row_counts_are_those_of_an_independent_reader(
    tables: dict[str, Records], extract: Extract
) -> None:
    assert dict(extract.rows) == {name: len(records) for name, records in tables.items()}


def test_the_size_is_as_asked(extract: Extract) -> None:
    assert extract.rows["Subscribers.csv"] == extract.rows["Attributes.csv"] == SUBSCRIBERS
    assert sum(extract.rows[name] for name in EVENT_FILES) == pytest.approx(EVENTS, rel=0.001)


@pytest.mark.parametrize("name", ["Complaints.csv", "MultipleDataExtensionSendLists.csv"])
def test_some_files_have_a_header_and_no_row(extract: Extract, name: str) -> None:
    assert extract.csvs[name].count(b"\r\n") == 1


def test_attributes_are_utf_16_with_a_byte_order_mark(extract: Extract) -> None:
    assert extract.csvs["Attributes.csv"].startswith("\ufeffClientID,".encode("utf-16-le"))


def test_bounces_are_delimited_by_tabs(extract: Extract) -> None:
    assert extract.csvs["Bounces.csv"].startswith(b"ClientID\tSendID\tSubscriberKey\t")


def test_clicks_quote_every_field(extract: Extract) -> None:
    assert all(line[:1] + line[-1:] == b'""' for line in extract.csvs["Clicks.csv"].split(b"\r\n")[:-1])


def test_every_line_ends_in_crlf(extract: Extract) -> None:
    texts = [text_of(name, content) for name, content in extract.csvs.items()]

    assert all(text.count("\n") == text.count("\r\n") == text.count("\r") for text in texts)


@pytest.mark.parametrize(
    ("name", "column"),
    [("Attributes.csv", "Street"), ("Bounces.csv", "BounceReason"), ("Surveys.csv", "Answer")],
)
def test_quoted_fields_hold_line_breaks(tables: dict[str, Records], name: str, column: str) -> None:
    assert any("\r\n" in record[column] for record in tables[name])


def test_quoted_fields_hold_quotes(tables: dict[str, Records]) -> None:
    assert any('"' in record["ConversionData"] for record in tables["Conversions.csv"])


def test_times_are_written_as_the_marketing_cloud_writes_them(tables: dict[str, Records]) -> None:
    times = [
        value
        for records in tables.values()
        for record in records
        for column, value in record.items()
        if (column.startswith("Date") or column in ("EventDate", "SchedTime", "SentTime")) and value
    ]

    assert [value for value in times if not TIME.fullmatch(value)] == []


def test_every_event_happened_on_the_day_before_the_extract(tables: dict[str, Records]) -> None:
    days = {
        record.get("EventDate", record.get("DateChanged", "")).split(" ")[0]
        for name in EVENT_FILES
        for record in tables[name]
    }

    assert days == {"1/30/2026"}


def test_every_address_is_in_a_reserved_domain(tables: dict[str, Records]) -> None:
    found = {
        address.lower() for records in tables.values() for record in records for address in addresses(record)
    }

    assert found
    assert [one for one in found if not re.search(r"(@|\.)(example\.(com|org|net)|example)$", one)] == []


def addresses(record: dict[str, str]) -> list[str]:
    return [
        address.strip("\"'<>,;:!?.")
        for value in record.values()
        for address in re.findall(r"[^\s\"<>=]+@[\w.-]+", value)
    ]


def test_the_invalid_addresses_are_counted(tables: dict[str, Records], extract: Extract) -> None:
    invalid = [one for one in tables["Subscribers.csv"] if not ADDRESS.fullmatch(one["EmailAddress"].strip())]

    assert len(invalid) == extract.invalid_emails > 0


def test_phones_are_valid_in_their_own_country_except_those_counted(
    tables: dict[str, Records], extract: Extract
) -> None:
    written = [one for one in tables["Attributes.csv"] if one["MobilePhone"]]
    invalid = [one for one in written if not is_phone(one["MobilePhone"], one["Country"])]

    assert len(invalid) == extract.invalid_phones > 0
    assert len(written) > 20 * len(invalid)


def is_phone(written: str, country: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(written, country or None))
    except phonenumbers.NumberParseException:
        return False


def test_phones_of_five_countries_are_written_in_both_notations(tables: dict[str, Records]) -> None:
    notations = Counter(
        (one["Country"], "international" if one["MobilePhone"].startswith(("+", "00")) else "national")
        for one in tables["Attributes.csv"]
        if one["MobilePhone"] and one["Country"] and is_phone(one["MobilePhone"], one["Country"])
    )

    assert set(notations) == {
        (country, notation)
        for country in ("US", "GB", "DE", "FR", "AU")
        for notation in ("national", "international")
    }


def test_names_come_in_many_letters(tables: dict[str, Records]) -> None:
    letters = {letter for one in tables["Attributes.csv"] for letter in one["FirstName"] + one["LastName"]}

    assert letters >= set("éßøłğıİñçşřπς文’")


def test_the_subscriber_key_is_the_address_for_most_and_a_uuid_for_the_others(
    tables: dict[str, Records],
) -> None:
    kinds = Counter(
        "address"
        if one["SubscriberKey"] == one["EmailAddress"].strip()
        else "uuid"
        if UUID.fullmatch(one["SubscriberKey"])
        else "neither"
        for one in tables["Subscribers.csv"]
    )

    assert kinds["neither"] == 0
    assert kinds["address"] > 3 * kinds["uuid"] > 0


def test_no_subscriber_key_or_number_is_used_twice(tables: dict[str, Records]) -> None:
    subscribers = tables["Subscribers.csv"]

    assert len({one["SubscriberKey"] for one in subscribers}) == SUBSCRIBERS
    assert len({one["SubscriberID"] for one in subscribers}) == SUBSCRIBERS


def test_events_name_known_subscribers_and_jobs(tables: dict[str, Records]) -> None:
    people = {one["SubscriberKey"] for one in tables["Subscribers.csv"]}
    jobs = {one["SendID"] for one in tables["SendJobs.csv"]}
    events = [record for name in EVENT_FILES for record in tables[name]]

    assert {one["SubscriberKey"] for one in events} <= people
    assert {one["SendID"] for one in events if "SendID" in one} == jobs


def test_clicks_follow_opens_and_bounced_mail_is_not_opened(tables: dict[str, Records]) -> None:
    opened, clicked, bounced = (
        {(one["SendID"], one["SubscriberKey"]) for one in tables[name]}
        for name in ("Opens.csv", "Clicks.csv", "Bounces.csv")
    )

    assert clicked <= opened
    assert not bounced & opened


def test_now_and_then_an_open_is_reported_twice(tables: dict[str, Records]) -> None:
    opens = Counter(tuple(one.values()) for one in tables["Opens.csv"])

    assert 0 < sum(count - 1 for count in opens.values()) < len(tables["Opens.csv"]) / 100


def test_some_links_are_almost_as_long_as_they_may_be(tables: dict[str, Records]) -> None:
    longest = max(len(one["URL"]) for name in ("Clicks.csv", "ClickImpression.csv") for one in tables[name])

    assert 3_600 < longest <= 4_000


def test_the_files_can_be_written_side_by_side(extract: Extract, tmp_path: Path) -> None:
    paths = extract.write_csvs(tmp_path / "new" / "folder")

    assert {path.name: path.read_bytes() for path in paths} == extract.csvs


@pytest.mark.parametrize(("subscribers", "events"), [(0, 10), (10, -1)])
def test_an_impossible_size_is_refused(subscribers: int, events: int) -> None:
    with pytest.raises(ValueError, match="at least one subscriber"):
        build_extract(subscribers=subscribers, events=events)


@pytest.mark.parametrize("events", [0, 1, 2, 13, 60])
def test_small_extracts_are_complete_too(events: int) -> None:
    small = build_extract(subscribers=1, events=events)

    assert small.rows["Subscribers.csv"] == 1
    assert sum(small.rows[name] for name in EVENT_FILES) <= events
