"""The subscribers that the normalizer is measured with, and the recipe: 12 columns, 8 of them hashed."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

RECIPE = """
dataset: benchmark
version: 1
mode: append
match: [benchmark]
columns:
  ClientID: bigint
  SubscriberKey: {hash: identifier, required: true}
  EmailAddress: {hash: email}
  SubscriberID: {hash: identifier}
  FirstName: {hash: first_name}
  LastName: {hash: last_name}
  Phone: {hash: phone, country: Country}
  City: {hash: city}
  Zip: {hash: zip}
  Country: string
  Status: string
  DateCreated: {type: timestamp, time_zone: UTC}
"""
HEADER = (
    "ClientID,SubscriberKey,EmailAddress,SubscriberID,FirstName,LastName,Phone,City,Zip,Country,Status,"
    "DateCreated\r\n"
)
_FIRST_NAMES = ["Anna", "José", "Marie", "Łukasz", "Zoë", *(f"Name{number}" for number in range(2000))]
_LAST_NAMES = ["Müller", "García", "O'Brien", "Nguyen", *(f"Last{number}" for number in range(20_000))]
_CITIES = ["New York", "São Paulo", "Berlin", "London", *(f"City{number}" for number in range(3000))]
_STATUSES = ["Active", "Unsubscribed", "Bounced", "Held"]

# As people write them; some of these are no numbers, as in real files.
_PHONES: dict[str, Callable[[random.Random], str]] = {
    "US": lambda r: f"({r.choice((212, 415, 650))}) {r.randrange(200, 999)}-{r.randrange(10_000):04d}",
    "DE": lambda r: f"030 {r.randrange(1_000_000, 9_999_999)}",
    "FR": lambda r: f"+33 6 {r.randrange(100):02d} {r.randrange(100):02d} {r.randrange(10_000):04d}",
    "GB": lambda r: f"020 7{r.randrange(1000):03d} {r.randrange(10_000):04d}",
    "BR": lambda r: f"+5511{r.randrange(900_000_000, 999_999_999)}",
}


def write_sample(path: Path, rows: int, seed: int) -> None:
    """Write a file of so many subscribers, as Salesforce Marketing Cloud would."""
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER)
        file.writelines(_subscriber(chance, number) for number in range(rows))


def _subscriber(chance: random.Random, number: int) -> str:
    first, last = chance.choice(_FIRST_NAMES), chance.choice(_LAST_NAMES)
    country = chance.choice(list(_PHONES))
    address = f"{first}.{last}{number}@example{chance.randrange(50)}.com"
    fields = (
        100_123,
        address.upper() if number % 7 == 0 else address,
        address,
        1_000_000_000 + number,
        first,
        last,
        _PHONES[country](chance),
        chance.choice(_CITIES),
        f"{chance.randrange(100_000):05d}",
        country,
        chance.choice(_STATUSES),
        f"{chance.randrange(1, 13)}/{chance.randrange(1, 29)}/{chance.randrange(2015, 2027)} "
        f"{chance.randrange(1, 13)}:{chance.randrange(60):02d}:{chance.randrange(60):02d} "
        f"{chance.choice(('AM', 'PM'))}",
    )
    return ",".join(map(str, fields)) + "\r\n"
