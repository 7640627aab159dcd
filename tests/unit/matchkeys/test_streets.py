"""Street addresses by the published word tables."""

from __future__ import annotations

import pytest

from services.normalizer.matchkeys import match_key

# Of the sample data that the tests of the AMC uploader published by AWS compare.
AMAZON_DIGESTS = [
    ("US", "8 Bluestem Terrace", "fe8115cbef0c2b9c5bedbedaa34b080223959365176679d9b0461465b1b08425"),
    ("US", "4 Cody Junction", "298f6d3e8245ff74a4c14df3f3709137a3e35b81e9c57dbd0626d76a4326b5ea"),
    ("US", "744 Messerschmidt Avenue", "70618603f0cfaf038eca8abce604793128902d18176cc9b6c8ac76fdaa70b41d"),
    ("US", "17787 Melrose Hill", "0dcf0a67791931abe63e89181ace2a3df42561b910006e8befd0adedfc3ca331"),
    ("US", "31 Fisk Plaza", "bc52fc2f15ba8470a03c66781fecd9fdac0750c272ec4b19807dfa23fecea16a"),
    ("US", "97 eastlawn park", "7e69d7024936b8c66c21f4984bc167c9e83f014ff0344f20d0bb9ce01a153399"),
    ("US", "69 Summer Ridge Terrace", "8dd4a026e297c767602c4f20f367f7f67ebd4742f669fabc486141f9ea514a21"),
    ("US", "641 MORROW PARKWAY", "f8beefe397b85a57cee13f093342da90534b14215da0bf715606247d60f0775e"),
    ("US", "098 OAK VALLEY TERRACE", "c63e2b99336dbfffcf3498c11fec8a756d68e448b4a7fcc4ece40ed6c554b2b3"),
    ("US", "2 amoth way", "bb75b2bb28ac8b0c55a35f5d90b24cdbab6cde4b36ac3c4bf7ed7e869947ce78"),
    ("US", "17010 Ramsey Center", "487e0d0d1d5210e4d924955560967cbcee9ea28599f376538b3db77322a03732"),
    ("US", "141 Iowa Road", "96d70a130de7e7f1d09cf8ee6a8b0927787c0a7a7d6633838dfbcacb9a0b4907"),
    ("US", "6718 Brickson Park Road", "ef2402fa04be98be0e85101ad59d59bad78cae961fcdb3d85f1a8349af1d54b9"),
    ("IT", "12 Nevada Junction", "ce31914c06462587a17c3e64f0f67c31fb6f18ee312133c6f49e51317d70b84c"),
    ("IT", "28 Ryan Avenue", "b97168c821dc5f9abe785244d3c326f136029bc265c39a2347532b4b4c9a4e1c"),
    ("IT", "0 Monica Street", "dfd0b9547a17d1ea2741036e7597d937ed708c6175c2fbaedbf036f327bc1c8e"),
    ("IT", "7666 Mallory Street", "b3b06040703f2962773466eb791b59fdb5a1634117eee2ff1554ca9ed2a6b29b"),
    ("IT", "4 Thierer Drive", "fb14f691acaee533b2c16e3b851aa8845936f850dc74ffcfed49f5726a117c57"),
    ("IT", "880 Center Way", "d842be8000c28e683ab9eaca30c79e39f62a469d8d7e9ebfebb2638598012721"),
    ("IT", "18296 Oak Valley Avenue", "a012dbb0bfcd09f24e0e3188b8cd19e9af0bc0db1df73d476a5b454ae13aede7"),
    ("IT", "0554 Linden Alley", "b1d6989770fd6e6f4d642f17ef3281d63b6cdeb63b9b19284ab5145508abc561"),
]


@pytest.mark.parametrize(("country", "value", "digest"), AMAZON_DIGESTS)
def test_amazon_sample_data(country: str, value: str, digest: str) -> None:
    assert match_key("amazon", "street", value, country).match_key == digest


