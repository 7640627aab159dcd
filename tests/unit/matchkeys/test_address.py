"""City, state and postal code under each profile and in each country."""

from __future__ import annotations

import pytest

from services.normalizer.matchkeys import match_key


@pytest.mark.parametrize(
    ("profile", "value", "expected"),
    [
        ("plain", " São Paulo ", "são paulo"),
        ("amazon", "St. John's 2", "stjohns2"),
        ("amazon", "München", "mnchen"),
        ("entity-resolution", "München-Süd 2", "munchensud2"),
        ("entity-resolution", "Århus", "aarhus"),
        ("meta", "São Paulo", "sãopaulo"),
        ("meta", "St. John\u2019s", "stjohns"),
    ],
)
def test_cities(profile: str, value: str, expected: str) -> None:
    assert match_key(profile, "city", value).normalized == expected


@pytest.mark.parametrize("profile", ["amazon", "entity-resolution"])
@pytest.mark.parametrize(
    ("value", "country", "expected"),
    [
        ("California", "US", "ca"),
        ("new  york", "US", "ny"),
        ("N.Y.", "US", "ny"),
        ("Washington, D.C.", "US", "dc"),
        ("District of Columbia", "US", "dc"),
        ("puerto rico", "US", "pr"),
        ("Québec", "CA", "qc"),
        ("QUEBEC", "CA", "qc"),
        ("Que\u0301bec", "CA", "qc"),
        ("Île-du-Prince-Édouard", "CA", "pe"),
        ("Colombie-Britannique", "Canada", "bc"),
        ("Nouvelle-Écosse", "CA", "ns"),
        ("ON", "CA", "on"),
        ("Victoria", "AU", "vic"),
        ("Bavaria", "DE", "by"),
        ("Baden-Württemberg", "DE", "bw"),
        ("BADEN-WUERTTEMBERG", "DE", "bw"),
        ("Lérida", "ES", "l"),
        ("Napoli", "IT", "na"),
        ("Florence", "IT", "fi"),
        ("Île-de-France", "FR", "if"),
        ("Bretagne", "FR", "bt"),
        ("Brittany", "FR", "bt"),
        ("Provence-Alpes-Côte d'Azur", "FR", "pr"),
        ("IDF", "FR", "if"),
        ("SP", "BR", "sp"),
        ("13", "JP", "13"),
        ("Québec", None, "qc"),
        ("Texas", None, "tx"),
        ("NSW", None, "nsw"),
    ],
)
def test_state_names_become_the_codes_of_their_country(
    profile: str, value: str, country: str | None, expected: str
) -> None:
    assert match_key(profile, "state", value, country).normalized == expected


@pytest.mark.parametrize("profile", ["amazon", "entity-resolution"])
@pytest.mark.parametrize(
    ("value", "country"),
    [
        ("Ontario", "US"),
        ("ZZ", "US"),
        ("California", "CA"),
        ("São Paulo", "BR"),
        ("Grand Est", "FR"),
        ("--", "BR"),
        ("Bayern", None),
    ],
)
def test_a_state_without_a_code_is_invalid_and_never_cut_to_two_letters(
    profile: str, value: str, country: str | None
) -> None:
    assert match_key(profile, "state", value, country).match_key is None


@pytest.mark.parametrize(
    ("value", "country", "expected"),
    [
        ("California", "US", "ca"),
        ("CA", "US", "ca"),
        ("California", None, "ca"),
        ("Ontario", "CA", "on"),
        ("QUÉBEC", "CA", "qc"),
        ("Nova Scotia", None, "ns"),
        ("California", "CA", None),
        ("Nordrhein-Westfalen", "DE", "nordrheinwestfalen"),
        ("Île-de-France", "FR", "îledefrance"),
        ("Bavaria", "US", None),
    ],
)
def test_meta_knows_codes_for_the_united_states_and_canada(
    value: str, country: str | None, expected: str | None
) -> None:
    assert match_key("meta", "state", value, country).normalized == expected


@pytest.mark.parametrize(
    ("value", "country", "expected"),
    [
        ("94105", "US", "94105"),
        ("94105-1234", "US", "94105"),
        ("941051234", "US", "94105"),
        ("9410", "US", None),
        ("941051", "US", None),
        ("D-10115", "DE", "10115"),
        ("1011", "DE", None),
        ("75001", "FR", "75001"),
        ("00184", "IT", "00184"),
        ("28001", "ES", "28001"),
        ("k1a 0b1", "CA", "k1a0b1"),
        ("K1A-0B1", "CA", "k1a0b1"),
        ("K1A 0B", "CA", None),
        ("11A 0B1", "CA", None),
        ("SW1A 1AA", "GB", "sw1a1aa"),
        ("M1 1AE", "UK", "m11ae"),
        ("SW1A 1AAX", "GB", None),
        ("110 001", "IN", "110001"),
        ("11000", "IN", None),
        ("100-0001", "JP", "1000001"),
        ("100-001", "JP", None),
        ("1012 ab", "NL", "1012ab"),
        ("42014 CEDEX 2", "FR", "42014"),
        ("42014 Saint-Étienne CEDEX 2", "FR", "42014"),
        ("F-42014 Cedex", "FR", "42014"),
        ("42014 cedex 02", None, "42014"),
        ("420142", "FR", None),
        ("94105-1234", None, "94105"),
        ("941051234", None, "94105"),
        ("2134.0", "US", None),
        ("94105.0", "US", "94105"),
        ("94105,00", "US", "94105"),
        ("941.05", "US", None),
        ("9.4105E+04", "US", None),
        ("2134.0", None, "2134"),
        ("SW1A 1AA", None, "sw1a1aa"),
    ],
)
def test_amazon_postal_codes_have_the_shape_of_their_country(
    value: str, country: str | None, expected: str | None
) -> None:
    assert match_key("amazon", "zip", value, country).normalized == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("94105-1234", "94105"),
        ("2134.0", "2134"),
        ("SW1A 1AA", "sw1a1aa"),
        ("K1A-0B1", "k1a"),
        ("-1234", None),
        ("abc", None),
    ],
)
def test_entity_resolution_keeps_a_postal_code_up_to_the_dash(value: str, expected: str | None) -> None:
    assert match_key("entity-resolution", "zip", value).normalized == expected


@pytest.mark.parametrize(
    ("value", "country", "expected"),
    [
        ("94105-1234", "US", "94105"),
        ("94105 1234", "US", "94105"),
        ("9410", "US", None),
        ("M1 1AE", "GB", "m11ae"),
        ("1000\u2013001", "PT", "1000001"),
        ("94105-1234", None, "94105"),
        ("94105 1234", None, "94105"),
        ("94105.0", "US", "94105"),
        ("1000-001", None, "1000001"),
    ],
)
def test_meta_cuts_zip_plus_4(value: str, country: str | None, expected: str | None) -> None:
    assert match_key("meta", "zip", value, country).normalized == expected


@pytest.mark.parametrize("field", ["city", "state", "zip"])
def test_plain_only_trims_and_lowers(field: str) -> None:
    assert match_key("plain", field, " SW1A 1AA ").normalized == "sw1a 1aa"
