"""docs/match-key-examples.md: that it is current is tested with the other generated pages."""

from __future__ import annotations

from services.normalizer.matchkeys import ALL_PROFILES
from tests.generated_match_keys import EXAMPLES, match_key_examples


def test_every_field_of_every_version_has_ten_examples() -> None:
    assert {field for profile in ALL_PROFILES.values() for field in profile.rules} == set(EXAMPLES)
    assert {field: len(set(examples)) for field, examples in EXAMPLES.items()} == dict.fromkeys(EXAMPLES, 10)


def test_the_page_shows_each_version() -> None:
    page = match_key_examples("")

    assert [id_ for id_ in ALL_PROFILES if f"| {id_}" not in page] == []
