"""Hashed columns: which keys are made of which values, and what is counted as invalid."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
from base64 import b64encode

import pyarrow as pa
import pytest

from services.normalizer.columns.hashed import to_match_key, to_match_key_by_country
from services.normalizer.errors import RecipeInvalid
from services.normalizer.matchkeys import ALL_PROFILES, match_key, profile_of
from tests.unit.matchkeys.frozen import values
from tests.unit.normalizer.normalizing import Outcome, recipe_of, run


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def hashed(content: str, columns: str, pepper: bytes | None = None) -> Outcome:
    return run(content, recipe_of(columns), pepper=pepper)


def test_an_identifier_is_hashed_as_it_stands_but_for_outer_space() -> None:
    outcome = hashed('Key\n" Jane-1 "\n', "Key: {hash: identifier, required: true}")

    assert outcome.rows == [{"key_hash": sha256("Jane-1")}]


@pytest.mark.parametrize("pepper", [None, b"secret"])
def test_a_word_for_nothing_is_no_identifier_and_counted_as_invalid(pepper: bytes | None) -> None:
    columns = "Id: {type: bigint, required: true}\nKey: {hash: identifier}"

    outcome = hashed("Id,Key\n1,nan\n2,NULL\n3,None\n4, n/a \n5,\n6,Nanny\n", columns, pepper)

    assert [row["id"] for row in outcome.rows if row["key_hash"] is not None] == [6]
    assert outcome.account.invalid_by_column == {"key_hash": 4}


def test_a_pepper_makes_identifiers_keyed_and_leaves_match_keys_alone() -> None:
    columns = "Key: {hash: identifier, required: true}\nEmail: {hash: email}"

    outcome = hashed("Key,Email\nk,jane@x.example\n", columns, pepper=b"secret")

    assert outcome.rows == [
        {
            "key_hash": hmac.new(b"secret", b"k", "sha256").hexdigest(),
            "email_plain": sha256("jane@x.example"),
        }
    ]


def test_a_column_for_each_profile_comes_of_one_pass() -> None:
    columns = "Email: {hash: email, required: true, profiles: [plain, entity-resolution, uid2]}"

    outcome = hashed("Email\nJane.Roe+a@gmail.com\n", columns)

    assert outcome.rows == [
        {
            "email_plain": sha256("jane.roe+a@gmail.com"),
            "email_entity_resolution": sha256("jane.roea@gmail.com"),
            "email_uid2": b64encode(hashlib.sha256(b"janeroe@gmail.com").digest()).decode(),
        }
    ]


def test_what_can_not_be_normalised_is_null_and_counted_by_output_column() -> None:
    columns = "Id: {type: bigint, required: true}\nEmail: {hash: email, profiles: [plain, uid2]}"

    outcome = hashed('Id,Email\n1,nobody\n2,\n3," "\n4,a@b.example\n', columns)

    assert [row["email_plain"] is None for row in outcome.rows] == [True, True, True, False]
    assert outcome.account.invalid_by_column == {"email_plain": 1, "email_uid2": 1}


NUMBERS = [("030 901820", "DE"), ("(650) 253-0000", ""), ("+44 20 7031 3000", "FR"), ("020 7031 3000", "GB")]


def phone() -> str:
    return "Phone: {hash: phone, required: true, country: [Country, Locale], default_country: US}"


def test_a_phone_is_read_by_its_rows_country_and_else_by_the_default() -> None:
    rows = "".join(f"{number},{country}\n" for number, country in NUMBERS)

    outcome = hashed("Phone,Country\n" + rows, phone())

    assert outcome.column("phone_plain") == [
        match_key("plain", "phone", number, country or "US").match_key for number, country in NUMBERS
    ]
    assert None not in outcome.column("phone_plain")


def test_the_same_number_in_two_countries_has_two_keys() -> None:
    outcome = hashed("Phone,Country\n030 901820,DE\n030 901820,AT\n", phone())

    assert len(set(outcome.column("phone_plain"))) == 2


@pytest.mark.parametrize("locale", ["de-DE", "de_DE", "DE", "Germany"])
def test_a_country_may_be_written_as_a_locale_or_a_name(locale: str) -> None:
    outcome = hashed(f"Phone,Locale\n030 901820,{locale}\n", phone())

    assert outcome.column("phone_plain") == [sha256("+4930901820")]


def test_without_a_country_column_the_default_holds() -> None:
    assert hashed("Phone\n(650) 253-0000\n", phone()).column("phone_plain") == [sha256("+16502530000")]


def test_digests_of_the_source_are_passed_on_in_lower_case_if_they_look_like_one() -> None:
    digest = sha256("jane@x.example")
    columns = "Id: {type: bigint, required: true}\nEmail: {hash: email, already_hashed: amazon}"

    outcome = hashed(f"Id,Email\n1,{digest.upper()}\n2,jane@x.example\n3,\n4,{digest[:-1]}\n", columns)

    assert outcome.column("email_amazon") == [digest, None, None, None]
    assert outcome.account.invalid_by_column == {"email_amazon": 2}


def test_uid2_digests_of_the_source_keep_their_case() -> None:
    digest = b64encode(hashlib.sha256(b"janeroe@gmail.com").digest()).decode()
    columns = "Email: {hash: email, already_hashed: uid2, required: true}"

    assert hashed(f"Email\n{digest}\n", columns).column("email_uid2") == [digest]


def test_an_invalid_match_key_can_reject_its_row() -> None:
    recipe = recipe_of("Email: {hash: email, required: true, on_invalid: reject}", max_rejected="1")

    assert run("Email\nnobody\na@b.example\n", recipe).rejects == [(2, "invalid:email_plain", b"nobody")]


PLACEHOLDERS = "placeholders: [kein Wert, 'José', nomail@example.com]"


def test_placeholders_are_no_values_whatever_their_case_form_and_outer_space() -> None:
    columns = f"Id: {{type: bigint, required: true}}\nName: {{hash: last_name, {PLACEHOLDERS}}}"

    outcome = hashed("Id,Name\n1, KEIN WERT \n2,JOSE\u0301\n3,Kein\n4,\n5,n/a\n", columns)

    assert [row["id"] for row in outcome.rows if row["last_name_plain"] is not None] == [3]
    assert outcome.account.invalid_by_column == {"last_name_plain": 3}


@pytest.mark.parametrize(
    ("fate", "column"),
    [
        ("hash: identifier", "v_hash"),
        ("hash: email", "email_plain"),
        ("hash: email, already_hashed: plain", "email_plain"),
        ("hash: phone, country: Country", "phone_plain"),
        ("hash: zip, profiles: [amazon], country: Country", "zip_amazon"),
    ],
)
def test_every_hashed_column_can_have_placeholders(fate: str, column: str) -> None:
    known = sha256("nomail@example.com")
    values = ["nomail@example.com", known, "+442070313000", "94105"]
    columns = "Id: {type: bigint, required: true}\nCountry: drop\nV: {" + fate + "%s}"
    content = "Id,Country,V\n" + "".join(f"{row},US,{value}\n" for row, value in enumerate(values))

    before = hashed(content, columns % "")
    named = hashed(content, columns % f", placeholders: {values}")

    assert before.column(column).count(None) < len(values)
    assert named.column(column) == [None] * len(values)
    assert named.account.invalid_by_column == {column: len(values)}


def test_placeholders_change_the_fingerprint_only_where_there_are_any() -> None:
    none = recipe_of("V: {hash: email, required: true}")
    empty = recipe_of("V: {hash: email, required: true, placeholders: []}")
    some = recipe_of("V: {hash: email, required: true, placeholders: nomail@example.com}")

    assert none.fingerprint == empty.fingerprint != some.fingerprint
    with pytest.raises(RecipeInvalid, match="an empty text has no key anyway"):
        recipe_of("V: {hash: email, required: true, placeholders: ['', x]}")


@pytest.mark.parametrize("profile", ALL_PROFILES)
def test_a_column_has_the_keys_that_match_key_shows_of_each_value(profile: str) -> None:
    """Everyday values take another path than odd ones: 1,500 hostile values, all of which must agree."""
    hostile = values()
    column = pa.array(hostile, pa.string())
    for field, rule in ALL_PROFILES[profile].rules.items():
        for country in ("US", "DE") if rule.needs_country else (None,):
            if country is None:
                made = to_match_key(rule, None)(column)
            else:
                rows = pa.array([country] * len(hostile), pa.string())
                made = to_match_key_by_country(rule, None)(column, rows)
            alone = [match_key(profile, field, value, country).match_key for value in hostile]
            assert made.values.to_pylist() == alone, field


def test_a_file_has_the_keys_that_match_key_shows_of_each_value() -> None:
    hostile = [value for value in values() if value.strip() and "\x00" not in value and "\ufffd" not in value]
    fields = sorted(set(profile_of("plain").rules) - {"phone"})
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(
        [["Id", *fields], *([n, *[v] * len(fields)] for n, v in enumerate(hostile))]
    )
    columns = "Id: {type: bigint, required: true}\n" + "".join(
        f"{field}: {{hash: {field}, profiles: [plain@2]}}\n" for field in fields
    )

    outcome = hashed(text.getvalue(), columns)

    assert len(outcome.rows) == len(hostile)
    for field in fields:
        assert outcome.column(f"{field}_plain") == [
            match_key("plain@2", field, v).match_key for v in hostile
        ], field
