"""The subscribers: who they are, how they can be reached, and what is wrong with some of their entries."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from landfall.demo.extract import clock
from landfall.demo.extract.dice import Dice
from landfall.demo.extract.names import TONGUES, Tongue, address_letters
from landfall.demo.extract.phones import NO_PHONE, Phone, broken_phone, plus_phone, valid_phone
from landfall.demo.extract.places import (
    AUSTRALIA,
    FRANCE,
    GERMANY,
    GREAT_BRITAIN,
    UNITED_STATES,
    Country,
    Place,
)

ACCOUNTS = (7_201_001, 7_201_002)
"""The business units (ClientID) whose subscribers the extract covers."""

PLACEHOLDERS = ("unknown", "none", "n/a", "-")
"""What people type into a required e-mail field: no address, and nobody's personal data."""

_COUNTRIES = ((UNITED_STATES, 0.4), (GREAT_BRITAIN, 0.18), (GERMANY, 0.17), (FRANCE, 0.15), (AUSTRALIA, 0.1))
_DOMAINS = (
    "example.com",
    "example.org",
    "example.net",
    "mail.example",
    "post.example",
    "students.campus.example",
)
_STATUSES = (("Active", 0.9), ("Unsubscribed", 0.05), ("Held", 0.03), ("Bounced", 0.02))
_GENDERS = {True: ("F", "F", "Female", "f"), False: ("M", "M", "Male", "m")}


@dataclass(frozen=True, slots=True)
class Person:
    """One subscriber.

    ``country`` is what the profile says (sometimes nothing), ``located`` where the reader's network is.
    Times are seconds from the extract's local midnight (clock.py); 0 stands for never.
    """

    account: int
    number: int
    key: str
    email: str
    first: str
    last: str
    gender: str
    born: str
    phone: Phone
    street: str
    place: Place
    country: str
    located: str
    ip_address: str
    latitude: str
    longitude: str
    status: str
    created: int
    left: int

    @property
    def has_valid_email(self) -> bool:
        """Whether the address has one ``@`` with something on either side."""
        local, _, domain = self.email.strip().partition("@")
        return bool(local and domain) and "@" not in domain


def enrol(dice: Dice, count: int) -> Sequence[Person]:
    """Make that many subscribers, every key and number used once."""
    return [_person(dice, serial) for serial in range(count)]


def _person(dice: Dice, serial: int) -> Person:
    country = dice.weighted(_COUNTRIES)
    place = dice.pick(country.places)
    tongue = dice.weighted(TONGUES[country.code])
    woman = dice.chance(0.53)
    first, last = _name(dice, tongue, woman=woman)
    email = _email(dice, first, last, serial)
    known_country = not dice.chance(0.02)
    created = -dice.between(2, 2_400) * clock.DAY_SECONDS + dice.below(clock.DAY_SECONDS)
    status = dice.weighted(_STATUSES)
    return Person(
        account=ACCOUNTS[1 if serial % 5 == 0 else 0],
        number=610_000_000 + serial * 13 + dice.below(13),
        key=dice.uuid() if email in PLACEHOLDERS or dice.chance(0.18) else email.strip(),
        email=email,
        first=first,
        last=last,
        gender="" if dice.chance(0.08) else dice.pick(_GENDERS[woman]),
        born="" if dice.chance(0.12) else clock.day_text(-dice.between(18 * 365, 90 * 365)),
        phone=_phone(dice, country, place, known_country=known_country),
        street=_street(dice, place),
        place=place,
        country=country.code if known_country else "",
        located=country.code,
        ip_address=_ip_address(dice),
        latitude=_coordinate(place.latitude + (dice.random() - 0.5) / 5),
        longitude=_coordinate(place.longitude + (dice.random() - 0.5) / 5),
        status=status,
        created=created,
        left=0 if status == "Active" else created + int(dice.random() * (-created - 1)),
    )


def _coordinate(degrees: float) -> str:
    """With one decimal more than a time's seconds have: who searches logs for it finds no time of day."""
    return f"{degrees:.7f}"


def _name(dice: Dice, tongue: Tongue, *, woman: bool) -> tuple[str, str]:
    first, last = dice.pick(tongue.women if woman else tongue.men), dice.pick(tongue.families)
    oddity = dice.random()
    if oddity < 0.02:
        return first.upper(), last.upper()
    if oddity < 0.04:
        return f" {first}", f"{last}  "
    if oddity < 0.05:  # as a Mac writes them: letters and accents apart
        return unicodedata.normalize("NFD", first), unicodedata.normalize("NFD", last)
    if oddity < 0.055:
        return first, f'{last} "the Elder"'
    return first, last


def _email(dice: Dice, first: str, last: str, serial: int) -> str:
    given, family = address_letters(first) or "member", address_letters(last) or "subscriber"
    domain = dice.pick(_DOMAINS)
    oddity = dice.random()
    if oddity < 0.012:
        return _broken_email(dice, f"{given}.{family}{serial}", domain)
    local = dice.pick(
        (f"{given}.{family}{serial}", f"{given[0]}{family}{serial}", f"{family}_{given}{serial}")
    )
    if oddity < 0.06:
        return f"{local}+offers@{domain}"
    if oddity < 0.12:
        return f"{local.title()}@{domain.upper()}"
    if oddity < 0.13:
        return f" {local}@{domain} "
    return f"{local}@{domain}"


def _broken_email(dice: Dice, local: str, domain: str) -> str:
    written = (
        f"{local}.{domain}",
        f"{local}@@{domain}",
        f"@{local}.{domain}",
        f"{local}@",
        dice.pick(PLACEHOLDERS),
    )
    return dice.pick(written)


def _phone(dice: Dice, country: Country, place: Place, *, known_country: bool) -> Phone:
    luck = dice.random()
    if luck < 0.1:
        return NO_PHONE
    if luck < 0.12:
        return broken_phone(dice)
    area = dice.pick(place.areas)
    if not known_country:
        return plus_phone(dice, country, area)
    return valid_phone(dice, country, area, international=luck > 0.6)


def _street(dice: Dice, place: Place) -> str:
    street = f"{dice.between(1, 240)} {dice.pick(place.streets)}"
    if dice.chance(0.03):
        return f"{street}\r\nc/o reception"
    return street


def _ip_address(dice: Dice) -> str:
    if dice.chance(0.35):
        return f"2001:db8:{dice.hex(4)}:{dice.hex(4)}::{dice.hex(4)}"
    return f"{dice.pick(('192.0.2', '198.51.100', '203.0.113'))}.{dice.between(1, 254)}"
