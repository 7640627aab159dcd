"""``landfall match-key``: a value a line in, its key a line out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

import pytest
import typer
from typer.testing import CliRunner, Result

from landfall.commands.match_key import match_key

KEY = "86e0b9e56c17cc4d12387e1949b85053fbe73bc3ce5a1188713a9d300cc6133d"
PROGRAM = "import typer; from landfall.commands.match_key import match_key as m; typer.run(m)"


def run(given: bytes, *args: str) -> Result:
    app = typer.Typer()
    app.command("match-key")(match_key)
    return CliRunner().invoke(app, args, input=given)


def answers(given: bytes, *args: str) -> Sequence[dict[str, str | None]]:
    result = run(given, "--json", *args)
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


PLAIN_EMAIL = ("--profile", "plain", "--field", "email")


def test_a_value_comes_back_with_its_normal_form_and_key() -> None:
    assert answers(b" Jane.Doe@Example.com\n", *PLAIN_EMAIL) == [
        {
            "input": " Jane.Doe@Example.com",
            "normalized": "jane.doe@example.com",
            "match_key": KEY,
            "profile": "plain@2",
        }
    ]


@pytest.mark.parametrize(
    ("given", "shown"),
    [(b"\n", ""), (b"nobody\n", "nobody"), (b"a\xff\xfeb@example.com\n", "a\ufffd\ufffdb@example.com")],
)
def test_an_invalid_value_has_nulls(given: bytes, shown: str) -> None:
    assert answers(given, *PLAIN_EMAIL) == [
        {"input": shown, "normalized": None, "match_key": None, "profile": "plain@2"}
    ]


def test_every_line_has_its_answer_whatever_ends_it() -> None:
    found = answers(b"\xef\xbb\xbfa@example.com\r\n\r\nb@example.com", *PLAIN_EMAIL)
    assert [answer["normalized"] for answer in found] == ["a@example.com", None, "b@example.com"]


def test_the_country_is_that_of_all_values() -> None:
    found = answers(b"020 7031 3000\n", "--profile", "google", "--field", "phone", "--country", "gb")
    assert found[0]["normalized"] == "+442070313000"


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("--country", "DE"), "+4915112345678"),
        (("--default-country", "DE"), None),
        (("--default-country", "DE", "--digits", "international"), "+4915112345678"),
        (("--country", "DE", "--digits", "strict"), None),
        (("--country", "DE", "--digits", "national"), "+494915112345678"),
    ],
)
def test_digits_without_a_plus_are_read_as_a_recipe_would(
    args: tuple[str, ...], expected: str | None
) -> None:
    found = answers(b"4915112345678\n", "--profile", "plain", "--field", "phone", *args)
    assert found[0]["normalized"] == expected


def test_without_json_a_line_is_for_reading_and_cannot_rewrite_the_terminal() -> None:
    result = run(b"Jane.Doe@example.com\n\x1b[2Jnobody\n", *PLAIN_EMAIL)
    assert result.stdout == f"Jane.Doe@example.com\tjane.doe@example.com\t{KEY}\n\\x1b[2Jnobody\t-\t-\n"
    assert result.stderr == "plain@2, email\n"


def test_a_version_can_be_named() -> None:
    found = answers(b"a@example.com\n", "--profile", "plain@1", "--field", "email")
    assert found[0]["profile"] == "plain@1"


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("--profile", "facebook", "--field", "email"), "there is no profile 'facebook'; the profiles are"),
        (
            ("--profile", "google", "--field", "zip"),
            "the profile google@2 defines no field 'zip'; its fields are",
        ),
        ((*PLAIN_EMAIL, "--country", "Freedonia"), "the country is neither"),
        ((*PLAIN_EMAIL, "--default-country", "Freedonia"), "the default country is neither"),
    ],
)
def test_wrong_usage_ends_with_two_and_a_sentence(args: tuple[str, ...], sentence: str) -> None:
    result = run(b"jane@example.com\n", *args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_an_answer_does_not_wait_for_the_next_value() -> None:
    command = [sys.executable, "-c", PROGRAM, *PLAIN_EMAIL, "--json"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for name in ("a", "b"):
            process.stdin.write(f"{name}@example.com\n".encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["normalized"] == f"{name}@example.com"
        process.stdin.close()
    assert process.returncode == 0


def test_a_reader_that_has_seen_enough_ends_it_quietly() -> None:
    command = [sys.executable, "-c", PROGRAM, *PLAIN_EMAIL]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"a@example.com\n")
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(b"b@example.com\n")
        process.stdin.close()
        complaint = process.stderr.read()
    assert (process.returncode, complaint) == (0, b"plain@2, email\n")


@pytest.mark.parametrize("profile", ["plain@1", "plain@2"])
@pytest.mark.parametrize("country", ["DE", "deu", "Germany", "de-DE", "de_DE", " de-de "])
def test_a_country_is_read_as_in_a_row_of_a_file(profile: str, country: str) -> None:
    asked = ("--profile", profile, "--field", "phone", "--country", country)
    assert answers(b"0151 12345678", *asked)[0]["normalized"] == "+4915112345678"
