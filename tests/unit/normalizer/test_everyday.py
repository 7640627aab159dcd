"""Columns normalised all at once: nothing but speed may differ from the rules applied value by value."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.normalizer.columns.arrays import trimmed
from services.normalizer.columns.digests import sha256_hex
from services.normalizer.columns.normalised import identifiers, normalised
from services.normalizer.matchkeys import ALL_PROFILES, ValueRule, rule_of
from services.normalizer.matchkeys.fillers import NULL_WORDS
from services.normalizer.matchkeys.shape import LONGEST, Shape
from services.normalizer.matchkeys.shapes import EVERYDAY
from services.normalizer.matchkeys.text import NOTHING, lowered, present
from services.normalizer.matchkeys.version1.shapes import EVERYDAY as EVERYDAY_OF_VERSION_1

RULES = [
    pytest.param(rule, id=f"{name}-{field}")
    for name, profile in ALL_PROFILES.items()
    for field in profile.rules
    if isinstance(rule := rule_of(name, field), ValueRule)
]
SHAPED = [
    pytest.param(rule, shape, id=f"{rule.__module__}.{rule.__name__}".rpartition("matchkeys.")[2])
    for rule, shape in {**EVERYDAY, **EVERYDAY_OF_VERSION_1}.items()
]
EVERY_CHARACTER = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]

# Nearly everyday: what stands at the edge of a shape, and what takes a value out of it.
near = st.text(st.sampled_from("aZ9 .@@-+_'<>(),:;\"\\\t\x7f\x00éİΣß\ufffd\u200b\u00a0"), max_size=12)
addresses = st.builds(
    "{}{}@{}.{}{}".format,
    st.sampled_from(["", " ", "é"]),
    st.text(st.sampled_from("aZ9.+-_'"), max_size=8),
    st.sampled_from(["gmail", "GMail", "googlemail", "GoogleMail", "mail.example", "-", "", "a_b"]),
    st.sampled_from(["com", "COM", "com.", "co.uk", "c", ""]),
    st.sampled_from(["", "\n", ";"]),
)
values = st.one_of(near, addresses, st.text(max_size=8), st.sampled_from(sorted(NOTHING | NULL_WORDS)))


@pytest.mark.parametrize("rule", RULES)
@given(column=st.lists(st.none() | values, max_size=8))
def test_a_column_is_written_as_the_rule_writes_each_value(rule: ValueRule, column: list[str | None]) -> None:
    text = trimmed(pa.array([value and value.upper() for value in column] + column, pa.string()))

    assert normalised(text, rule).to_pylist() == rule.normalise_many(text.to_pylist())


@pytest.mark.parametrize(("rule", "shape"), SHAPED)
@given(data=st.data())
def test_a_rule_only_lower_cases_what_has_its_everyday_shape(
    rule: Callable[[str], str | None], shape: Shape, data: st.DataObject
) -> None:
    value = data.draw(st.from_regex(shape.whole, fullmatch=True))
    exempt = shape.exempt is not None and re.search(shape.exempt, value) is not None
    assume(len(value) <= LONGEST and value.lower() not in shape.nothing and not exempt)

    assert rule(value) == value.lower()


def test_postal_codes_that_begin_with_zeros_or_nines_need_no_rule() -> None:
    """A rule costs ten times what a shape does: one such code in a hundred would be felt."""
    shape = re.compile(EVERYDAY[lowered].whole)
    codes = [f"{number:05d}" for number in range(100_000)]

    assert [code for code in codes if not shape.fullmatch(code)] == ["00000", "99999"]
    assert all(lowered(code) == code for code in codes if shape.fullmatch(code))


@pytest.mark.parametrize("rule", RULES)
def test_the_longest_address_and_one_byte_more(rule: ValueRule) -> None:
    text = pa.array([f"{'A' * (LONGEST - 10 + more)}@b.example" for more in range(3)], pa.string())

    assert normalised(text, rule).to_pylist() == rule.normalise_many(text.to_pylist())


def test_every_character_around_within_and_for_itself_makes_the_same_identifier() -> None:
    column = [form for char in EVERY_CHARACTER for form in (char, f"{char}k{char}", f"k{char}k")]

    assert identifiers(trimmed(pa.array(column, pa.string()))).to_pylist() == [
        present(value) for value in column
    ]


def test_no_word_for_nothing_makes_an_identifier_in_any_case() -> None:
    column = [form for word in sorted(NOTHING) for form in (word, word.upper(), f" {word.title()} ")]

    assert identifiers(trimmed(pa.array(column, pa.string()))).null_count == len(column)


def test_only_ascii_letters_make_a_word_for_nothing() -> None:
    """So that lower case of ASCII alone finds all that ``str.lower`` finds."""
    letters = set("".join(NOTHING))

    assert not [char for char in EVERY_CHARACTER if not char.isascii() and char.lower() in letters]


@given(column=st.lists(st.none() | st.text(), max_size=8))
def test_digests_of_a_column_are_those_of_its_values(column: list[str | None]) -> None:
    assert sha256_hex(pa.array(column, pa.string())).to_pylist() == [
        None if value is None else hashlib.sha256(value.encode()).hexdigest() for value in column
    ]


@given(column=st.lists(st.none() | st.text(), min_size=3, max_size=8))
def test_a_part_of_a_column_is_hashed_as_that_part(column: list[str | None]) -> None:
    text = pa.array(column, pa.string())

    assert sha256_hex(text[1:-1]).to_pylist() == sha256_hex(text).to_pylist()[1:-1]
