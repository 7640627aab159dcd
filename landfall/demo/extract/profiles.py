"""The files about the account and its people: subscribers, attributes, lists, memberships, send jobs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from landfall.demo.extract import clock, texts
from landfall.demo.extract.dice import Dice
from landfall.demo.extract.mailing import LISTS, SendJob, preview_query
from landfall.demo.extract.people import Person
from landfall.demo.extract.personal import Category, Ledger

Row = Sequence[str | int]


def _time(moment: int) -> str:
    return clock.time_text(moment) if moment else ""


def subscribers(people: Sequence[Person]) -> Iterator[Row]:
    """Every subscriber's status: a full list, as "Include All Subscribers" makes it."""
    for person in people:
        held = person.left if person.status in ("Held", "Bounced") else 0
        unsubscribed = person.left if person.status == "Unsubscribed" else 0
        yield (
            person.account,
            person.key,
            person.email,
            person.number,
            person.status,
            _time(held),
            _time(person.created),
            _time(unsubscribed),
        )


def attributes(dice: Dice, people: Sequence[Person], ledger: Ledger) -> Iterator[Row]:
    """The profile attributes this account keeps: name, phone, address, gender, birth date, a note."""
    for person in people:
        yield (
            person.account,
            person.key,
            person.email,
            person.number,
            person.first,
            person.last,
            person.phone.written,
            person.street,
            person.place.city,
            person.place.postal_code,
            person.country,
            person.gender,
            person.born,
            texts.fill(dice, texts.NOTES, person, ledger),
        )


def lists() -> Iterator[Row]:
    """The account's lists."""
    for each in LISTS:
        yield each.account, each.number, each.name, each.description, _time(each.created), "Active", each.kind


def memberships(dice: Dice, people: Sequence[Person], ledger: Ledger) -> Iterator[Row]:
    """Who is on which list: everybody on one or two of them."""
    for person in people:
        first = dice.below(len(LISTS))
        for turn in range(dice.between(1, 2)):
            each = LISTS[(first + turn) % len(LISTS)]
            gone = person.status == "Unsubscribed"
            yield (
                person.account,
                person.key,
                person.email,
                person.number,
                each.number,
                each.name,
                each.kind,
                person.status,
                _time(person.created),
                dice.pick(("Import", "Web collect", "API")),
                _time(person.left) if gone else "",
                texts.fill(dice, texts.UNSUBSCRIBED, person, ledger) if gone else "",
            )


def send_jobs(jobs: Sequence[SendJob], ledger: Ledger) -> Iterator[Row]:
    """The day's send jobs."""
    for job in jobs:
        ledger.add(Category.URL_QUERY, preview_query(job))
        yield (
            job.list.account,
            job.number,
            job.sender,
            job.sender_address,
            _time(job.sent),
            _time(job.sent + 5),
            job.subject,
            job.email_name,
            job.triggered_key,
            f"def-{job.campaign}",
            "Complete",
            f"https://view.shop.example/?{preview_query(job)}",
            "True",
            "",
        )
