"""The account's lists and the day's send jobs: who is written to, about what, with which links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from landfall.demo.extract import clock
from landfall.demo.extract.dice import Dice
from landfall.demo.extract.people import ACCOUNTS, Person

_PADDING_DIGITS = 3_600  # a link may be 4,000 characters long


@dataclass(frozen=True, slots=True)
class MailingList:
    """A subscriber list; ``created`` is in seconds from the extract's local midnight."""

    number: int
    account: int
    name: str
    description: str
    kind: str
    created: int


@dataclass(frozen=True, slots=True)
class Link:
    """A tracked link of an e-mail; one with ``carries_reader`` puts the reader's address into its query."""

    number: int
    alias: str
    path: str
    carries_reader: bool


@dataclass(frozen=True, slots=True)
class SendJob:
    """One send job of the extract's day; ``sent`` is in seconds from its local midnight."""

    number: int
    list: MailingList
    batch: int
    triggered_key: str
    sender: str
    sender_address: str
    sent: int
    subject: str
    email_name: str
    campaign: str
    preview_token: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One e-mail to one person; ``moment`` is in seconds from the extract's local midnight."""

    job: SendJob
    person: Person
    moment: int


LINKS = (
    Link(9101, "hero image", "sale/winter", carries_reader=False),
    Link(9102, "shop now, women's", "women/coats", carries_reader=True),
    Link(9103, "my account", "account/preferences", carries_reader=True),
    Link(9104, 'footer "terms"', "legal/terms", carries_reader=False),
    Link(9105, "store finder", "stores/near-me", carries_reader=True),
)

LISTS = (
    MailingList(501, ACCOUNTS[0], "All Subscribers", "Every reader of the account", "Private", -90_000_000),
    MailingList(
        502, ACCOUNTS[0], "Newsletter – weekly", 'The "weekly", sent on Fridays', "Public", -80_000_123
    ),
    MailingList(
        503, ACCOUNTS[0], "Abonnés privilège", "Clients fidèles,\r\nhors soldes", "Public", -70_004_567
    ),
    MailingList(504, ACCOUNTS[1], "Stammkunden Süd", "Ab drei Einkäufen; ohne Gewähr", "Public", -60_000_042),
    MailingList(505, ACCOUNTS[1], "Order messages", "", "Private", -50_000_000),
)

_CAMPAIGNS = (
    ("Winter sale: 30 % off everything", "Winter sale", "winter_sale"),
    ("%%FirstName%%, your points expire on Sunday", "Points reminder", "points"),
    ("Soldes d’hiver : jusqu’à -50 %, rien que pour vous", "Soldes FR", "soldes_hiver"),
    ('Neu: die "Große Freiheit"-Kollektion 🧣', "Kollektion DE", "kollektion"),
    ("Your order is on its way", "Order shipped", "order_shipped"),
    ("We miss you, come back", "Win-back", "win_back"),
)
_LAST_START = 20 * 3600


def plan_jobs(dice: Dice, count: int) -> Sequence[SendJob]:
    """The day's send jobs, the earliest first."""
    starts = sorted(dice.below(_LAST_START) for _ in range(count))
    return [_job(dice, serial, start) for serial, start in enumerate(starts)]


def _job(dice: Dice, serial: int, start: int) -> SendJob:
    subject, name, campaign = dice.pick(_CAMPAIGNS)
    mailing_list = dice.pick(LISTS)
    triggered = campaign == "order_shipped"
    return SendJob(
        number=880_000 + serial * 3,
        list=mailing_list,
        batch=dice.between(1, 9) if triggered else 0,
        triggered_key=f"ts-order-shipped-{mailing_list.account}" if triggered else "",
        sender="Northwind, the shop" if mailing_list.account == ACCOUNTS[0] else "Northwind Süd",
        sender_address=f"news@{'www' if mailing_list.account == ACCOUNTS[0] else 'sued'}.shop.example",
        sent=start,
        subject=subject,
        email_name=f"2026-01 {name}",
        campaign=campaign,
        preview_token=dice.hex(96),
    )


def deliver(dice: Dice, jobs: Sequence[SendJob], people: Sequence[Person], count: int) -> Sequence[Delivery]:
    """Spread that many e-mails over the jobs; a job writes to nobody twice unless it must."""
    deliveries: list[Delivery] = []
    for serial, job in enumerate(jobs):
        share = count * (serial + 1) // len(jobs) - len(deliveries)
        first = dice.below(len(people))
        for turn in range(share):
            moment = min(job.sent + turn // 40 + dice.below(20), clock.DAY_SECONDS - 1)
            deliveries.append(Delivery(job, people[(first + turn) % len(people)], moment))
    return deliveries


def preview_query(job: SendJob) -> str:
    """The query of the job's preview link: whoever holds it reads the e-mail."""
    return f"qs={job.preview_token}"


def link_query(dice: Dice, job: SendJob, link: Link, person: Person) -> str:
    """The query of a link as this person clicked it; now and then it is very long."""
    query = f"utm_source=sfmc&utm_medium=email&utm_campaign={job.campaign}&j={job.number}&l={link.number}"
    if link.carries_reader:
        query += f"&email={quote(person.email, safe='')}&sk={quote(person.key, safe='')}&uid={person.number}"
    if dice.chance(0.001):
        query += f"&session={dice.hex(_PADDING_DIGITS)}"
    return query
