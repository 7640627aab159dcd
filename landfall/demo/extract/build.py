"""One call that makes the whole extract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from landfall.demo.extract import files, profiles
from landfall.demo.extract.dice import Dice
from landfall.demo.extract.events import EventFiles
from landfall.demo.extract.mailing import deliver, plan_jobs
from landfall.demo.extract.people import PLACEHOLDERS, Person, enrol
from landfall.demo.extract.personal import Category, Ledger, is_searchable

_SHARES = {
    "Sent.csv": 0.51,
    "Opens.csv": 0.24,
    "Clicks.csv": 0.08,
    "ClickImpression.csv": 0.04,
    "SendJobImpression.csv": 0.04,
    "SendImpression.csv": 0.03,
    "Bounces.csv": 0.02,
    "NotSent.csv": 0.015,
    "StatusChange.csv": 0.008,
    "Unsubs.csv": 0.006,
    "Conversions.csv": 0.006,
    "Surveys.csv": 0.005,
}
_JOBS_AT_LEAST = 12
_READERS_A_JOB = 0.4  # of all subscribers


@dataclass(frozen=True, slots=True)
class Extract:
    """A Tracking Extract and what is known about it."""

    csvs: Mapping[str, bytes]
    """Each member's bytes, by name."""
    zip_bytes: bytes
    """The members as Salesforce Marketing Cloud delivers them."""
    rows: Mapping[str, int]
    """Records of each member, header not counted."""
    personal: Mapping[Category, frozenset[str]]
    """Every personal value written, and e-mails and phones in their usual normal forms too."""
    invalid_emails: int
    """Subscribers whose e-mail is not empty and no address."""
    invalid_phones: int
    """Subscribers whose phone is not empty and no number."""

    def personal_values(self, *categories: Category) -> set[str]:
        """Values that must appear nowhere outside the extract.

        Without arguments, those that can be looked for inside any text: of the distinctive categories, and
        long enough not to turn up by chance. With categories, everything in them.
        """
        if categories:
            return set().union(*(self.personal[category] for category in categories))
        distinctive = (values for category, values in self.personal.items() if category.distinctive)
        return {value for values in distinctive for value in values if is_searchable(value)}

    def write_csvs(self, directory: Path) -> Sequence[Path]:
        """Write the members into the directory, made if need be; returns their paths."""
        directory.mkdir(parents=True, exist_ok=True)
        paths = [directory / name for name in self.csvs]
        for path in paths:
            path.write_bytes(self.csvs[path.name])
        return paths


def build_extract(seed: int = 20260131, subscribers: int = 10_000, events: int = 100_000) -> Extract:
    """Make an extract of that many subscribers, and of about that many events over all event files.

    The same arguments make the same files, byte for byte, on every Python; where zlib is the same, the same
    zip too.

    Raises:
        ValueError: there is not one subscriber, or the number of events is negative.
    """
    if subscribers < 1 or events < 0:
        raise ValueError("an extract has at least one subscriber and no negative number of events")
    ledger = Ledger()
    people = enrol(Dice(seed, "people"), subscribers)
    for person in people:
        _note(ledger, person)
    csvs, rows = {}, {}
    for name, table in sorted(_tables(seed, people, events, ledger).items()):
        csvs[name], rows[name] = files.write_csv(name, table)
    return Extract(
        csvs=csvs,
        zip_bytes=files.write_zip(csvs),
        rows=rows,
        personal=ledger.close(),
        invalid_emails=sum(not person.has_valid_email for person in people),
        invalid_phones=sum(bool(person.phone.written and not person.phone.e164) for person in people),
    )


def _tables(
    seed: int, people: Sequence[Person], events: int, ledger: Ledger
) -> dict[str, Iterable[profiles.Row]]:
    """The rows of every file, made as they are written."""
    count = {name: int(events * share) for name, share in _SHARES.items()}
    active = [person for person in people if person.status == "Active"] or people
    inactive = [person for person in people if person.status != "Active"] or people
    jobs = plan_jobs(
        Dice(seed, "jobs"), max(_JOBS_AT_LEAST, round(count["Sent.csv"] / len(people) / _READERS_A_JOB))
    )
    deliveries = deliver(Dice(seed, "deliveries"), jobs, active, count["Sent.csv"])
    happened = EventFiles(
        Dice(seed, "events"), deliveries, ledger, bounced=count["Bounces.csv"], opened=count["Opens.csv"]
    )
    return {
        "Attributes.csv": profiles.attributes(Dice(seed, "attributes"), people, ledger),
        "Bounces.csv": happened.bounces(),
        "ClickImpression.csv": happened.click_impressions(count["ClickImpression.csv"]),
        "Clicks.csv": happened.clicks(count["Clicks.csv"]),
        "Complaints.csv": (),  # nobody complained: a header and no row
        "Conversions.csv": happened.conversions(count["Conversions.csv"]),
        "ListMembership.csv": profiles.memberships(Dice(seed, "memberships"), people, ledger),
        "Lists.csv": profiles.lists(),
        "MultipleDataExtensionSendLists.csv": (),  # no job was sent to several data extensions
        "NotSent.csv": happened.not_sent(jobs, inactive, count["NotSent.csv"]),
        "Opens.csv": happened.opens(),
        "SendImpression.csv": happened.send_impressions(count["SendImpression.csv"]),
        "SendJobImpression.csv": happened.send_job_impressions(count["SendJobImpression.csv"]),
        "SendJobs.csv": profiles.send_jobs(jobs, ledger),
        "Sent.csv": happened.sent(),
        "StatusChange.csv": happened.status_changes(inactive, count["StatusChange.csv"]),
        "Subscribers.csv": profiles.subscribers(people),
        "Surveys.csv": happened.surveys(count["Surveys.csv"]),
        "Unsubs.csv": happened.unsubscriptions(count["Unsubs.csv"]),
    }


def _note(ledger: Ledger, person: Person) -> None:
    """Put everything about the person into the ledger, as written and in the usual normal forms."""
    email = person.email.strip()
    if email not in PLACEHOLDERS:
        ledger.add(Category.EMAIL, email, email.lower(), quote(email, safe=""))
    ledger.add(Category.PHONE, person.phone.e164, person.phone.e164.removeprefix("+"))
    if person.phone.e164:
        ledger.add(Category.PHONE, person.phone.written)
    ledger.add(Category.SUBSCRIBER_KEY, person.key)
    ledger.add(Category.NAME, person.first.strip(), person.last.strip())
    ledger.add(Category.STREET, person.street)
    ledger.add(Category.IP_ADDRESS, person.ip_address)
    ledger.add(Category.COORDINATE, person.latitude, person.longitude)
    ledger.add(Category.SUBSCRIBER_ID, str(person.number))
    ledger.add(Category.PLACE, person.place.city)
    ledger.add(Category.POSTAL_CODE, person.place.postal_code)
    ledger.add(Category.BIRTH_DATE, person.born)
