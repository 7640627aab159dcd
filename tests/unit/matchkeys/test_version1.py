"""Version 1 of every profile is frozen: tables that were begun with it must go on to get the same keys."""

from __future__ import annotations

import hashlib
import json

import pytest

from services.normalizer.matchkeys import PROFILES
from tests.unit.matchkeys.frozen import values

# The beginning of the SHA-256 of all that a field's rule makes of ``values()`` in six countries. Phones
# depend on the phone library's metadata as well: a new release of it may change theirs, and nothing else may.
ANSWERS = {
    "plain": {
        "email": "70877ddadd8a0e83",
        "first_name": "d93bfe359b722e63",
        "last_name": "d93bfe359b722e63",
        "city": "d93bfe359b722e63",
        "state": "d93bfe359b722e63",
        "zip": "d93bfe359b722e63",
        "country": "4154229918772fb7",
        "date_of_birth": "a771f7e790ce7c17",
        "gender": "b761580c8fdcb6b6",
        "phone": "100260f12e0ed5b6",
    },
    "amazon": {
        "email": "9d42375da428db5a",
        "first_name": "3426e35045cc8a2f",
        "last_name": "3426e35045cc8a2f",
        "city": "3c9ddb2dabd01ff5",
        "country": "4154229918772fb7",
        "phone": "5f94418e39f31502",
        "state": "46126c9a19e082fd",
        "zip": "c5fcd6a622b153e4",
    },
    "entity-resolution": {
        "email": "b192ec88257c64ee",
        "first_name": "fc93edac4ad093fe",
        "last_name": "fc93edac4ad093fe",
        "city": "acd318f2c70ffa2f",
        "zip": "96fa8ee9d0437ffd",
        "country": "4154229918772fb7",
        "phone": "5f94418e39f31502",
        "state": "46126c9a19e082fd",
    },
    "google": {
        "email": "069ea42beb9041d0",
        "first_name": "d275215b995f36ef",
        "last_name": "ac256dc57ef5a7b1",
        "phone": "801bc060eee493ed",
    },
    "meta": {
        "email": "70877ddadd8a0e83",
        "first_name": "6ee5e3919a7adea1",
        "last_name": "6ee5e3919a7adea1",
        "city": "6ee5e3919a7adea1",
        "country": "4154229918772fb7",
        "date_of_birth": "a771f7e790ce7c17",
        "gender": "b761580c8fdcb6b6",
        "phone": "5f94418e39f31502",
        "state": "65ccbbd89837eeeb",
        "zip": "16efd96869fdffdd",
    },
    "uid2": {
        "email": "2f96d3ccdda5134c",
        "phone": "9bb4713ffc8ff20f",
    },
}
COUNTRIES = (None, "US", "DE", "FR", "CA", "GB")


@pytest.mark.parametrize("name", ANSWERS)
def test_no_value_has_another_key_than_when_the_version_was_new(name: str) -> None:
    profile = PROFILES[name][1]
    found = {}
    for field, rule in profile.rules.items():
        made = [rule.normalise_many(values(), None, country) for country in COUNTRIES]
        found[field] = hashlib.sha256(json.dumps(made).encode()).hexdigest()[:16]

    assert (profile.id, found) == (f"{name}@1", ANSWERS[name])
