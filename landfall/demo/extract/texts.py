"""Free text of a Tracking Extract: what readers and mail servers write, often with personal data in it."""

from __future__ import annotations

from collections.abc import Sequence

from landfall.demo.extract.dice import Dice
from landfall.demo.extract.people import Person
from landfall.demo.extract.personal import Category, Ledger

BOUNCES: tuple[tuple[str, str, str, str], ...] = (
    ("HardBounce", "Hard bounce", "550", "5.1.1 <{email}>: Recipient address rejected: User unknown"),
    (
        "HardBounce",
        "Hard bounce",
        "550",
        '5.4.1 "{email}" is not accepted here,\r\nask {last} for a new address',
    ),
    ("SoftBounce", "Soft bounce", "452", "4.2.2 The mailbox of {email} is over its quota"),
    ("SoftBounce", "Soft bounce", "421", "4.7.0 Try again later, closing connection"),
    ("BlockBounce", "Block bounce", "554", "5.7.1 Message to {email} refused (client host [{ip}] listed)"),
    (
        "OtherBounce",
        "Technical/Other bounce",
        "451",
        "4.4.2 Bad connection\twhile talking to mx1.example.net",
    ),
)
"""Event type, bounce category, SMTP code and reason, as servers answer."""

NOT_SENT = (
    "List Detective exclusion: {email} is not a valid address",
    "Subscriber {key} was excluded by the suppression list",
    "The subscriber's status does not allow it",
)

UNSUBSCRIBED = (
    "",
    "Too many e-mails",
    "I am {first} {last} and I never signed up. Delete {email}!",
    'My new address is "{email}", thank you',
    "Déménagement : {street}",
)

QUESTIONS = (
    ("How satisfied are you with our service?", ("9", "10", "So so", "Call me: {phone}, {first}")),
    (
        "What should we do better?",
        ("More sizes, please\r\n-- \r\n{first} {last}\r\n{street}", "Nothing", "Ask {email}"),
    ),
    ("Dürfen wir Sie anrufen?", ("Ja, unter {phone}", "Nein", "Nur abends, {last}")),
)

NOTES = (
    "",
    "",
    "",
    'Prefers to be called "{first}"',
    "VIP; second address {email}",
    "Rang on Monday from {phone},\r\nwants the catalogue sent to {street}",
)


def fill(dice: Dice, templates: Sequence[str], person: Person, ledger: Ledger) -> str:
    """One of the templates, about the person; noted in the ledger where anything of theirs is in it."""
    return fill_one(dice.pick(templates), person, ledger)


def fill_one(template: str, person: Person, ledger: Ledger) -> str:
    """The template with the person's data in place of its fields."""
    if "{" not in template:
        return template
    text = template.format(
        email=person.email.strip(),
        key=person.key,
        first=person.first,
        last=person.last,
        phone=person.phone.written,
        street=person.street,
        ip=person.ip_address,
    )
    ledger.add(Category.FREE_TEXT, text)
    return text
