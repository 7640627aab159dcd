"""The event files: what happened to each e-mail on the extract's day, told consistently from file to file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from landfall.demo.extract import texts
from landfall.demo.extract.clock import DAY_SECONDS, time_text
from landfall.demo.extract.dice import Dice
from landfall.demo.extract.mailing import LINKS, Delivery, SendJob, link_query
from landfall.demo.extract.people import Person
from landfall.demo.extract.personal import Category, Ledger
from landfall.demo.extract.profiles import Row

_SHOP = "https://www.shop.example"
_REGIONS = ("hero", "recommendations", "footer")
_AGENTS = (
    ("Safari", "Apple Mail", "iOS 18", "iPhone"),
    ("Chrome", "Gmail", "Android 15", "Pixel 9"),
    ("Edge", "Outlook", "Windows 11", "PC"),
    ("Firefox", "Thunderbird", "Linux", "PC"),
    ("", "", "", ""),
)


class EventFiles:
    """Writes the rows of the event files.

    ``deliveries`` are all e-mails that left; those that bounced are never opened, and clicks follow opens.
    """

    def __init__(
        self, dice: Dice, deliveries: Sequence[Delivery], ledger: Ledger, *, bounced: int, opened: int
    ) -> None:
        self._dice = dice
        self._ledger = ledger
        self._deliveries = deliveries
        self._bounced = deliveries[:: len(deliveries) // bounced][:bounced] if bounced else []
        lost = set(map(id, self._bounced))
        self._reached = [delivery for delivery in deliveries if id(delivery) not in lost]
        self._opened = self._open(opened)

    def sent(self) -> Iterator[Row]:
        """Every e-mail that left."""
        for delivery in self._deliveries:
            yield (*_stem(delivery, "Sent"), *_tail(delivery))

    def not_sent(self, jobs: Sequence[SendJob], people: Sequence[Person], count: int) -> Iterator[Row]:
        """E-mails that were held back, with the reason."""
        for _ in range(count):
            job, person = self._dice.pick(jobs), self._dice.pick(people)
            reason = texts.fill(self._dice, texts.NOT_SENT, person, self._ledger)
            delivery = Delivery(job, person, job.sent)
            yield (*_stem(delivery, "NotSent"), *_tail(delivery), reason)

    def bounces(self) -> Iterator[Row]:
        """What the receiving servers answered."""
        for delivery in self._bounced:
            kind, category, code, template = self._dice.pick(texts.BOUNCES)
            reason = texts.fill_one(template, delivery.person, self._ledger)
            answered = Delivery(delivery.job, delivery.person, self._later(delivery))
            yield (*_stem(answered, kind), category, code, reason, *_tail(answered))

    def opens(self) -> Iterator[Row]:
        """Opens; now and then one is reported twice."""
        seen, row, reported = set[tuple[int, ...]](), None, None
        for delivery in self._opened:
            if row is None or delivery is not reported:
                unique = _first_time(seen, delivery)
                row = (
                    *_stem(delivery, "Open"),
                    *_tail(delivery),
                    str(unique),
                    *_reader(self._dice, delivery.person),
                )
                reported = delivery
            yield row

    def clicks(self, count: int) -> Iterator[Row]:
        """Clicks, by people who opened."""
        seen, seen_links = set[tuple[int, ...]](), set[tuple[int, ...]]()
        for _ in range(count):
            delivery = self._after(self._opened)
            number, link = self._link(delivery)
            yield (
                *_stem(delivery, "Click"),
                *link,
                *_tail(delivery),
                str(_first_time(seen, delivery)),
                str(_first_time(seen_links, delivery, number)),
                *_reader(self._dice, delivery.person),
            )

    def click_impressions(self, count: int) -> Iterator[Row]:
        """Clicks again, with the region of the e-mail they fell into."""
        for _ in range(count):
            delivery = self._after(self._opened)
            _, link = self._link(delivery)
            yield (*_stem(delivery, "Click"), *link, *_tail(delivery), self._dice.pick(_REGIONS))

    def send_impressions(self, count: int) -> Iterator[Row]:
        """The regions each e-mail was made of."""
        for _ in range(count):
            delivery = self._dice.pick(self._deliveries)
            stem = _stem(delivery, "")
            yield (*stem[:-1], self._dice.pick(_REGIONS), delivery.job.batch)

    def send_job_impressions(self, count: int) -> Iterator[Row]:
        """The same by send job: this file has no account and no subscriber number."""
        for _ in range(count):
            delivery = self._dice.pick(self._deliveries)
            person, job = delivery.person, delivery.job
            region = self._dice.pick(_REGIONS)
            yield job.number, person.key, person.email, time_text(delivery.moment), region, job.batch

    def unsubscriptions(self, count: int) -> Iterator[Row]:
        """Who left that day, and why."""
        for _ in range(count):
            delivery = self._after(self._reached)
            reason = texts.fill(self._dice, texts.UNSUBSCRIBED, delivery.person, self._ledger)
            yield (*_stem(delivery, "Unsubscribe"), *_tail(delivery), reason)

    def conversions(self, count: int) -> Iterator[Row]:
        """Orders that followed a click; their data is XML and names the buyer."""
        for _ in range(count):
            delivery = self._after(self._opened)
            person, link = delivery.person, self._dice.pick(LINKS)
            query = self._query(delivery, LINKS.index(link))
            data = f'<order id="{self._dice.between(100_000, 999_999)}" buyer="{person.email.strip()}"/>'
            self._ledger.add(Category.FREE_TEXT, data)
            yield (
                *_stem(delivery, "Conversion"),
                f"{_SHOP}/{link.path}?{query}",
                link.alias,
                data,
                *_tail(delivery),
                link.number,
            )

    def surveys(self, count: int) -> Iterator[Row]:
        """Questions and what people answered."""
        for _ in range(count):
            delivery = self._after(self._reached)
            question, answers = self._dice.pick(texts.QUESTIONS)
            answer = texts.fill(self._dice, answers, delivery.person, self._ledger)
            yield (*_stem(delivery, "Survey"), question, answer, *_tail(delivery))

    def status_changes(self, people: Sequence[Person], count: int) -> Iterator[Row]:
        """Changes of a subscriber's status during the day."""
        for _ in range(count):
            person = self._dice.pick(people)
            yield (
                person.account,
                person.key,
                person.email,
                person.number,
                "Active",
                "Unsubscribed" if person.status == "Active" else person.status,
                time_text(self._dice.below(DAY_SECONDS)),
            )

    def _open(self, count: int) -> Sequence[Delivery]:
        opened: list[Delivery] = []
        for _ in range(count):
            again = opened and self._dice.chance(0.001)
            opened.append(opened[-1] if again else self._after(self._reached))
        return opened

    def _later(self, delivery: Delivery) -> int:
        """A moment after the delivery, on the same day and soon more often than late."""
        return delivery.moment + int(self._dice.random() ** 3 * (DAY_SECONDS - delivery.moment))

    def _after(self, deliveries: Sequence[Delivery]) -> Delivery:
        delivery = self._dice.pick(deliveries)
        return Delivery(delivery.job, delivery.person, self._later(delivery))

    def _query(self, delivery: Delivery, link: int) -> str:
        query = link_query(self._dice, delivery.job, LINKS[link], delivery.person)
        if LINKS[link].carries_reader:
            self._ledger.add(Category.URL_QUERY, query)
        return query

    def _link(self, delivery: Delivery) -> tuple[int, tuple[str | int, ...]]:
        """A link of the job: its number, and the four columns that tell of it."""
        position = self._dice.below(len(LINKS))
        link = LINKS[position]
        url = f"{_SHOP}/{link.path}?{self._query(delivery, position)}"
        return link.number, (delivery.job.number * 10 + position, link.number, url, link.alias)


def _stem(delivery: Delivery, kind: str) -> tuple[str | int, ...]:
    """The eight columns every event begins with."""
    job, person = delivery.job, delivery.person
    return (
        person.account,
        job.number,
        person.key,
        person.email,
        person.number,
        job.list.number,
        time_text(delivery.moment),
        kind,
    )


def _tail(delivery: Delivery) -> tuple[str | int, ...]:
    return delivery.job.batch, delivery.job.triggered_key


def _reader(dice: Dice, person: Person) -> tuple[str, ...]:
    """Where and with what somebody read: address, place, position, program."""
    place = person.place
    where = (
        person.ip_address,
        person.located,
        place.region,
        place.city,
        person.latitude,
        person.longitude,
        "",
        "",
    )
    return (*where, *dice.pick(_AGENTS))


def _first_time(seen: set[tuple[int, ...]], delivery: Delivery, *link: int) -> bool:
    mark = (delivery.job.number, delivery.person.number, *link)
    if mark in seen:
        return False
    seen.add(mark)
    return True