@pytest.mark.parametrize(
    ("value", "country", "expected"),
    [
        (" 123  Main St. ", "US", "123mainst"),
        ("123 North Main Street, Apt #4B", "US", "123nmainstaptnumber4b"),
        ("123-B Main Street", "US", "123bmainst"),
        ("12-14 Main Street", "US", "12-14mainst"),
        ("12 Key Lane", "US", "12keyln"),
        ("c/o Jane Doe, 1 Elm Court", "US", "janedoe1elmct"),
        ("1 Boulevard Way", "US", "1boulevardway"),
        ("10 Downing Street", "GB", "10downingst"),
        ("Flat 2, 5 Abbey Close", "GB", "flat25abbeyclose"),
        ("5 Abbey Cl", "UK", "5abbeyclose"),
        ("3 Allee des Pins", "FR", "3alléedespins"),
        ("3 Avenue Foch", "FR", "3avefoch"),
        ("3 Rte de Lyon", "FR", "3routedelyon"),
        ("C/ Mayor 3", "ES", "callemayor3"),
        ("Plaza Mayor núm 3", "ES", "plazamayornumber3"),
        ("Hauptstraße 5", "DE", "hauptstrasse5"),
        ("PZA Navona 1", "IT", "piazzanavona1"),
        ("1-2-3 Ginza", "JP", "1-2-3ginza"),
        ("1 Main Street", "BR", None),
        ("1 Main Street", None, None),
        ("4#5#6 Main Street", "US", None),
        ("12#4 Main Street", "US", None),
    ],
)
def test_amazon_writes_words_by_the_table_of_the_country(
    value: str, country: str | None, expected: str | None
) -> None:
    assert match_key("amazon", "street", value, country).normalized == expected


@pytest.mark.parametrize(
    ("value", "country", "expected"),
    [
        ("123 North Main Street", "US", "123nmainst"),
        ("123 Main St., #4B", "US", "123mainstnumber4b"),
        ("1 Ocean Boulevard, Suite 5", "US", "1oceanblvdste5"),
        ("12 Key Route", "US", "12kyrt"),
        ("12-14 West Avenue", None, "1214wave"),
        ("1 Elm Terrace", None, "1elmterrace"),
        ("1 Elm Terrace", "GB", "1elmterrace"),
        ("3 Avenue Foch", "FR", "3avenuefoch"),
        ("3 Allee des Pins", "FR", "3alleedespins"),
        ("C/ Mayor 3", "ES", "callemayor3"),
        ("V.le Roma 1", "IT", "vialeroma1"),
        ("Hauptstr. 5", "DE", "hauptstr5"),
        ("Haupt Str. 5", "DE", "hauptstrasse5"),
        ("Straße 5", "DE", "strasse5"),
        ("Müllerweg 5", "DE", "muellerweg5"),
        ("Calle Núm 3", None, "callenumber3"),
        ("Sørgårdsvej [2]", "DK", "sorgaardsvej2"),
    ],
)
def test_entity_resolution_renames_words_and_delimiters(
    value: str, country: str | None, expected: str
) -> None:
    assert match_key("entity-resolution", "street", value, country).normalized == expected


@pytest.mark.parametrize("field", ["street", "Street Address", "address", "address-line-1", "Street1"])
def test_a_street_has_other_names(field: str) -> None:
    assert match_key("amazon", field, "1 Main Road", "US").normalized == "1mainrd"


@pytest.mark.parametrize("profile", ["amazon", "entity-resolution"])
@pytest.mark.parametrize(
    "value",
    [
        "12.0 Main Street",
        "12,0 Main Street",
        "12.00 Main Street",
        "12.0, Main Street",
        "\ufeff12.0\u200b Main Street",
    ],
)
def test_a_house_number_written_as_a_float_is_the_whole_number(profile: str, value: str) -> None:
    whole = match_key(profile, "street", "12 Main Street", "US")

    assert match_key(profile, "street", value, "US").normalized == whole.normalized


@pytest.mark.parametrize("profile", ["amazon", "entity-resolution"])
def test_a_thousand_is_no_fraction(profile: str) -> None:
    found = match_key(profile, "street", "10,000 Main Street", "US").normalized

    assert found == match_key(profile, "street", "10000 Main Street", "US").normalized
