"""Numbers of the ranges that the phone library's metadata assign, always the same."""

from __future__ import annotations

import random
import re
from functools import cache

import phonenumbers as port


def calling_code(region: str) -> str:
    return str(port.country_code_for_region(region))


@cache
def assigned(region: str, kind: str, count: int) -> tuple[str, ...]:
    """National numbers of a kind (``mobile``, ``fixed_line``) without a prefix, all lengths alike."""
    metadata = port.PhoneMetadata.metadata_for_region(region)
    assert metadata is not None, region
    numbers = getattr(metadata, kind)
    chance = random.Random(f"{region} {kind}")
    pattern = re.compile(numbers.national_number_pattern)
    general = metadata.general_desc
    assert general is not None, region
    lengths = numbers.possible_length or general.possible_length
    found: list[str] = []
    while len(found) < count:
        number = "".join(chance.choices("0123456789", k=chance.choice(lengths)))
        if pattern.fullmatch(number):
            found.append(number)
    return tuple(found)
