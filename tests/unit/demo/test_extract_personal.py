"""The extract's ledger of personal data: complete enough, and precise enough, to search for leaks with."""

from __future__ import annotations

import csv
import io

import pytest

from landfall.demo.extract import Category, Extract, build_extract
from landfall.demo.extract.people import PLACEHOLDERS

Records = list[dict[str, str]]

BY_COLUMN = {
    "EmailAddress": Category.EMAIL,
    "SubscriberKey": Category.SUBSCRIBER_KEY,
    "SubscriberID": Category.SUBSCRIBER_ID,
    "FirstName": Category.NAME,
    "LastName": Category.NAME,
    "Street": Category.STREET,
    "City": Category.PLACE,
    "PostalCode": Category.POSTAL_CODE,
    "BirthDate": Category.BIRTH_DATE,
    "IpAddress": Category.IP_ADDRESS,
    "Latitude": Category.COORDINATE,
    "Longitude": Category.COORDINATE,
}
FREE_TEXT = ("BounceReason", "Answer", "Reason", "UnsubReason", "UnsubscribeReason", "Note", "ConversionData")
LINKS = ("URL", "ReferringURL", "PreviewURL")
PERSONAL = {*BY_COLUMN, *FREE_TEXT, *LINKS, "MobilePhone"}


@pytest.fixture(scope="module")
def extract() -> Extract:
    return build_extract(seed=11, subscribers=700, events=9_000)


@pytest.fixture(scope="module")
def records(extract: Extract) -> Records:
    found: Records = []
    for name, content in extract.csvs.items():
        text = content.decode("utf-16" if name == "Attributes.csv" else "utf-8-sig")
        delimiter = "\t" if name == "Bounces.csv" else ","
        found += csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    return found


@pytest.mark.parametrize("column", BY_COLUMN)
def test_every_value_of_a_personal_column_is_known(extract: Extract, records: Records, column: str) -> None:
    written = {record[column].strip() for record in records if record.get(column)} - set(PLACEHOLDERS)

    assert written
    assert written <= extract.personal_values(BY_COLUMN[column])


def test_every_phone_that_is_one_is_known_as_written(extract: Extract, records: Records) -> None:
    written = {record["MobilePhone"] for record in records if record.get("MobilePhone")}
    unknown = written - extract.personal_values(Category.PHONE)

    assert unknown == {"12345", "n/a", "0000000000", "+999 555 0100", "call the office", "00"} & written


def test_addresses_are_known_in_lower_case_too(extract: Extract, records: Records) -> None:
    written = {record["EmailAddress"].strip().lower() for record in records if record.get("EmailAddress")}

    assert written - set(PLACEHOLDERS) <= extract.personal_values(Category.EMAIL)


def test_phones_are_known_in_e164_too_with_and_without_the_plus(extract: Extract, records: Records) -> None:
    written = {record["MobilePhone"] for record in records if record.get("MobilePhone", "").startswith("+")}
    packed = {
        "".join(filter(str.isdecimal, phone.replace("(0)", ""))) for phone in written - {"+999 555 0100"}
    }

    assert packed
    assert packed | {f"+{digits}" for digits in packed} <= extract.personal_values(Category.PHONE)


@pytest.mark.parametrize("column", FREE_TEXT)
def test_free_text_names_people_and_is_known_where_it_does(
    extract: Extract, records: Records, column: str
) -> None:
    texts = {record[column] for record in records if record.get(column)}
    addresses = {email for email in extract.personal_values(Category.EMAIL) if len(email) > 10}
    naming = {
        text
        for text in texts
        if any(word.strip("\"<>'!/") in addresses for word in text.replace("=", " ").split())
    }

    assert naming
    assert naming <= extract.personal_values(Category.FREE_TEXT)


def test_links_carry_the_reader_in_queries_that_are_known(extract: Extract, records: Records) -> None:
    queries = {
        record[column].partition("?")[2] for record in records for column in LINKS if record.get(column)
    }
    naming = {query for query in queries if "&email=" in query or query.startswith("qs=")}

    assert len(naming) > 100
    assert naming <= extract.personal_values(Category.URL_QUERY)


def test_what_is_searched_for_occurs_in_no_column_that_may_be_kept(
    extract: Extract, records: Records
) -> None:
    kept = {value for record in records for column, value in record.items() if column not in PERSONAL}
    text = "\n".join(sorted(kept))

    assert [value for value in extract.personal_values() if value in text] == []


def test_what_would_turn_up_by_chance_is_not_searched_for(extract: Extract) -> None:
    searched = extract.personal_values()

    assert all(len(value.encode()) >= 6 for value in searched)
    assert not searched & extract.personal_values(Category.SUBSCRIBER_ID, Category.PLACE, Category.BIRTH_DATE)
