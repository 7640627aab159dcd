"""``landfall match-key --compare``: by which profile and version a partner's digests were made."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from landfall.cli import build_app
from landfall.partner.digests import parse_digest
from services.normalizer.matchkeys import match_keys

EMAILS = ["Jane.Doe+News@Gmail.com", "bob+x@example.com", "ada.lovelace@example.org", "o.p+q@googlemail.com"]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def theirs(tmp_path: Path) -> Callable[[Iterable[str]], str]:
    def write(lines: Iterable[str]) -> str:
        path = tmp_path / "theirs.txt"
        path.write_text("\n".join(lines), encoding="utf-8")
        return str(path)

    return write


def run(*args: str, given: str = "\n".join(EMAILS)) -> Result:
    return CliRunner().invoke(build_app(["match-key"]), ["match-key", *args], input=given.encode())


def compared(*args: str, given: str = "\n".join(EMAILS)) -> Any:
    result = run(*args, "--json", given=given)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def keys(profile: str, field: str = "email", values: list[str] | None = None) -> list[str]:
    return [key for key in match_keys(profile, field, values or EMAILS) if key is not None]


RIVALS = {"plain", "amazon", "google", "uid2"}  # of which no two write all of these addresses alike


@pytest.mark.parametrize("profile", ["plain@1", "amazon@1", "google@1", "uid2@1"])
def test_the_profile_that_made_the_digests_is_named(
    profile: str, theirs: Callable[[Iterable[str]], str]
) -> None:
    found = compared("--field", "email", "--compare", theirs(keys(profile)))
    name = profile.partition("@")[0]
    assert profile in found["best"]
    assert {each.partition("@")[0] for each in found["best"]} & RIVALS == {name}
    assert found["candidates"][0]["share_of_digests"] == 1.0


def test_each_candidate_says_how_much_it_explains(theirs: Callable[[Iterable[str]], str]) -> None:
    sample = [*keys("plain@1"), sha256("a stranger"), sha256("another")]
    found = compared("--field", "email", "--compare", theirs(sample), "--profile", "plain@1")
    assert found["digests"] == 6
    assert found["candidates"] == [
        {
            "profiles": ["plain@1"],
            "digests": 4,
            "share_of_digests": 0.6667,
            "values": 4,
            "share_of_values": 1.0,
        }
    ]


@pytest.mark.parametrize(
    "write",
    [
        str.upper,
        lambda key: f'"{key}"',
        lambda key: f" {key}\r",
        lambda key: base64.b64encode(bytes.fromhex(key)).decode(),
        lambda key: base64.urlsafe_b64encode(bytes.fromhex(key)).decode().rstrip("="),
        lambda key: base64.b64encode(key.encode()).decode(),
    ],
    ids=["upper case", "quoted", "padded", "Base64", "Base64 for URLs", "Base64 of the digits"],
)
def test_how_a_digest_is_written_does_not_matter(
    write: Callable[[str], str], theirs: Callable[[Iterable[str]], str]
) -> None:
    sample = theirs(write(key) for key in keys("google@1"))
    found = compared("--field", "email", "--compare", sample, "--profile", "google@1")
    assert (found["unreadable_lines"], found["candidates"][0]["digests"]) == (0, 4)


def test_among_equals_the_encoding_decides(theirs: Callable[[Iterable[str]], str]) -> None:
    value = "ada.lovelace@example.org"  # plain and uid2 write it alike
    in_base64 = compared("--field", "email", "--compare", theirs(keys("uid2@1", values=[value])), given=value)
    in_hex = compared("--field", "email", "--compare", theirs(keys("plain@1", values=[value])), given=value)
    assert "uid2@1" in in_base64["best"]
    assert "plain@1" not in in_base64["best"]
    assert "plain@1" in in_hex["best"]
    assert "uid2@1" not in in_hex["best"]


def test_keys_that_would_not_join_for_their_encoding_alone_are_pointed_out(
    theirs: Callable[[Iterable[str]], str],
) -> None:
    sample = theirs(base64.b64decode(key).hex() for key in keys("uid2@1"))
    found = compared("--field", "email", "--compare", sample)
    assert found["differs_in_encoding"]
    assert "uid2@1" in found["best"]
    assert "agree on one" in run("--field", "email", "--compare", sample).stderr
    alike = compared("--field", "email", "--compare", theirs(keys("uid2@1")))
    assert not alike["differs_in_encoding"]


def test_our_values_can_be_a_column_with_a_country_for_each_row(
    theirs: Callable[[Iterable[str]], str],
) -> None:
    sample = theirs([sha256("+493012345678"), sha256("+12125550123")])
    ours = "Id;Phone;Country\n1;030 12345678;DE\n2;(212) 555-0123;US\n3;;\n"
    found = compared(
        *("--field", "phone", "--compare", sample, "--profile", "google@1"),
        *("--column", "phone", "--country-column", "Country"),
        given=ours,
    )
    assert (found["values"], found["candidates"][0]["digests"]) == (2, 2)


def test_a_row_may_name_its_country_by_a_locale(
    theirs: Callable[[Iterable[str]], str], tmp_path: Path
) -> None:
    source = tmp_path / "ours.csv"
    source.write_text("Phone,Locale\n0151 12345678,de-DE\n", encoding="utf-8")
    sample = theirs([sha256("+4915112345678")])
    ours = ("--values", str(source), "--column", "Phone", "--country-column", "Locale")
    assert "plain@2" in compared("--field", "phone", "--compare", sample, *ours)["best"]


def test_our_values_can_be_a_file(theirs: Callable[[Iterable[str]], str], tmp_path: Path) -> None:
    ours = tmp_path / "ours.csv"
    ours.write_text("Mail\n" + "\n".join(EMAILS), encoding="utf-16")
    sample = theirs(keys("plain@1"))
    found = compared("--field", "email", "--compare", sample, "--values", str(ours), "--column", "Mail")
    assert found["values"] == 4


def test_lines_that_are_no_digest_are_counted(theirs: Callable[[Iterable[str]], str]) -> None:
    sample = theirs(
        ["email_sha256", "", *keys("plain@1"), "jane@example.com", "d41d8cd98f00b204e9800998ecf8427e"]
    )
    found = compared("--field", "email", "--compare", sample)
    assert found["unreadable_lines"] == 2
    assert found["lines"] == {"SHA-256 in hexadecimal": 4, "MD5 in hexadecimal": 1}


def test_neither_values_nor_digests_are_shown(theirs: Callable[[Iterable[str]], str]) -> None:
    result = run("--field", "email", "--compare", theirs(keys("plain@1")))
    assert result.exit_code == 0
    for secret in (*EMAILS, *keys("plain@1")):
        assert secret.lower() not in result.output.lower()


def test_no_match_at_all_ends_with_one_and_says_what_it_may_be(
    theirs: Callable[[Iterable[str]], str],
) -> None:
    result = run("--field", "email", "--compare", theirs([sha256("a stranger")]))
    assert result.exit_code == 1
    assert "salt" in result.stderr


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("--field", "email"), "--profile"),
        (("--field", "email", "--profile", "plain", "--column", "Mail"), "--compare"),
        (("--field", "shoe", "--compare", "FILE"), "defines no field"),
        (("--field", "email", "--compare", "FILE", "--profile", "facebook"), "no profile"),
        (("--field", "phone", "--compare", "FILE", "--country", "Freedonia"), "country"),
        (("--field", "phone", "--compare", "FILE", "--country-column", "C"), "--column"),
    ],
)
def test_wrong_usage_ends_with_two(
    args: tuple[str, ...], sentence: str, theirs: Callable[[Iterable[str]], str]
) -> None:
    file = theirs(keys("plain@1"))
    result = run(*(file if each == "FILE" else each for each in args))
    assert result.exit_code == 2
    assert sentence in result.output


def test_a_digest_is_told_from_its_length() -> None:
    assert parse_digest("not a digest") is None
    assert parse_digest("ab" * 20) == parse_digest("AB" * 20)
    assert parse_digest("ab" * 21) is None
