"""What holds for every value: compared with formulations of the rules that share no code with them."""

from __future__ import annotations

import base64
import hashlib
import re
import string
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.normalizer.matchkeys import ALL_PROFILES, PROFILES, match_key, match_keys, profile_of, rule_of
from services.normalizer.matchkeys.fillers import NULL_WORDS

RULES = [(name, field) for name, profile in ALL_PROFILES.items() for field in profile.rules]
VALUE_RULES = [(name, field) for name, field in RULES if not rule_of(name, field).needs_country]
NEWEST_RULES = [(name, field) for name in PROFILES for field in profile_of(name).rules]
_FLOAT = re.compile(r"\d+\.0+")
EXAMPLES = 400  # ten a rule, more or less
NOTHING = {"", "nan", "null", "none", "n/a", "#n/a", "<na>", "<null>", "(null)", "\\n", "undefined"}

# Whole Unicode, with the letters people's names and addresses are made of coming up often.
texts = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from("aZ09 .@-+_'\"<>()\t\u00a0äÖüßøÆéÑİıΣςłđœ\u0301\u0308ﬁ\u200b정\u2019&"),
    ),
    max_size=30,
)
countries = st.sampled_from([None, "US", "DE", "FR", "CA", "GB", "IN", "JP", "BR"])
ascii_texts = st.text(st.sampled_from(string.printable), max_size=20)
blanks = st.text(st.sampled_from(" \t\r\n\u00a0\u2003\u3000"), max_size=5)
addresses = st.builds(
    "{}@{}.{}".format,
    st.text(st.sampled_from("aBcZ09.+-_é"), min_size=1, max_size=12),
    st.sampled_from(["gmail", "GMAIL", "googlemail", "example", "Bücher"]),
    st.sampled_from(["com", "Com", "co.uk"]),
)


@settings(max_examples=EXAMPLES)
@given(rule=st.sampled_from(RULES), value=texts)
def test_a_key_is_the_digest_of_the_normalised_value_which_is_never_nothing(
    rule: tuple[str, str], value: str
) -> None:
    key = match_key(*rule, value, "US")
    if key.normalized is None:
        assert key.match_key is None
        return
    assert key.normalized not in NOTHING
    digest = hashlib.sha256(key.normalized.encode("utf-8"))
    base64_digest = base64.b64encode(digest.digest()).decode("ascii")
    assert key.match_key == (base64_digest if rule[0].startswith("uid2@") else digest.hexdigest())


@settings(max_examples=EXAMPLES)
@given(
    rule=st.sampled_from(RULES),
    blank=blanks,
    nothing=st.sampled_from(sorted(NOTHING)),
)
def test_nothing_has_no_key(rule: tuple[str, str], blank: str, nothing: str) -> None:
    written = (blank + nothing + blank, nothing.upper(), nothing.title())
    assert match_keys(*rule, written, default_country="US") == [None] * 3


@settings(max_examples=EXAMPLES)
@given(rule=st.sampled_from(VALUE_RULES), value=st.one_of(texts, addresses))
def test_normalising_twice_changes_nothing(rule: tuple[str, str], value: str) -> None:
    once = match_key(*rule, value).normalized
    assert once is None or match_key(*rule, once).normalized == once


@settings(max_examples=EXAMPLES)
@given(rule=st.sampled_from(RULES), value=ascii_texts)
def test_case_and_white_space_around_a_value_do_not_matter(rule: tuple[str, str], value: str) -> None:
    written = (value, value.upper(), value.lower(), f"\t {value}\u3000\n")
    assert len(set(match_keys(*rule, written, default_country="US"))) == 1


@settings(max_examples=EXAMPLES)
@given(rule=st.sampled_from(RULES), values=st.lists(st.one_of(st.none(), texts), max_size=6))
def test_many_values_are_treated_as_each_alone(rule: tuple[str, str], values: list[str | None]) -> None:
    alone = [match_key(*rule, value, "DE").match_key for value in values]
    assert match_keys(*rule, values, default_country="DE") == alone


@given(value=texts)
def test_damaged_text_has_no_key(value: str) -> None:
    damaged = f"a{value}\ufffd@example.com"
    keys = {match_key(*rule, damaged, "US").match_key for rule in RULES}
    assert keys == {None}


def expected(text: str) -> str | None:
    return None if text in NOTHING else text


def present(value: str) -> str:
    text = value.strip()
    return "" if "\ufffd" in text or text.lower() in NOTHING else text


def composed(value: str) -> str:
    visible = "".join(char for char in value if char not in "\u200b\u2060\ufeff")
    return unicodedata.normalize("NFC", visible).strip()


def lowered(value: str) -> str | None:
    """What plain makes of a name: compared with Python's own strip and lower in the tests before."""
    return match_key("plain", "first_name", value).normalized


@pytest.mark.parametrize("field", ["first_name", "last_name", "city", "state", "zip"])
@given(value=texts)
def test_plain_text_is_pythons_strip_and_lower_or_nothing(field: str, value: str) -> None:
    made = match_key("plain", field, value).normalized
    assert made in {None, unicodedata.normalize("NFC", composed(value).lower())}


@given(value=st.from_regex(r"[A-Za-zÀ-ÖØ-öø-ÿ]{3,12}( [A-Za-zÀ-ÖØ-öø-ÿ']{3,12})?", fullmatch=True))
def test_words_of_letters_are_always_names(value: str) -> None:
    expected = None if value.lower() in NULL_WORDS else value.lower()
    assert match_key("plain", "last_name", value).normalized == expected


