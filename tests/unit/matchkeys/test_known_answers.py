"""Answers that the standards' publishers print in their documentation, and those of facts worth keeping."""

from __future__ import annotations

import pytest

from services.normalizer.matchkeys import MatchKey, match_key

UID2 = [
    ("MyEmail@example.com", "myemail@example.com", "FsGNM28LJQ8OLZB0Us65ZYp07NrovJSGTCMSKnLMJ6U="),
    ("MYEMAIL@example.com", "myemail@example.com", "FsGNM28LJQ8OLZB0Us65ZYp07NrovJSGTCMSKnLMJ6U="),
    ("My.Email@example.com", "my.email@example.com", "4itTvG+HEnTzpiqzejyu1yFPwU1nYhWpaiQvz62hyB8="),
    ("JANESAOIRSE@example.com", "janesaoirse@example.com", "1mcOepIAfxtf94Xx/IHlOqbT170GvfXEc83HKGwoS20="),
    ("Jane.Saoirse@example.com", "jane.saoirse@example.com", "sZZDLHuYmiypHIN5mVfFFdpT5sE6vyC3j+qU8RfpC/g="),
    (
        "JaneSaoirse+Work@example.com",
        "janesaoirse+work@example.com",
        "KKruSBUjDNO069iMUVImVQZm6RrAGZKeOtrD9mwogYA=",
    ),
    ("JANE.SAOIRSE@gmail.com", "janesaoirse@gmail.com", "ku4mBX7Z3qJTXWyLFB1INzkyR2WZGW4ANSJUiW21iI8="),
    ("JaneSaoirse+Work@gmail.com", "janesaoirse@gmail.com", "ku4mBX7Z3qJTXWyLFB1INzkyR2WZGW4ANSJUiW21iI8="),
]


@pytest.mark.parametrize(("value", "normalized", "key"), UID2)
def test_uid2_emails(value: str, normalized: str, key: str) -> None:
    assert match_key("uid2", "email", value) == MatchKey(normalized, key)


@pytest.mark.parametrize(
    ("value", "country", "normalized", "key"),
    [
        ("1 (234) 567-8901", "US", "+12345678901", "EObwtHBUqDNZR33LNSMdtt5cafsYFuGmuY4ZLenlue4="),
        ("+65 1234 5678", None, "+6512345678", "xn2K5iZn+pV1H0nXXILY8ggcGt9dClVnIX13SXVVpZ8="),
        ("(02) 1234 5678", "AU", "+61212345678", "J24LFuwzgT5ElsjMwcqE40S8VtUoWXFCZgkq+PDSD+c="),
    ],
)
def test_uid2_phones(value: str, country: str | None, normalized: str, key: str) -> None:
    assert match_key("uid2", "phone", value, country) == MatchKey(normalized, key)


@pytest.mark.parametrize(
    ("field", "value", "country", "normalized", "key"),
    [
        (
            "email",
            "John_Smith@gmail.com",
            None,
            "john_smith@gmail.com",
            "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
        ),
        (
            "phone",
            "(650)555-1212",
            "US",
            "16505551212",
            "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176",
        ),
        (
            "first_name",
            "Mary",
            None,
            "mary",
            "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec",
        ),
        (
            "first_name",
            "정",
            None,
            "정",
            "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14",
        ),
        (
            "first_name",
            "Valéry",
            None,
            "valéry",
            "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c",
        ),
        (
            "date_of_birth",
            "2/16/1997",
            None,
            "19970216",
            "01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c",
        ),
        (
            "country",
            "United States",
            None,
            "us",
            "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621",
        ),
    ],
)
def test_meta_documentation(field: str, value: str, country: str | None, normalized: str, key: str) -> None:
    assert match_key("meta", field, value, country) == MatchKey(normalized, key)


@pytest.mark.parametrize(
    ("field", "value", "country", "normalized"),
    [
        ("phone", "+1 (555) 123-4567", None, "15551234567"),
        ("first_name", "  John Smith  ", None, "johnsmith"),
        ("city", "  New York  ", None, "newyork"),
        ("state", "  California  ", "US", "ca"),
        ("zip", "  12345-6789  ", "US", "12345"),
        ("date_of_birth", "01/15/1990", None, "19900115"),
        ("gender", "  Male  ", None, "m"),
    ],
)
def test_meta_parameter_builder(field: str, value: str, country: str | None, normalized: str) -> None:
    assert match_key("meta", field, value, country).normalized == normalized


