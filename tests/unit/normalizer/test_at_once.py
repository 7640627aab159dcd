"""What is read or compared for a whole column at once comes out as if it were done value by value."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import product
from urllib.parse import unquote

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.normalizer.columns.conversion import by_distinct_pair
from services.normalizer.columns.dates import to_timestamp
from services.normalizer.columns.hashed import to_match_key, to_match_key_by_country
from services.normalizer.columns.ownkeys import OwnKeys
from services.normalizer.columns.patterns import compiled
from services.normalizer.matchkeys import Digits, PhoneRule, rule_of

TIMES = ["%I:%M:%S %p", "%H:%M:%S", "%H:%M", "%p %I.%M", "%I%p", "%S-%M-%H", "T%H:%M", "%H:%M:%S.%f"]


def milliseconds(text: str, pattern: str) -> int | None:
    moment = compiled(pattern)(text)
    return None if moment is None else round((moment - datetime(1970, 1, 1)).total_seconds() * 1000)


def read_at_once(texts: list[str], pattern: str) -> list[int | None]:
    values: list[int | None] = (
        to_timestamp((pattern,), "UTC")(pa.array(texts, pa.string())).values.cast(pa.int64()).to_pylist()
    )
    return values


@pytest.mark.parametrize("time", TIMES)
def test_every_time_of_day_is_read_as_its_pattern_says(time: str) -> None:
    pattern = f"%Y-%m-%d {time}"
    numbers = ("0", "00", "1", "01", "9", "12", "13", "23", "24", "59", "60", "61")
    texts = [
        f"2026-03-01 {time}".replace("%", "")
        .replace("H", hour)
        .replace("I", hour)
        .replace("M", minute)
        .replace("S", second)
        .replace("f", "25")
        .replace("p", half)
        for hour, minute, second in product(numbers, numbers, numbers)
        for half in ("AM", "pm", "Pm", "A", "xm")
    ]

    assert read_at_once(texts, pattern) == [milliseconds(text, pattern) for text in texts]


@settings(deadline=None)
@given(texts=st.lists(st.text("0123456789:/ AMPamp\n\u00a0１", max_size=24), max_size=20))
def test_text_that_only_resembles_a_time_is_read_by_neither(texts: list[str]) -> None:
    pattern = "%m/%d/%Y %I:%M:%S %p"
    texts += ["1/2/2026 1:02:03  PM", "1/2/2026  1:02:03 PM", "1/2/2026 1:02:03 PM\n", "1/2/2026 1:02:03PM"]

    assert read_at_once(texts, pattern) == [milliseconds(text.strip(), pattern) for text in texts]


WORDS = st.lists(st.sampled_from(["sk12", "SK-12345", "ab", "0035500abc", "jane", "%30035500Abc", "x"]))


@settings(deadline=None)
@given(rows=st.lists(st.tuples(WORDS, WORDS), min_size=1), other_texts=st.sampled_from([0, 60]))
def test_own_keys_are_found_as_by_looking_at_each_row(
    rows: list[tuple[list[str], list[str]]], other_texts: int
) -> None:
    """Sixty texts more make the words of the batch many, which are compared in another way."""
    keys = ["-".join(key) for key, _ in rows] + [""] * other_texts
    texts = [" ".join(text) for _, text in rows] + [f"word{number}" for number in range(other_texts)]
    words = {word for text in texts for word in re.findall("[0-9a-z]{4,}", unquote(text).lower())}

    def shows(key: str, text: str) -> bool:
        first = re.search("[0-9a-z]{4,}", key.lower())
        return first is not None and first[0] in words and key.lower() in unquote(text).lower()

    shown = OwnKeys([pa.array(keys, pa.string())]).shown_in(pa.array(texts, pa.string()))

    expected = [shows(key, text) for key, text in zip(keys, texts, strict=True)]
    assert expected == (shown.to_pylist() if shown is not None else [False] * len(texts))


@settings(deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["030 901820", "(650) 253-0000", "4792813113", "1\x1f2", "", None]),
            st.sampled_from(["DE", "AT", "en_US", "Germany", "nowhere", "D\x1fE", "", None]),
        ),
        min_size=1,
    )
)
def test_pairs_of_a_number_and_its_country_give_what_each_row_gives(
    rows: list[tuple[str | None, str | None]],
) -> None:
    numbers = pa.array([number for number, _ in rows], pa.string())
    countries = pa.array([country for _, country in rows], pa.string())
    convert = to_match_key_by_country(rule_of("plain", "phone"), "US")

    each, distinct = convert(numbers, countries), by_distinct_pair(numbers, countries, convert)

    assert distinct.values.to_pylist() == each.values.to_pylist()
    invalid = [[] if made.invalid is None else made.invalid.to_pylist() for made in (each, distinct)]
    assert invalid[0] == invalid[1]


@settings(deadline=None)
@given(
    values=st.lists(
        st.text("0123456789+-() ./,eE#x\uff0b\uff10\u200b\u00a0\u0662\ufffd", max_size=20)
        | st.from_regex(r"\A\+?[0-9]{5,15}(?:[.,]0)?\Z"),
        min_size=1,
    ),
    profile=st.sampled_from(["plain@1", "plain@2", "google@2", "uid2@2"]),
    digits=st.sampled_from([None, "own_code", "international", "national", "strict"]),
    country=st.sampled_from(["US", "DE", "NO"]),
)
def test_phones_of_a_column_have_the_keys_that_each_has_alone(
    values: list[str], profile: str, digits: Digits | None, country: str
) -> None:
    rule = rule_of(profile, "phone")
    assert isinstance(rule, PhoneRule)
    rule = rule.reading_digits_as(digits)
    column, countries = pa.array(values, pa.string()), pa.array([country] * len(values), pa.string())

    named = to_match_key_by_country(rule, "US")(column, countries).values.to_pylist()
    by_default = to_match_key(rule, country)(column).values.to_pylist()

    assert named == [rule.key(value, country).match_key for value in values]
    assert by_default == [rule.key(value, None, country).match_key for value in values]
