"""Countries: codes and English names to ISO 3166-1 alpha-2."""

from __future__ import annotations

import pytest

from services.normalizer.matchkeys import match_key
from services.normalizer.matchkeys.countries import alpha2


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("US", "US"),
        ("us", "US"),
        (" Usa ", "US"),
        ("U.S.A.", "US"),
        ("United States of America", "US"),
        ("UK", "GB"),
        ("Great Britain", "GB"),
        ("GBR", "GB"),
        ("Côte d\u2019Ivoire", "CI"),
        ("COTE D'IVOIRE", "CI"),
        ("the Netherlands", "NL"),
        ("Trinidad & Tobago", "TT"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("Korea, Republic of", "KR"),
        ("XK", "XK"),
        ("NA", "NA"),
        ("Namibia", "NA"),
        ("ZZ", None),
        ("Freedonia", None),
        ("Deutschland", None),
        ("", None),
        ("nan", None),
        ("\ufffd", None),
    ],
)
def test_codes_and_english_names_are_understood(value: str, expected: str | None) -> None:
    assert alpha2(value) == expected


@pytest.mark.parametrize("profile", ["plain", "amazon", "entity-resolution", "meta"])
def test_a_country_is_written_as_lower_case_alpha_2(profile: str) -> None:
    assert match_key(profile, "country", "Germany").normalized == "de"


def test_every_code_leads_to_its_country_and_no_name_hides_a_code() -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    known = {code for first in letters for second in letters if (code := alpha2(first + second)) is not None}
    assert len(known) == 249 + 1, "the 249 of ISO 3166-1, and Kosovo"
    assert {code for code in known if alpha2(code) != code} == set()
