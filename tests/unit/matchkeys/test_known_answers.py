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
