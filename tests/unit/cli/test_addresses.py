"""Where a file that is put comes to lie."""

from __future__ import annotations

import pytest

from landfall.addresses import landing_key
from landfall.errors import OperatorError


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (None, "landing/a b.csv"),
        ("", "landing/a b.csv"),
        ("bu1/Subscribers.csv", "landing/bu1/Subscribers.csv"),
        ("landing/bu1/Subscribers.csv", "landing/bu1/Subscribers.csv"),
        ("bu1/", "landing/bu1/a b.csv"),
        ("landing/", "landing/a b.csv"),
        ("s3://ingest/landing/x.csv", "landing/x.csv"),
        ("s3://ingest/landing/x/", "landing/x/a b.csv"),
        ("Équipe/50% + 1?.csv", "landing/Équipe/50% + 1?.csv"),
    ],
)
def test_a_key_lies_under_landing_and_a_folder_takes_the_files_name(given: str | None, key: str) -> None:
    assert landing_key(given, "a b.csv", "ingest") == key


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("s3://other/landing/x.csv", "is not in ingest"),
        ("s3://ingest/raw/x.csv", "is not under landing/"),
        ("é" * 509, "at most 1,024 bytes"),
    ],
)
def test_what_cannot_land_is_refused_in_a_sentence(given: str, sentence: str) -> None:
    with pytest.raises(OperatorError, match=sentence):
        landing_key(given, "a.csv", "ingest")