@pytest.mark.parametrize(
    ("field", "value", "country", "normalized"),
    [
        ("email", "JaneSaoirse+Work@example.com", None, "janesaoirsework@example.com"),
        ("phone", "+1 (555) 123-4567", None, "15551234567"),
    ],
)
def test_amazon(field: str, value: str, country: str | None, normalized: str) -> None:
    assert match_key("amazon", field, value, country).normalized == normalized


@pytest.mark.parametrize(("version", "normalized"), [(1, "11234567890"), (2, None)])
def test_amazons_example_of_an_area_that_cannot_be_has_no_key_any_more(
    version: int, normalized: str | None
) -> None:
    assert match_key(f"amazon@{version}", "phone", "(123) 456-7890", "US").normalized == normalized


@pytest.mark.parametrize(
    ("value", "country", "normalized"),
    [("(800)555-0100", "US", "+18005550100"), ("+44 20 7031 3000", None, "+442070313000")],
)
def test_google_phones(value: str, country: str | None, normalized: str) -> None:
    assert match_key("google", "phone", value, country).normalized == normalized


# Of the sample data that the tests of the AMC uploader published by AWS compare, row by row.
AMAZON_SAMPLE = [
    ("first_name", "Faulkner", "US", "77f53c97d937d5b146f99f9dae5017853c76cde577f8dd9d986bbeec238ae0f0"),
    ("last_name", "Checketts", "US", "357df1c6702954e5d6ab9741d9430d01cd08f262352934bdde254a014c3fb99c"),
    ("last_name", "Le - Count", "US", "e07bd0b0efe28184c01ec8c227f713571043ae3717881288f5cf03c7f4c1b27d"),
    ("last_name", "Hainey`", "IT", "483dbe8f226d1659b399bc2b5990ae18f65f52777c0d781e34aadeabab19f777"),
    (
        "email",
        "fchecketts0@webeden.co.uk",
        "US",
        "5bd5f77cb5a05b8a30fb028e800c19207c158772564e485561e5596506aba005",
    ),
    (
        "email",
        "vaparki@over-blog.com",
        "US",
        "e07a020bca20428373ba0de17d4e13108610a666b47449ce24824fad8f7e4beb",
    ),
    ("phone", "5714120599", "US", "8ae78b78db5e45aff4a0646198a9f1e60270ba153349b29b4ce0bbd2f5ec9cc9"),
    ("phone", "+1 (413) 871-4499", "US", "ed4f1d5e1d3e44fefa8dbc7e1ed7d1ada51311f88d95d8c4e55624d38735088c"),
    ("city", "Young America", "US", "409d3d5237f6bd57b62d305a24cc363953a3d5b758784aaf586caa9c30b4829f"),
    ("state", "Texas", "US", "1b5b9ccb3e8d006a5230de9bda23ff91edc794d4f56410560830b418528e446c"),
    ("state", "NM", "US", "2ca7289b5248632c8fe5386b972e8fde6585068c5cb8e2948489e10e7be6d4d8"),
    ("zip", "75236-9599", "US", "91b6147da4928d5742bb8ddb035e75f9fe77a7f88881906ac7417abf8a46effa"),
    ("zip", "67236", "US", "b37f50b4048a481ebf4903e09d638f52108e65ce4c03170f4ad8ecd131656638"),
    ("zip", "80129", "IT", "3f8c74ad10dde65215ff59acebede4c76036f9fbb9f1f4460f98ff7332ccc9da"),
    ("zip", "152", "IT", None),
]


@pytest.mark.parametrize(("field", "value", "country", "key"), AMAZON_SAMPLE)
def test_amazon_sample_data(field: str, value: str, country: str, key: str | None) -> None:
    assert match_key("amazon", field, value, country).match_key == key


@pytest.mark.parametrize(
    ("field", "value", "country", "normalized"),
    [
        ("first_name", "  First1", "US", "first"),
        ("last_name", " Last1", "US", "last"),
        ("email", "  Tumble@tumble.com ", "US", "tumble@tumble.com"),
        ("street", "  address1", "US", "address1"),
        ("city", "  City1", "US", "city1"),
        ("state", "  AlabaMA  ", "US", "al"),
        ("zip", " 12345  ", "US", "12345"),
        ("country", "  US", None, "us"),
    ],
)
def test_entity_resolution_library(field: str, value: str, country: str | None, normalized: str) -> None:
    """The record that the test of the library published for AWS Entity Resolution normalises."""
    assert match_key("entity-resolution", field, value, country).normalized == normalized