@given(value=addresses)
def test_plain_and_meta_emails_are_pythons_strip_and_lower(value: str) -> None:
    local = value.lower().partition("@")[0]
    expected = value.lower() if any(char.isalnum() for char in local) else None
    assert match_key("plain", "email", value).normalized == expected
    assert match_key("meta", "email", value) == match_key("plain", "email", value)


@given(value=addresses)
def test_amazon_emails_keep_letters_digits_and_four_signs(value: str) -> None:
    kept = "".join(c for c in value.lower() if c.isalnum() or c in "_.@-")
    local = kept.partition("@")[0]
    expected = kept if any(char.isalnum() for char in local) else None
    assert match_key("amazon", "email", value).normalized == expected


@given(value=addresses)
def test_gmail_addresses_of_google_and_uid2(value: str) -> None:
    local, domain = value.lower().split("@")
    bare = local.split("+")[0].replace(".", "")
    for profile, domains in (("google", {"gmail.com", "googlemail.com"}), ("uid2", {"gmail.com"})):
        written = bare if domain in domains else local
        expected = f"{written}@{domain}" if any(char.isalnum() for char in written) else None
        assert match_key(profile, "email", value).normalized == expected


@given(value=texts)
def test_amazon_names_are_spelled_out_in_ascii(value: str) -> None:
    text = lowered(value) or ""
    for letter, spelled in [("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("ø", "o"), ("æ", "ae")]:
        text = text.replace(letter, spelled)
    kept = "".join(c for c in text if c in string.ascii_lowercase + string.digits)
    assert match_key("amazon", "first_name", value).normalized in {kept or None, lowered(kept)}


@given(value=texts)
def test_entity_resolution_names_and_cities_lose_accents_only(value: str) -> None:
    text = lowered(value) or ""
    letters, letters_and_digits = (
        "".join(c for c in unicodedata.normalize("NFD", written) if c in kept)
        for written, kept in (
            (text.replace("å", "aa"), string.ascii_lowercase),
            (text.replace("å", "aa"), string.ascii_lowercase + string.digits),
        )
    )
    assert match_key("entity-resolution", "last_name", value).normalized == lowered(letters)
    assert match_key("entity-resolution", "city", value).normalized == lowered(letters_and_digits)


@given(value=texts)
def test_meta_names_and_cities_lose_spaces_and_punctuation_only(value: str) -> None:
    kept = "".join(
        c
        for c in lowered(value) or ""
        if not c.isspace() and c not in string.punctuation and not unicodedata.category(c).startswith("P")
    )
    assert match_key("meta", "first_name", value).normalized in {kept, lowered(kept)}
    assert match_key("meta", "city", value) == match_key("meta", "first_name", value)


@settings(max_examples=EXAMPLES)
@given(rule=st.sampled_from(NEWEST_RULES), value=st.one_of(texts, addresses), country=countries)
def test_a_text_composed_or_decomposed_has_one_key(
    rule: tuple[str, str], value: str, country: str | None
) -> None:
    forms = {unicodedata.normalize(form, value) for form in ("NFC", "NFD")}
    assert len({match_key(*rule, form, country) for form in forms}) == 1


@settings(max_examples=EXAMPLES)
@given(
    rule=st.sampled_from([rule for rule in NEWEST_RULES if rule[1] == "email"]),
    parts=st.lists(st.text(st.sampled_from("aZ09.+-_é"), min_size=1, max_size=6), min_size=2, max_size=3),
    between=st.sampled_from(list(' \t\u00a0,;:"()<>[]\\@/?!#')),
)
def test_no_address_is_made_by_joining_what_stands_apart(
    rule: tuple[str, str], parts: list[str], between: str
) -> None:
    """Not even by the standards that drop characters: those of an address only, never what separates two."""
    made = match_key(*rule, f"a{between.join(parts)}b@example.com").normalized
    if between in "/?!#":
        assume(made is not None)
        assert made in {match_key(*rule, f"a{between.join(parts)}b@example.com").normalized}
    else:
        assert made is None


@settings(max_examples=EXAMPLES)
@given(
    rule=st.sampled_from([rule for rule in NEWEST_RULES if rule[1] not in {"phone", "email", "street"}]),
    number=st.integers(1, 99_999_999),
    zeros=st.integers(0, 3),
    point=st.sampled_from(".,"),
    country=countries,
)
def test_the_point_and_zeros_of_a_number_are_cut_and_never_joined(
    rule: tuple[str, str], number: int, zeros: int, point: str, country: str | None
) -> None:
    written = match_key(*rule, f"{number}{point}{'0' * zeros}", country)
    assert written == match_key(*rule, str(number), country)


@given(
    digits=st.integers(0, 9999).map("{:04d}".format),
    gaps=st.lists(st.sampled_from(["", " ", "-", ".", " - ", "\u00a0"]), min_size=3, max_size=3),
    prefix=st.sampled_from(["", "1", "+1", "1 ", "+1 ", "001 "]),
)
def test_punctuation_of_a_phone_number_does_not_matter(digits: str, gaps: list[str], prefix: str) -> None:
    written = f"{prefix}{gaps[0] if prefix else ''}650{gaps[1]}253{gaps[2]}{digits}"
    assume(not _FLOAT.fullmatch(written))  # which a spreadsheet may have written of another number
    assert match_key("plain", "phone", written, "US").normalized == f"+1650253{digits}"
